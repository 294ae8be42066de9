"""A real nginx in front of a real gunicorn: caching, compression, stray headers."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from examples.behind_nginx import servers
from tests.needs import program

pytestmark = pytest.mark.servers

A = "https://a.example.com"
B = "https://b.example.com"
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where nginx serves the API."""
    program("nginx", "servers", ["/usr/sbin"])
    with servers.started() as (_, url):
        yield url


def ask(
    url: str, origin: str | None, method: str = "GET", **headers: str
) -> tuple[int, dict[str, list[str]], bytes]:
    """Return status, headers and body of a response."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if origin is not None:
        sent["Origin"] = origin
    request = urllib.request.Request(url, headers=sent, method=method)
    try:
        response = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        got: dict[str, list[str]] = {}
        for name, value in response.headers.items():
            got.setdefault(name, []).append(value)
        return response.status or 0, got, response.read()


def test_the_public_part_is_cached_once_for_everybody(url: str) -> None:
    first, *others = (ask(f"{url}/public/rates", o) for o in (None, A, B, EVIL))
    assert first[1]["X-Cache"] == ["MISS"]
    for _, headers, body in others:
        assert headers["X-Cache"] == ["HIT"]
        assert headers["Access-Control-Allow-Origin"] == ["*"]
        assert body == first[2]


def test_compression_adds_to_vary_and_takes_nothing_away(url: str) -> None:
    _, headers, _ = ask(f"{url}/public/rates", A, Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == ["gzip"]
    assert headers["Access-Control-Allow-Origin"] == ["*"]
    assert headers["Vary"] == ["Accept-Encoding"]


def test_origins_are_kept_apart_in_the_cache(url: str) -> None:
    asked = [None, A, B, EVIL, A, B, None, EVIL]
    seen = [ask(f"{url}/members/rates", origin) for origin in asked]
    states = [headers["X-Cache"][0] for _, headers, _ in seen]
    assert states == ["MISS"] * 4 + ["HIT"] * 4
    for origin, (_, headers, _) in zip(asked, seen, strict=True):
        expected = [origin] if origin in (A, B) else None
        assert headers.get("Access-Control-Allow-Origin") == expected
        assert headers["Vary"] == ["Origin"]


def test_preflights_reach_the_api(url: str) -> None:
    asked = {"Access_Control_Request_Method": "GET"}
    for origin, status in ((A, 204), (EVIL, 403)):
        got, headers, _ = ask(f"{url}/members/rates", origin, "OPTIONS", **asked)
        assert got == status
        assert headers.get("Access-Control-Max-Age") == (
            ["7200"] if status == 204 else None
        )


def test_a_page_reads_the_413_that_nginx_answers_itself(url: str) -> None:
    large = urllib.request.Request(
        f"{url}/public/rates", bytes(2_000_000), {"Origin": A}, method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(large, timeout=10)
    with caught.value as error:
        assert error.code == 413
        assert error.headers.get_all("Access-Control-Allow-Origin") == ["*"]


def test_a_page_reads_that_the_api_is_gone() -> None:
    program("nginx", "servers", ["/usr/sbin"])
    text = servers.CONFIGURATION.read_text("utf-8")
    dead = f"http://127.0.0.1:{servers.free_port()}"
    text = text.replace("http://127.0.0.1:{{api_port}}", dead)
    with servers.started(configuration=text) as (_, url):
        status, headers, _ = ask(f"{url}/public/rates", A)
    assert status == 503
    assert headers["Access-Control-Allow-Origin"] == ["*"]


ADDED = 'add_header Access-Control-Allow-Origin "*" always;'
HIDDEN = f"proxy_hide_header Access-Control-Allow-Origin;\n            {ADDED}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            ADDED, ["*", "*"], id="added to the API's own: no browser reads it"
        ),
        pytest.param(HIDDEN, ["*"], id="in the place of the API's own"),
    ],
)
def test_what_nginx_adds_comes_twice(line: str, expected: list[str]) -> None:
    program("nginx", "servers", ["/usr/sbin"])
    text = servers.CONFIGURATION.read_text("utf-8")
    marker = "# No add_header Access-Control-...: the API sets them."
    assert marker in text
    with servers.started(configuration=text.replace(marker, line)) as (_, url):
        _, headers, _ = ask(f"{url}/public/rates", A)
    assert headers["Access-Control-Allow-Origin"] == expected
