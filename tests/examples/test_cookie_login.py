"""The example of a login by cookie: what gets through, and what does not."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from examples.cookie_login import api as cookie_login
from examples.cookie_login.api import create_api
from examples.cookie_login.page import create_page
from flask_cors_policy import CORS
from tests.flask.helpers import EVIL, MISS, Headers, allowed, answer, preflight

from .forging import take_forms

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


def login(client: FlaskClient) -> None:
    """Log in; the client keeps the cookie."""
    response = client.post("/login", json=ADA, headers=SENT, base_url="https://api")
    assert response.get_json() == {"name": "ada"}


def write(client: FlaskClient, **headers: str) -> tuple[int, Headers]:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    note = {"text": "milk"}
    return answer(
        client.post("/notes", json=note, headers=more, base_url="https://api")
    )


def notes(client: FlaskClient) -> list[str]:
    """Return the notes of who is logged in."""
    me = client.get("/me", headers=SENT, base_url="https://api")
    found: list[str] = me.get_json()["notes"]
    return found


def test_the_preflight_lists_what_the_page_sends() -> None:
    asked = {"Access-Control-Request-Headers": "content-type"}
    assert preflight(create_api(PAGE), "/notes", "POST", PAGE, asked) == (
        204,
        allowed(
            PAGE,
            credentials="true",
            methods="OPTIONS, POST",
            headers="Content-Type",
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
    login(client)
    assert notes(client) == []
    assert write(client, **SENT) == (200, OF_THE_SESSION)
    assert notes(client) == ["milk"]


@pytest.mark.parametrize("password", ["", "wrong", "analytica"])
def test_a_wrong_password_is_a_401_that_the_page_reads(
    client: FlaskClient, password: str
) -> None:
    sent = {"name": "ada", "password": password}
    response = client.post("/login", json=sent, headers=SENT, base_url="https://api")
    assert answer(response) == (401, READABLE)
    assert "Set-Cookie" not in response.headers


def test_before_the_login_nothing_is_written(client: FlaskClient) -> None:
    assert write(client, **SENT) == (401, OF_THE_SESSION)


FORM = {"data": {"text": "forged"}}
FORGED: dict[str, dict[str, Any]] = {
    "a form": FORM,
    "a form with a file": {**FORM, "content_type": "multipart/form-data"},
    "JSON as text/plain": {
        "data": '{"text": "forged"}', "content_type": "text/plain",
    },
    "JSON": {"json": {"text": "forged"}},
}  # fmt: skip


@pytest.mark.parametrize("origin", [EVIL, "null", None])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("body", FORGED.values(), ids=FORGED)
def test_another_site_writes_nothing_however_it_sends_it(
    body: dict[str, Any], site: str, origin: str | None
) -> None:
    client = take_forms(create_api(PAGE)).test_client()
    login(client)
    headers = {"Sec-Fetch-Site": site, **({"Origin": origin} if origin else {})}
    sent = client.post("/notes", headers=headers, base_url="https://api", **body)
    assert answer(sent) == (403, MISS)
    assert sent.data == b""
    out = client.post("/logout", headers=headers, base_url="https://api")
    assert out.status_code == 403
    assert notes(client) == []  # And still logged in.


def test_without_the_defence_a_form_of_another_site_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The forged requests of these tests are real ones."""
    monkeypatch.setattr(cookie_login, "CORS", partial(CORS, enforce=False))
    client = take_forms(create_api(PAGE)).test_client()
    login(client)
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": EVIL}
    for body in FORGED.values():
        sent = client.post("/notes", headers=headers, base_url="https://api", **body)
        assert sent.status_code == 200
    assert notes(client) == ["forged"] * len(FORGED)


def test_another_page_reads_nothing(client: FlaskClient) -> None:
    login(client)
    other = {**SENT, "Origin": EVIL}
    assert answer(client.get("/me", headers=other, base_url="https://api")) == (
        200,
        MISS | {"Vary": "Cookie, Origin"},
    )


def test_the_page_knows_its_api() -> None:
    html = create_page("https://api.example.com").test_client().get("/").text
    assert 'const api = "https://api.example.com"' in html
    assert "{{" not in html
