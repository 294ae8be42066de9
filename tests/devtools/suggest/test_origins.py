"""``suggest``: how origins stand in a suggestion, and which doubts stand with them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.helpers import A, B

from .helpers import about, hidden, line, settings, text, used


def test_origins_stand_with_counts_dates_and_routes_the_most_frequent_first() -> None:
    lines = [
        line(origin=B),
        *(line(day=f"2026-11-0{day}") for day in range(1, 4)),
        line(route="/me", requests=1),
    ]
    printed = text(lines)
    assert hidden(printed) == [A, B]
    assert "10 requests on 4 days from 2026-11-01 to 2026-11-28" in about(printed, A)
    assert 'Routes: "/items", "/me"' in about(printed, A)


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([1], 1),
        ([1, 3], 3),
        ([3], 3),
        ([1, 1, 3], 4),
        ([1, 3, 1, 3], 6),
        ([1, 3, 3], 6),
    ],
)
def test_a_line_of_a_third_request_stands_for_those_before_it(
    requests: list[int], expected: int
) -> None:
    printed = text(line(requests=each) for each in requests)
    assert f"# {expected} request" in about(printed, A)


@pytest.mark.parametrize(
    ("origin", "doubt"),
    [
        ("null", "any site can send null"),
        ("http://app.example.com", "plain http: anyone on the network"),
        ("http://localhost:3000", "this is each visitor's own machine"),
        (
            "https://alice.github.io",
            "public suffix: anyone can get a host under github",
        ),
        ("https://github.io", "public suffix: anyone can get a host under this one"),
        ("ws://app.example.com", "no policy takes it: origin-scheme"),
        ("https://xn--0.com", "no policy takes it: origin-punycode"),
    ],
)
def test_origins_stand_with_their_doubts(origin: str, doubt: str) -> None:
    printed = text([line(origin=origin), line(origin=B, requests=1)])
    assert hidden(printed) == [origin, B]
    assert f"# Doubt: {doubt}" in about(printed, origin)


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"requests": 1}, "noted once"),
        ({"verdict": "origin-not-allowed"}, "refused until now"),
    ],
)
def test_origins_stand_with_doubts_about_their_requests(
    fields: dict[str, Any], doubt: str
) -> None:
    assert f"Doubt: {doubt}" in text([line(**fields)])


def test_an_origin_without_doubts_has_none() -> None:
    origins = ["https://app.example.com", "https://www.shop.co.uk", "https://10.0.0.7"]
    assert "Doubt" not in text(line(origin=origin) for origin in origins)


@pytest.mark.parametrize(
    ("origin", "resemblance"),
    [
        ("http://app.example.com", "differs only in scheme or port from"),
        ("https://app.example.com:8443", "differs only in scheme or port from"),
        ("https://app.example.net", "has the same name under another suffix as"),
        ("https://app.examp1e.com", "can be taken for"),
        ("https://app.exarnple.com", "can be taken for"),
        ("https://app.xn--exmple-4nf.com", "can be taken for"),
        ("https://app.exampel.com", "is spelled almost like"),
        ("https://app.examplee.com", "is spelled almost like"),
        ("https://app.example.com.evil.net", "holds the domain, but"),
    ],
)
@pytest.mark.parametrize("known", ["named", "listed", "more frequent"])
def test_an_origin_that_resembles_a_known_one_stands_with_that_doubt(
    origin: str, resemblance: str, known: str
) -> None:
    real = "https://app.example.com"
    lines = [
        line(origin=origin),
        line(origin=real),
        line(origin=real, day="2026-11-27"),
    ]
    named = [real] if known == "named" else []
    listed = [real] if known == "listed" else []
    if known == "listed":
        del lines[1:]
    printed = text(lines, *named, listed=listed)
    found = re.search(f'Doubt: {resemblance}.* "{re.escape(real)}"', printed)
    assert found is not None, printed
    assert found[0] in about(printed, origin)
    assert "Doubt" not in about(printed, real)


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.example.com",
        "https://app2.example.com",
        "https://app.something-else.com",
        "https://app.exa.com",
        "https://10.0.0.7",
    ],
)
def test_other_origins_resemble_none(origin: str) -> None:
    assert "Doubt" not in text([line(origin=origin)], "https://app.example.com")


def test_short_names_resemble_only_what_a_reader_takes_for_them() -> None:
    lines = [line(origin="https://abc.com"), line(origin="https://abd.com")]
    assert "Doubt" not in text(lines)
    assert "can be taken for" in text([*lines, line(origin="https://a-bc.com")])


def test_a_pattern_can_be_named_and_counts_for_what_it_covers() -> None:
    lines = [
        *used("PUT", "x-a", origin="https://a.preview.example.com"),
        *used("PUT", "x-a", origin="https://b.preview.example.com"),
        line(origin="https://preview.example.com"),
    ]
    printed = text(lines, "https://*.preview.example.com")
    assert settings(printed)["origins"] == ["https://*.preview.example.com"]
    assert settings(printed)["methods"] == ["PUT"]
    assert "12 requests" in about(printed, "https://*.preview.example.com")
    assert hidden(printed) == ["https://preview.example.com"]


def test_a_named_pattern_over_a_public_suffix_stands_with_that_doubt() -> None:
    printed = text([line()], "https://*.github.io")
    assert "# Doubt: public suffix" in about(printed, "https://*.github.io")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("null", "--origin null: any site can send it"),
        ("*", "--origin [*]: "),
        ("https://app.example.com/", 'Write "https://app.example.com"'),
        ("^https://", "--origin .https://: "),
    ],
)
def test_what_no_policy_should_list_cannot_be_named(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        text([line()], name)


def test_a_named_origin_that_never_came_is_active_and_says_so() -> None:
    printed = text([line()], B)
    assert settings(printed)["origins"] == [B]
    assert "# Never came" in about(printed, B)


def test_listed_origins_that_never_came_are_told() -> None:
    printed = text([line()], listed=[A, B, "https://*.example.com", "*"])
    assert f'# Listed today, and never came: "{B}"' in printed
    assert printed.count("never came") == 1


def test_a_day_on_which_the_file_may_be_incomplete_is_told() -> None:
    lines = [line(route=f"/{number}") for number in range(200)]
    assert "some may be missing" in about(text(lines), A)
    assert "some may be missing" not in text(lines[1:])


def test_many_processes_may_write_more_lines() -> None:
    lines = [line(route=f"/{number}") for number in range(40)]
    both = [each | {"requests": n} for each in lines for n in (1, 3)]
    assert "some may be missing" not in text(both * 8)
    more = [line(route=f"/{number}") for number in range(40, 160)]
    assert "some may be missing" in text(both * 8 + more * 8)


def test_what_is_printed_is_bounded() -> None:
    once = [line(origin=f"https://x{n}.evil.example", requests=1) for n in range(5000)]
    often = [line(origin=f"https://y{n}.evil.example") for n in range(150)]
    invalid = [line(origin="not an origin")]
    names = [f"x-{n}" for n in range(110)]
    listed = [f"https://z{n}.example.com" for n in range(150)]
    last = [line(origin="https://z.evil.example", method="LAST")]
    lines = [*once, *often, *invalid, *last, *used("PUT", *names)]
    assert "LAST" not in text(lines)
    printed = text(lines, A, listed=listed)
    assert len(hidden(printed)) == 100 + 100
    assert "51 more origins, which came less often, not shown" in printed
    assert "5000 origins, noted once or twice, not shown" in printed
    assert "1 value of Origin, invalid, not shown" in printed
    assert "50 more origins, listed today, never came" in printed
    assert "# 10 more, not shown." in printed
    assert "not an origin" not in printed


def test_users_and_routes_beyond_three_are_counted() -> None:
    origins = [f"https://app{number}.example" for number in range(5)]
    lines = [
        line(method="PUT", origin=origin, route=f"/{number}", cookies=True)
        for origin in origins
        for number in range(5)
    ]
    printed = text(lines, *origins)
    assert "and of 2 more origins" in about(printed, "PUT")
    assert 'Routes: "/0", "/1", "/2" and 2 more' in printed
    assert '"https://app2.example" and 2 more origins.' in printed
