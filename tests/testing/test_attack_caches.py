"""Attacks leave nothing in caches, and see through those that ignore Origin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from flask_cors_policy.devtools.attacks import attack_over
from flask_cors_policy.devtools.attacks.target import OutOfTime
from flask_cors_policy.devtools.browser import Received, Sent
from flask_cors_policy.devtools.browser.urls import parse_url
from flask_cors_policy.testing import attack

from .bad_apis import API, APP

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Key = Callable[["WSGIEnvironment"], str]


def whole_url(environ: WSGIEnvironment) -> str:
    return f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"


def path_alone(environ: WSGIEnvironment) -> str:
    return str(environ["PATH_INFO"])


def behind_a_cache(
    app: WSGIApplication, key: Key, marks: tuple[tuple[str, str], ...]
) -> WSGIApplication:
    """Keep each answer to a GET under *key*, whatever its Origin and its Vary."""
    kept: dict[str, tuple[Any, list[bytes]]] = {}

    def cache(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET":
            return app(environ, start_response)
        name = key(environ)
        if name in kept:
            (status, headers), body = kept[name]
            start_response(status, [*headers, *marks])
            return body
        said: list[Any] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            said.append((status, headers))

        body = list(app(environ, start))
        kept[name] = (said[0], body)
        start_response(*said[0])
        return body

    return cache


NO_VARY = API(vary=False)


@pytest.mark.parametrize("app", [NO_VARY, behind_a_cache(NO_VARY, whole_url, ())])
def test_a_cache_in_front_hides_no_missing_vary(app: WSGIApplication) -> None:
    found = {finding.id for finding in attack(app, "/api/me", APP)}
    assert {"vary-missing", "vary-missing-on-miss"} <= found


@pytest.mark.parametrize("mark", [("Age", "3"), ("X-Cache", "HIT from cdn")])
def test_a_cache_that_ignores_the_query_is_seen_by_its_headers(
    mark: tuple[str, str],
) -> None:
    app = behind_a_cache(NO_VARY, path_alone, (mark,))
    found = {each.id: each for each in attack(app, "/api/me", APP)}
    assert f"answered by a cache: {mark[0]}: {mark[1]}" in found["vary-missing"].found


def test_no_two_requests_of_an_attack_have_one_url() -> None:
    urls: list[str] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        urls.append(whole_url(environ))
        return API()(environ, start_response)

    attack(app, "/api/me?page=2", APP)
    assert len(urls) == len(set(urls))
    assert all("page=2&" in url and "cors-probe=" in url for url in urls)


def test_a_server_that_refuses_unknown_parameters_is_sent_none() -> None:
    urls: list[str] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        urls.append(whole_url(environ))
        if "cors-probe" in environ["QUERY_STRING"]:
            start_response("400 Bad Request", [])
            return [b"unknown parameter"]
        return API(lambda origin: True)(environ, start_response)

    found = {finding.id for finding in attack(app, "/api/me")}
    assert found == {"origin-reflected", "null-allowed"}
    assert [url for url in urls if "cors-probe" in url] == urls[:1]


def test_an_attack_that_runs_out_of_time_tells_what_it_has_found() -> None:
    count = 0

    def send(sent: Sent) -> Received:
        nonlocal count
        count += 1
        if count > 20:
            raise OutOfTime("30 s")
        names = ("Access-Control-Allow-Origin" for _ in sent.values("Origin"))
        return Received(200, tuple(zip(names, sent.values("Origin"), strict=True)))

    findings = attack_over(send, parse_url("https://api.example.com/me"))
    assert not findings.complete
    assert findings[0].id == "origin-reflected"
    assert "(20 requests, stopped at the deadline)" in repr(findings)
