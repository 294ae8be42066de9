"""The inspector's page and its data: for the person at this machine alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from flask_cors_policy.devtools.browser import ENGINES
from flask_cors_policy.devtools.inspector.site import Site

from .played import API

TOKEN = "secret-token"
OWN = "http://127.0.0.1:5050"


class Source:
    """A source of data that takes notes."""

    generation = 3

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        self._state = state or {"kind": "loaded", "name": "shop"}
        self.asked: list[dict[str, Any]] = []
        self.looked = 0

    def state(self) -> dict[str, Any]:
        self.looked += 1
        return dict(self._state)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(question)
        return {"routes": ["a route"]} if question["ask"] == "routes" else {"x": 1}

    def refusals(self, after: int) -> list[dict[str, Any]]:
        return [{"number": number} for number in range(after + 1, 4)]


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def client(source: Source) -> Client:
    return Client(Site(source, TOKEN, 5050, API))


def get(client: Client, path: str = "", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/{TOKEN}/{path}", base_url=OWN, headers=named)


def post(client: Client, **options: Any) -> TestResponse:
    options = {"json": {"form": {"origin": "null"}}, **options}
    return client.post(f"/{TOKEN}/explain", base_url=OWN, **options)


def test_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = get(client).text
    for name in re.findall(r'(?:src|href)="([^"]*)"', page):
        if not name.startswith("#"):
            assert get(client, name).status_code == 200
    files = ["inspector.css", "inspector.js"]
    while files:
        text = get(client, files.pop()).text
        assert not re.search(r"https?://[^\s/$]+\.", text)
        for module in re.findall(r'from "\./([^"]*)"', text):
            response = get(client, module)
            assert response.content_type == "text/javascript; charset=utf-8"
            assert not re.search(r"@import|url\(|\beval\b|innerHTML", response.text)


def test_page_reaches_itself_and_the_application_only(client: Client) -> None:
    policy = get(client).headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {API}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def test_page_has_no_inline_script_or_style(client: Client) -> None:
    page = get(client).text
    assert re.findall(r"<script[^>]*>", page) == [
        '<script type="module" src="inspector.js">'
    ]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


def test_every_field_has_a_label(client: Client) -> None:
    page = get(client).text
    fields = re.findall(r'<(?:input|select|textarea)\b[^>]*\bid="([^"]*)"', page)
    assert len(fields) == 9
    assert [f'<label for="{field}">' in page for field in fields] == [True] * 9


@pytest.mark.parametrize("path", ["", "state", "news", "inspector.js", "none"])
def test_nothing_is_kept_framed_guessed_at_or_told_to_others(
    client: Client, path: str
) -> None:
    headers = get(client, path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert not [name for name, _ in headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "path",
    ["/", "/wrong/", "/wrong/state", "/secret-token", "/state", "/\u00fc/", "//"],
)
def test_nothing_is_there_without_the_token(
    client: Client, source: Source, path: str
) -> None:
    response = client.get(path, base_url=OWN)
    assert response.status_code in (404, 308)
    assert response.content_type.startswith("text/")
    assert source.looked == 0


def test_slash_that_is_missing_is_added(client: Client) -> None:
    response = client.get(f"/{TOKEN}", base_url=OWN)
    assert response.location == f"{OWN}/{TOKEN}/"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:5050", 200),
        ("localhost:5050", 200),
        ("127.0.0.1", 403),
        ("localhost:5000", 403),
        ("rebound.example:5050", 403),
        ("localhost.evil.example:5050", 403),
        ("[::1]:5050", 403),
        ("", 403),
    ],
)
def test_host_is_a_name_of_this_machine(client: Client, host: str, status: int) -> None:
    assert get(client, Host=host).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors"}, 200),
        ({"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"}, 200),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, 200),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}, 403),
        ({"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"}, 403),
        ({"Origin": OWN}, 200),
        ({"Origin": API}, 403),
        ({"Origin": "http://localhost:5050"}, 403),
        ({"Origin": "null"}, 403),
    ],
    ids=str,
)
def test_other_pages_are_refused_even_with_the_token(
    client: Client, headers: dict[str, str], status: int
) -> None:
    assert get(client, **headers).status_code == status


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 200),
        ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        (
            {
                "headers": {
                    "Sec-Fetch-Site": "cross-site",
                    "Sec-Fetch-Mode": "navigate",
                }
            },
            403,
        ),
        ({"json": None, "data": '{"form": {}}', "content_type": "text/plain"}, 403),
        ({"json": None, "data": {"form": "x"}}, 403),
        ({"json": None, "data": "{", "content_type": "application/json"}, 400),
        ({"json": []}, 400),
        ({"json": {"form": {"body": "x" * 1_000_000}}}, 413),
    ],
    ids=str,
)
def test_form_is_taken_from_the_page_only(
    client: Client, source: Source, options: dict[str, Any], status: int
) -> None:
    assert post(client, **options).status_code == status
    assert len(source.asked) == (status == 200)


def test_form_is_asked_about_at_the_application(client: Client, source: Source) -> None:
    assert post(client).json == {"x": 1}
    assert source.asked == [{"ask": "explain", "form": {"origin": "null"}, "api": API}]


def test_state_holds_routes_engines_and_where_the_application_is(
    client: Client,
) -> None:
    assert get(client, "state").json == {
        "kind": "loaded",
        "name": "shop",
        "generation": 3,
        "api": API,
        "serves": True,
        "engines": {name: str(engine) for name, engine in ENGINES.items()},
        "routes": ["a route"],
    }


def test_state_of_what_cannot_be_loaded_says_why() -> None:
    source = Source({"kind": "failed", "text": "no", "frames": ["x.py:1"]})
    site = Site(source, TOKEN, 5050, API, serves=False)
    state = get(Client(site), "state").json
    assert state is not None
    assert (state["text"], state["frames"]) == ("no", ["x.py:1"])
    assert (state["routes"], state["serves"]) == ([], False)
    assert source.asked == []


def test_news_are_refusals_and_whether_it_was_loaded_again(
    client: Client, source: Source
) -> None:
    news = {"generation": 3, "refusals": [{"number": 3}]}
    assert get(client, "news?after=2").json == news
    assert source.looked == 1
    assert len((get(client, "news").json or {})["refusals"]) == 3
    assert len((get(client, "news?after=x").json or {})["refusals"]) == 3


@pytest.mark.parametrize("path", ["", "state", "news", "explain"])
def test_only_the_methods_that_are_meant_are_taken(client: Client, path: str) -> None:
    response = client.put(f"/{TOKEN}/{path}", base_url=OWN, json={})
    assert response.status_code == 405
