"""``flask cors explain --cookie``: what is said of cookies that are not sent."""

from __future__ import annotations

import pytest

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
