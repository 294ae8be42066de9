"""What ``report_only`` and ``report_file`` tell, while no response changes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import CORS, PolicyError, cross_origin
from flask_cors_policy.refusals import Refusal
from tests.helpers import preflight_headers

from .helpers import EVIL, A, B, allowed
from .sites import Site
from .test_refusal_signal import received


@contextmanager
def told(site: Site) -> Iterator[list[tuple[str, str, str]]]:
    """Note origin, reason and route of what only the second policy denies."""
    found: list[tuple[str, str, str]] = []
    with received(site.app) as refusals:
        yield found
    found += [
        (str(each.origin), each.reason, each.route)
        for each in refusals
        if each.report_only
    ]
    assert len(found) == len(refusals)


def lines(file: Path) -> list[dict[str, Any]]:
    text = file.read_text() if file.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("in_config", [False, True])
def test_what_the_second_policy_would_refuse_is_told_and_served(
    in_config: bool, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site()
    site.add("/x", "x", "GET", "PUT")
    if in_config:
        site.app.config["CORS_REPORT_ONLY"] = {"origins": A}
        CORS(site.app, origins="*")
    else:
        CORS(site.app, origins="*", report_only={"origins": A})
    with told(site) as found, caplog.at_level(logging.WARNING, "flask_cors_policy"):
        assert site.visit("/x", origin=A) == (200, allowed("*"), ["x"])
        assert site.visit("/x", origin=EVIL) == (200, allowed("*"), ["x"])
        assert site.ask("/x", "PUT", EVIL).status == 204
    assert found == [
        (EVIL, "origin-not-allowed", "GET /x"),
        (EVIL, "origin-not-allowed", "PUT /x"),
    ]
    assert [each.__dict__["cors_report_only"] for each in caplog.records] == [True] * 2


def test_marks_and_path_rules_inherit_from_the_second_policy_as_from_the_first() -> (
    None
):
    site = Site()
    site.add("/api/x", "x")
    site.add("/marked", "marked", mark=cross_origin(expose_headers="X-A"))
    site.add("/own", "own", mark=cross_origin(origins=[A, B]))
    blueprint = Blueprint("bp", __name__)
    CORS(blueprint, max_age=5)
    blueprint.add_url_rule("/bp", "view", site.view("bp"))
    site.app.register_blueprint(blueprint)
    resources = {"/api/*": {"max_age": 7}, "/api/open/*": {"origins": "*"}}
    site.add("/api/open/x", "open")
    CORS(site.app, origins=[A, B], resources=resources, report_only={"origins": A})
    with told(site) as found:
        for path in ("/api/x", "/marked", "/own", "/bp", "/api/open/x"):
            assert site.visit(path, origin=B).status == 200
    assert [route for _, _, route in found] == ["GET /api/x", "GET /marked", "GET /bp"]


def test_enforce_under_report_only_refuses_nothing() -> None:
    site = Site()
    site.add("/x", "x", "POST")
    CORS(site.app, origins=A, report_only={"enforce": True})
    with received(site.app) as refusals:
        assert site.visit("/x", "POST", EVIL).ran == ["x"]
    assert [(each.report_only, each.by) for each in refusals] == [
        (False, "browser"),
        (True, "server"),
    ]


@pytest.mark.parametrize(
    ("options", "mistake"),
    [
        ({"report_only": {"orgins": A}}, "CORS(app): report_only['orgins']"),
        ({"report_only": A}, "CORS(app): report_only"),
        ({"report_only": {"supports_credentials": True}}, "CORS(app): origins"),
        ({"report_file": 7}, "CORS(app): report_file"),
        ({"report_file": "/no/such/folder/x"}, "CORS(app): report_file"),
        ({"refusal_response": "no"}, "CORS(app): refusal_response"),
    ],
)
def test_mistakes_are_told_at_start(options: Any, mistake: str) -> None:
    with pytest.raises(PolicyError) as caught:
        CORS(Flask("x"), origins="*", **options)
    assert mistake in [problem.setting for problem in caught.value.problems]


def test_a_mistake_that_the_second_policy_makes_of_a_mark_is_told() -> None:
    site = Site()
    site.add("/x", "x", mark=cross_origin(supports_credentials=True))
    cors = CORS(site.app, origins=A, report_only={"origins": "*"})
    with pytest.raises(PolicyError, match="origin-wildcard-credentials"):
        cors.check()


def test_none_counts_as_left_out() -> None:
    site = Site()
    site.add("/x", "x")
    CORS(site.app, origins=A, report_only=None, report_file=None, refusal_response=None)
    assert site.visit("/x") == (200, allowed(A), ["x"])


@pytest.mark.parametrize("option", ["report_only", "report_file", "refusal_response"])
def test_a_blueprint_has_none_of_its_own(option: str) -> None:
    options: dict[str, Any] = {option: None}
    with pytest.raises(PolicyError, match="belongs to an application") as caught:
        CORS(Blueprint("bp", __name__), resources={}, **options)
    hints = {problem.hint for problem in caught.value.problems}
    assert f"Write CORS(app, {option}=...)." in hints


def test_the_file_names_the_rule_and_never_the_path(tmp_path: Path) -> None:
    site = Site()
    file = tmp_path / "asked.json"
    site.add("/items/<int:item>", "items", "GET", "PUT")
    site.app.config["CORS_REPORT_FILE"] = file
    CORS(site.app, origins=A)
    site.ask("/items/7?secret=1", "PUT", A)
    site.visit("/items/7?secret=1", "PUT", A, {"Cookie": "a=b"})
    site.visit("/none?secret=1", "GET", A)
    assert [
        (line["kind"], line["method"], line["route"], line["cookies"])
        for line in lines(file)
    ] == [
        ("preflight", "PUT", "/items/<int:item>", False),
        ("actual", "PUT", "/items/<int:item>", True),
        ("actual", "GET", "", False),
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_new_policies_go_on_with_the_same_file(tmp_path: Path) -> None:
    site = Site()
    file, other = tmp_path / "one.json", tmp_path / "other.json"
    site.add("/x", "x")
    cors = CORS(site.app, origins=A, report_file=str(file))
    for _ in range(2):
        site.visit("/x")
        cors.reconfigure(origins=[A, B])
    assert len(lines(file)) == 1
    cors.reconfigure(report_file=str(other))
    site.visit("/x")
    assert (len(lines(file)), len(lines(other))) == (1, 1)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "origins": st.sampled_from([A, [A, B], "https://*.a.example"]),
        "methods": st.sampled_from(["GET", ["GET", "PUT"]]),
        "supports_credentials": st.booleans(),
        "expose_headers": st.just("X-A"),
        "enforce": st.booleans(),
    },
)
REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["/x", "/marked", "/none", "/fails"]),
        st.sampled_from(["GET", "PUT", "POST", "OPTIONS", "HEAD"]),
        st.sampled_from([None, A, B, EVIL, "null"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def reported_site(file: Path | None, options: Any, second: Any) -> Site:
    site = Site()
    site.add("/x", "x", "GET", "PUT")
    site.add("/marked", "m", "GET", "POST", mark=cross_origin(max_age=5))
    site.app.add_url_rule("/fails", "fails", lambda: {"y": "1"}["x"])
    more = {} if file is None else {"report_file": str(file), "report_only": second}
    given: dict[str, Any] = {"origins": [A, B], **options, **more}
    CORS(site.app, **given)
    return site


@given(options=OPTIONS, second=OPTIONS, requests=REQUESTS)
def test_responses_are_the_same_byte_for_byte(
    options: Any, second: Any, requests: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With both, a receiver that raises, and without."""
    file = tmp_path_factory.getbasetemp() / "asked.json"
    plain = reported_site(None, options, None)
    reported = reported_site(file, options, second)
    with received(reported.app), failing(reported.app):
        for path, method, origin, is_preflight in requests:
            headers = preflight_headers(origin or A, "PUT") if is_preflight else {}
            sent = path, "OPTIONS" if is_preflight else method, origin, headers
            one, two = plain.send(*sent), reported.send(*sent)
            assert (one.status, list(one.headers), one.data) == (
                two.status,
                list(two.headers),
                two.data,
            )
    assert plain.ran == reported.ran


@contextmanager
def failing(app: Flask) -> Iterator[None]:
    """Have a receiver of every refusal raise."""
    from flask_cors_policy import cors_refused

    def receive(_: Flask, refusal: Refusal) -> None:
        raise RuntimeError(refusal.reason)

    with cors_refused.connected_to(receive, app):
        yield


def test_a_late_mark_that_the_second_policy_cannot_have_is_served_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Site()
    site.add("/x", "x")
    CORS(site.app, origins=A, report_only={"supports_credentials": True})
    assert site.visit("/x").cors == allowed(A)
    cross_origin(origins="*")(site.app.view_functions["x"])
    assert site.visit("/x", origin=EVIL) == (200, allowed("*"), ["x"])
    codes = [each.__dict__["cors_reason"] for each in caplog.records]
    assert codes == ["report-failed"]


@pytest.mark.parametrize("methods", [["PUT"], []])
def test_methods_of_the_second_policy_count_where_the_first_lists_those_of_routes(
    methods: list[str],
) -> None:
    site = Site()
    site.add("/x", "x", "DELETE")
    CORS(site.app, origins=A, report_only={"methods": methods})
    with told(site) as found:
        assert site.ask("/x", "DELETE", A).status == 204
    assert found == [(A, "method-not-allowed", "DELETE /x")]
