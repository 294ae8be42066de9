"""Problems as data, their text, and where a setting was written."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from flask_cors_policy import Policy, PolicyError, Problem
from flask_cors_policy.core.errors import shown
from flask_cors_policy.core.settings import Report, Setting, did_you_mean, raw_options
from tests.helpers import problems


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "'plain'"),
        (None, "None"),
        ("a\r\nb", r"'a\r\nb'"),
        ("\x1b[31mred", r"'\x1b[31mred'"),
        ("bücher", r"'b\xfccher'"),
        (b"\xff", r"b'\xff'"),
        (["x", 7], "['x', 7]"),
        ("x" * 78, f"'{'x' * 78}'"),
        ("x" * 79, f"'{'x' * 79}..."),
    ],
)
def test_shown_value_is_escaped(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    "value", ["x" * 10**6, "\x00" * 100, "\U0001f600" * 100, b"\xff" * 10**6, [1] * 999]
)
def test_shown_value_is_cut_after_it_was_escaped(value: object) -> None:
    assert len(shown(value)) == 80 + len("...")
    assert len(shown(value, 10)) == 10 + len("...")
    assert shown(value).isascii()
    assert shown(value).isprintable()


def test_problem_holds_what_a_user_needs() -> None:
    (problem,) = problems(origins="https://a.com/")
    assert problem == Problem(
        setting="origins",
        value="https://a.com/",
        reason="origin-path",
        message="An origin ends after host and port: no path, not even a slash.",
        hint='Write "https://a.com".',
    )
    assert str(problem) == (
        "origins = 'https://a.com/': An origin ends after host and port: no path, not "
        'even a slash. Write "https://a.com". [origin-path]'
    )


@pytest.mark.parametrize(
    ("written", "items"),
    [
        (
            "https://a.example, https://b.example",
            '"https://a.example", "https://b.example"',
        ),
        (
            "'https://a.example/';'http://B.example:80'",
            '"https://a.example", "http://b.example"',
        ),
        ("https://a.example,", '"https://a.example"'),
        ("https://a.example, some host", '"...", "..."'),
        ("https://a.example," * 999, '"...", "..."'),
        (",", '"...", "..."'),
    ],
    ids=["two", "quoted", "a comma too many", "no origin", "long", "nothing"],
)
def test_the_hint_for_several_origins_in_one_item_has_those_that_were_written(
    written: str, items: str
) -> None:
    (problem,) = problems(origins=[written])
    assert problem.reason == "origin-list"
    assert problem.hint == f"Write each as an item of its own: [{items}]."


@pytest.mark.parametrize(
    ("value", "begins"), [(7, "An int is not"), (7.5, "A float is not")]
)
def test_a_type_has_its_article(value: object, begins: str) -> None:
    (problem,) = problems(origins="*", methods=value)
    assert problem.message.startswith(begins)


def test_problem_of_an_unknown_reason_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        Problem("origins", "x", "no-such-reason", "", "")


def test_error_lists_every_problem_on_a_line_of_its_own() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(origins=["a.com", "https://b.com/"])
    lines = str(caught.value).splitlines()
    assert lines[0] == "2 problems in the CORS policy:"
    assert lines[1:] == [f"  {problem}" for problem in caught.value.problems]
    with pytest.raises(PolicyError, match=r"^1 problem in the CORS policy:\n"):
        Policy(origins="a.com")


def test_error_cannot_be_used_to_forge_output() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(origins=["https://a.com\n\x1b[2J fine", "b" * 10**6])
    assert str(caught.value).count("\n") == 2
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_error_is_a_value_error_and_survives_pickling() -> None:
    with pytest.raises(ValueError, match="origin-path") as caught:
        Policy(origins="https://a.com/")
    error = caught.value
    assert isinstance(error, PolicyError)
    twin = pickle.loads(pickle.dumps(error))
    assert (twin.problems, str(twin)) == (error.problems, str(error))


def test_setting_is_named_as_it_was_typed() -> None:
    options: dict[str, Any] = {"origins": [1], "max_age": 2}
    assert raw_options(options) == {
        "origins": Setting([1], "origins"),
        "max_age": Setting(2, "max_age"),
    }
    assert raw_options(options, "CORS_POLICIES['x']") == {
        "origins": Setting([1], "CORS_POLICIES['x']['origins']"),
        "max_age": Setting(2, "CORS_POLICIES['x']['max_age']"),
    }
    assert Setting([1], "CORS_ORIGINS").item(2, 7) == Setting(7, "CORS_ORIGINS[2]")


def test_iterator_is_copied_because_it_can_be_read_only_once() -> None:
    setting = raw_options({"origins": iter(["a", "b"])})["origins"]
    assert list(setting.value) == list(setting.value) == ["a", "b"]


def test_report_takes_over_each_finding_once() -> None:
    first = Problem("a", 1, "wrong-type", "Wrong.", "Right.")
    second = Problem("b", 1, "wrong-type", "Wrong.", "Right.")
    report = Report()
    report.raise_problems()
    report.add(problems=[first], warnings=[second])
    report.add(problems=[first, second], warnings=[second])
    assert report.problems == [first, second]
    assert report.warnings == [second]
    with pytest.raises(PolicyError) as caught:
        report.raise_problems()
    assert caught.value.problems == (first, second)


def test_suggestion_is_the_nearest_name_or_all_of_them() -> None:
    assert did_you_mean("partner", ["public", "partners"]) == 'Did you mean "partners"?'
    assert did_you_mean("zzz", ["b", "a"]) == "There are: a, b."


def test_value_is_shown_at_once_however_many_items_it_has() -> None:
    class Item:
        shown = 0

        def __repr__(self) -> str:
            Item.shown += 1
            return "item"

    assert shown([Item()] * 1_000_000).endswith("...")
    assert Item.shown <= 81
