"""Redirects: what they taint, strip and turn, and which are not followed."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    WPE,
    Body,
    Engine,
    Received,
)

from .helpers import API, GOOD, OPEN, OTHER, A, Headers, answer, granted, play, reason


def to(location: str, status: int = 302, headers: Headers | None = None) -> Received:
    """Return a redirect that lets ``A`` pass."""
    return answer(
        status,
        {"Location": location, "Access-Control-Allow-Origin": A, **(headers or {})},
    )


FOR_NULL = answer(200, {"Access-Control-Allow-Origin": "null"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_within_an_origin_keeps_the_pages_origin(status: int) -> None:
    outcome, script = play([to("/b", status), GOOD], API + "/a")
    assert script.lines == [f"GET {API}/a", f"GET {API}/b"]
    assert script.sent[1].values("Origin") == [A]
    assert outcome.readable is not None
    assert str(outcome.readable.url) == API + "/b"


def test_redirect_across_two_origins_makes_the_origin_null() -> None:
    outcome, script = play([to(OTHER), FOR_NULL])
    assert script.sent[1].values("Origin") == ["null"]
    assert script.sent[1].values("Sec-Fetch-Site") == ["cross-site"]
    assert reason(outcome) is None
    outcome, _ = play([to(OTHER), GOOD])
    assert reason(outcome) == "allow-origin-mismatch"
    assert "redirect" in str(outcome.failure)


def test_redirect_from_the_own_origin_to_another_keeps_the_origin() -> None:
    _, script = play([to(API), GOOD], A + "/x")
    assert script.sent[1].values("Origin") == [A]


def test_what_left_the_own_origin_is_not_of_it_again() -> None:
    outcome, script = play([to(API), to(A + "/back"), answer()], A + "/x")
    assert script.lines[-1] == f"GET {A}/back"
    assert reason(outcome) == "allow-origin-missing"


def test_redirect_itself_has_to_pass_the_cors_check() -> None:
    outcome, _ = play([answer(302, {"Location": "/b"})])
    assert reason(outcome) == "allow-origin-missing"


def test_wildcard_lets_tainted_requests_through_too() -> None:
    outcome, _ = play([to(OTHER), answer(200, OPEN)])
    assert reason(outcome) is None


def test_redirect_is_preflighted_anew() -> None:
    _, script = play(
        [granted("PUT"), to("/b", 307), granted("PUT"), GOOD], API + "/a", "PUT"
    )
    assert [sent.method for sent in script.sent] == ["OPTIONS", "PUT"] * 2


@pytest.mark.parametrize(
    ("engine", "origin"),
    [
        (STANDARD, "null"),
        (CHROMIUM, "null"),
        (FIREFOX, A),
        (WEBKITGTK, "null"),
        (WPE, "null"),
    ],
    ids=str,
)
def test_origin_of_a_preflight_after_a_redirect_across_origins(
    engine: Engine, origin: str
) -> None:
    preflight = answer(
        204,
        {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": "PUT"},
    )
    answers = [granted("PUT"), to(OTHER, 307), preflight, FOR_NULL]
    outcome, script = play(answers, method="PUT", engine=engine)
    origins = [sent.values("Origin") for sent in script.sent]
    assert origins == [[A], [A], [origin], ["null"]]
    assert reason(outcome) is None


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (302, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
    ],
)
def test_method_and_body_after_a_redirect(status: int, method: str, then: str) -> None:
    body = None if method == "HEAD" else Body.text("x")
    _, script = play([to("/b", status), answer()], A + "/a", method, body=body)
    last = script.sent[-1]
    assert last.method == then
    kept = then == method and method != "HEAD"
    assert last.body == (b"x" if kept else b"")
    assert bool(last.values("Content-Type")) is kept


@pytest.mark.parametrize(
    ("target", "kept"), [("/b", True), (API + "/b", False)], ids=["within", "across"]
)
def test_authorization_stays_within_its_origin(target: str, kept: bool) -> None:
    headers = {"Authorization": "Bearer t", "X-A": "1"}
    answers = [to(target), *([] if kept else [granted("GET", "X-A")]), GOOD]
    _, script = play(answers, A + "/a", headers=headers)
    assert bool(script.sent[-1].values("Authorization")) is kept
    assert script.sent[-1].values("X-A") == ["1"]


@pytest.mark.parametrize(
    ("engine", "asked"),
    [
        (STANDARD, None),
        (CHROMIUM, None),
        (FIREFOX, []),
        (WEBKITGTK, ["authorization"]),
        (WPE, ["authorization"]),
    ],
    ids=str,
)
def test_what_a_stripped_authorization_leaves_behind(
    engine: Engine, asked: list[str] | None
) -> None:
    preflights = [] if asked is None else [granted("GET", "Authorization")]
    _, script = play(
        [to(API), *preflights, GOOD],
        A + "/a",
        headers={"Authorization": "t"},
        engine=engine,
    )
    assert script.sent[-1].values("Authorization") == []
    if asked is not None:
        preflight = script.sent[1]
        assert preflight.preflight
        assert preflight.values("Access-Control-Request-Headers") == asked


NOT_FOLLOWED = [
    (to("data:,x"), {}, "redirect-failed"),
    (to("https://"), {}, "redirect-failed"),
    (to("https://u:p@other.example/"), {}, "redirect-failed"),
    (to("https://u@api.example/"), {}, "redirect-failed"),
    (to("http://api.example/"), {}, "mixed-content"),
    (to("/b"), {"redirect": "error"}, "request-invalid"),
    (answer(304, OPEN), {"redirect": "error"}, None),
    (to("/b", 307), {"method": "POST", "body": Body(b"", stream=True)},
     "redirect-failed"),
]  # fmt: skip


@pytest.mark.parametrize(("response", "options", "code"), NOT_FOLLOWED)
def test_redirect_that_is_not_followed(
    response: Received, options: dict[str, object], code: str | None
) -> None:
    preflights = [granted()] if "body" in options else []
    outcome, _ = play([*preflights, response], **options)  # type: ignore[arg-type]
    assert reason(outcome) == code
    assert outcome.failure is None or outcome.failure.fix


def test_redirect_to_a_user_name_is_followed_within_the_own_origin() -> None:
    outcome, _ = play([to("https://u:p@a.example/b"), answer()], A + "/a")
    assert reason(outcome) is None


def test_stream_may_be_dropped_by_a_redirect() -> None:
    stream = Body(b"x", stream=True)
    answers = [granted(), to("/b", 303), granted(), GOOD]
    outcome, script = play(answers, method="POST", body=stream)
    # The flag stays, and with it the need for a preflight.
    methods = [sent.method for sent in script.sent]
    assert methods == ["OPTIONS", "POST", "OPTIONS", "GET"]
    assert script.sent[-1].body == b""
    assert reason(outcome) is None


def test_twenty_redirects_are_followed_and_no_more() -> None:
    outcome, script = play([to("/b")] * 20 + [GOOD])
    assert reason(outcome) is None
    assert len(script.sent) == 21
    outcome, _ = play([to("/b")] * 21)
    assert reason(outcome) == "redirect-failed"


def test_redirect_to_nowhere_is_a_response_like_any_other() -> None:
    outcome, _ = play([answer(302, OPEN)])
    assert outcome.readable is not None
    assert outcome.readable.status == 302


def test_manual_redirect_is_opaque() -> None:
    outcome, script = play([to("/b")], redirect="manual")
    assert len(script.sent) == 1
    assert outcome.readable is not None
    assert (outcome.readable.kind, outcome.readable.status) == ("opaqueredirect", 0)


def test_credentials_of_the_own_origin_do_not_go_on_to_another() -> None:
    _, script = play([to(API), GOOD], A + "/a")
    assert [sent.credentials for sent in script.sent] == [True, False]


def test_same_origin_mode_does_not_follow_to_another_origin() -> None:
    outcome, _ = play([to(API)], A + "/a", mode="same-origin")
    assert reason(outcome) == "request-invalid"
    assert outcome.failure is not None
    assert outcome.failure.exchange == 0
