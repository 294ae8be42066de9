"""Whatever an application answers, a page gets a reply or an explanation."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flask_cors_policy.devtools.browser import ENGINES
from flask_cors_policy.testing import Browser, CORSBlocked, attack

from .helpers import APP, OTHER_SITE

# What a header can hold: bytes as Latin-1, but for line breaks and NUL.
ANYTHING = st.text(
    st.characters(max_codepoint=0xFF, exclude_characters="\r\n\0"), max_size=30
)
LIKELY = st.sampled_from(
    ["", "*", "null", APP, OTHER_SITE, f"{APP}/", "true", "PUT, x-token", "60", "/next"]
)
COOKIES = st.builds(
    "{}={}; {}; {}".format,
    ANYTHING,
    ANYTHING,
    st.sampled_from(["SameSite=None; Secure", "Domain=example.com", "Max-Age=0", ""]),
    ANYTHING,
)
NAMES = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Location",
    "Vary",
    "X-Total",
)
HEADERS = st.lists(
    st.tuples(st.sampled_from(NAMES), LIKELY | ANYTHING)
    | st.tuples(st.just("Set-Cookie"), COOKIES)
)
ANSWERS = st.tuples(st.sampled_from([200, 204, 302, 400, 401, 404, 500]), HEADERS)


def answering(status: int, headers: list[tuple[str, str]]) -> Any:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response(f"{status} Some Reason", list(headers))
        return [b"\xff<p>body</p>"]

    return app


def what_is_told(page: Browser, method: str, mode: str) -> str:
    """Return all that a test could print after a request."""
    try:
        reply = page.fetch("/", method, {"X-Token": "t"}, credentials=mode)
    except CORSBlocked as error:
        return f"{error}\n{error.reason}"
    missing = reply.headers.why_missing("X-Total")
    return f"{reply.explanation}\n{reply!r}\n{dict(reply.headers)!a}\n{missing}"


@given(
    ANSWERS,
    st.sampled_from(sorted(ENGINES)),
    st.sampled_from([APP, OTHER_SITE, "null", "https://api.example.com"]),
    st.sampled_from(["same-origin", "include", "omit"]),
)
def test_a_page_gets_a_reply_or_an_explanation(
    answer: tuple[int, list[tuple[str, str]]], engine: str, origin: str, mode: str
) -> None:
    page = Browser(answering(*answer), origin, engine=engine)
    for method in ("GET", "PUT"):
        told = what_is_told(page, method, mode)
        assert told.isascii()
        assert told.replace("\n", "").isprintable()
    assert str(page.exchanges).replace("\n", "").isprintable()
    assert all(name == cookie.name for name, cookie in page.cookies.items())


@settings(max_examples=25)
@given(ANSWERS)
def test_an_attack_ends_with_findings_that_can_be_printed(
    answer: tuple[int, list[tuple[str, str]]],
) -> None:
    findings = attack(answering(*answer), "/api/me")
    assert str(findings).isascii()
    assert str(findings).replace("\n", "").isprintable()
