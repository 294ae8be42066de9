"""The example of a login by cookie: what gets through, and what does not."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from examples.cookie_login.api import create_api
from examples.cookie_login.page import create_page
from tests.flask.helpers import EVIL, MISS, Headers, allowed, answer, preflight

PAGE = "https://notes.example.com"
READABLE = allowed(PAGE, credentials="true")
# Where the session was looked at, the response depends on the cookie as well.
OF_THE_SESSION = READABLE | {"Vary": "Cookie, Origin"}
# As a browser sends them with every request of the page.
SENT = {"Origin": PAGE, "Sec-Fetch-Site": "cross-site"}
ADA = {"name": "ada", "password": "analytical"}


@pytest.fixture
def client() -> FlaskClient:
    """A browser's view of the API: it keeps the cookie."""
    return create_api(PAGE).test_client()


def login(client: FlaskClient) -> str:
    """Log in; return the token for later requests."""
    response = client.post("/login", json=ADA, headers=SENT, base_url="https://api")
    token: str = response.get_json()["csrf"]
    return token


def write(client: FlaskClient, **headers: str) -> tuple[int, Headers]:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    note = {"text": "milk"}
    return answer(
        client.post("/notes", json=note, headers=more, base_url="https://api")
    )


def test_the_preflight_lists_what_the_page_sends() -> None:
    asked = {"Access-Control-Request-Headers": "content-type,x-csrf-token"}
    assert preflight(create_api(PAGE), "/notes", "POST", PAGE, asked) == (
        204,
        allowed(
            PAGE,
            credentials="true",
            methods="OPTIONS, POST",
            headers="Content-Type, X-CSRF-Token",
            max_age="600",
        ),
    )


def test_the_cookie_goes_across_sites_over_https_only_and_out_of_reach_of_scripts(
    client: FlaskClient,
) -> None:
    response = client.post("/login", json=ADA, headers=SENT, base_url="https://api")
    assert answer(response) == (200, OF_THE_SESSION)
    name, *attributes = response.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-session=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=None"}


def test_who_has_logged_in_reads_and_writes(client: FlaskClient) -> None:
    token = login(client)
    me = client.get("/me", headers=SENT, base_url="https://api")
    assert me.get_json() == {"name": "ada", "csrf": token}
    assert write(client, **SENT, X_CSRF_Token=token) == (200, OF_THE_SESSION)


@pytest.mark.parametrize("password", ["", "wrong", "analytica"])
def test_a_wrong_password_is_a_401_that_the_page_reads(
    client: FlaskClient, password: str
) -> None:
    sent = {"name": "ada", "password": password}
    response = client.post("/login", json=sent, headers=SENT, base_url="https://api")
    assert answer(response) == (401, READABLE)
    assert "Set-Cookie" not in response.headers


def test_without_the_token_nothing_is_written(client: FlaskClient) -> None:
    token = login(client)
    assert write(client, **SENT) == (403, OF_THE_SESSION)
    assert write(client, **SENT, X_CSRF_Token=token[:-1]) == (403, OF_THE_SESSION)
    assert write(client) == (403, MISS | {"Vary": "Cookie, Origin"})
    me = client.post("/logout", headers=SENT, base_url="https://api")
    assert me.status_code == 403


def test_before_the_login_an_empty_token_does_not_pass(client: FlaskClient) -> None:
    assert write(client, **SENT, X_CSRF_Token="") == (403, OF_THE_SESSION)


def test_another_page_is_refused_before_a_view_runs_even_with_the_token(
    client: FlaskClient,
) -> None:
    token = login(client)
    other = {**SENT, "Origin": EVIL}
    assert write(client, **other, X_CSRF_Token=token) == (403, MISS)
    me = client.get("/me", headers=SENT, base_url="https://api")
    assert "notes" not in me.get_json()
    refused = client.get("/me", headers=other, base_url="https://api")
    assert answer(refused) == (403, MISS)
    assert refused.data == b""


def test_logging_in_begins_a_new_session(client: FlaskClient) -> None:
    assert login(client) != login(client)


def test_the_page_knows_its_api() -> None:
    html = create_page("https://api.example.com").test_client().get("/").text
    assert 'const api = "https://api.example.com"' in html
    assert "{{" not in html
