"""``flask cors explain --cookie``: what is said of cookies that are not sent."""

from __future__ import annotations

import pytest
from flask import abort, request

from .test_cli_explain import A, run, shop


@pytest.mark.parametrize(
    ("origin", "credentials", "told"),
    [
        (A, "same-origin", "The cookies that were given are not sent: the page does"),
        ("https://b.example", "include", "The session cookie session has no SameSite"),
    ],
    ids=["without credentials", "to another site"],
)
def test_a_cookie_that_is_given_and_not_sent_is_told_after_the_result(
    origin: str, credentials: str, told: str
) -> None:
    app = shop(origins=origin, supports_credentials=True)
    app.secret_key = "secret"
    typed = ["explain", "/items/7", "--credentials", credentials, "--origin", origin]
    for short in ([], ["--short"]):
        result = run(app, *typed, "--cookie", "a=1; session=x", *short)
        assert result.exit_code == 0
        _, _, below = result.output.partition("Allowed. The page reads the response")
        assert below.splitlines()[1].startswith(f"  Note: {told}")
        assert result.output.count(told) == 1
    assert "are not sent: the page" not in run(app, *typed).output
    other = run(app, *typed, "--cookie", "a=1", "--short").output
    assert "session cookie" not in other
    assert (told in other) is (origin == A)


def test_a_frame_in_a_page_of_another_site_sends_no_session_cookie() -> None:
    app = shop(origins=A, supports_credentials=True)
    app.secret_key = "secret"

    @app.get("/me")
    def me() -> str:
        if "session" not in request.cookies:
            abort(401)
        return "me"

    asked = ["explain", "/me", "--credentials", "include", "--cookie", "session=x"]
    base = ["--base-url", "https://api.example.com", "--short"]
    typed = ["--origin", A]
    pasted = ["--curl", f"curl https://api.example.com/me -H 'Origin: {A}'"]
    top = ["--top", "https://partner.example.org"]
    assert run(app, *asked, *base, *typed).output.startswith("Allowed. The page")
    for given in (["explain", *pasted, *asked[2:]], [*asked, *typed]):
        result = run(app, *given, *base, *top)
        assert "There is a problem (cookie-not-sent):" in result.output
        assert "a frame in one of https://partner.example.org." in result.output
        assert 'Fix:  Set SESSION_COOKIE_SAMESITE="None"' in result.output
    app.config.update(SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_SECURE=True)
    result = run(app, *asked, *base, *typed, *top)
    assert result.output.startswith("Allowed. The page reads the response (200 OK).")
