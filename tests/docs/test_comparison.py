"""What the page about other libraries says of those in Python is what they do."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import falcon
import falcon.testing
import pytest
from flask import Flask
from flask_cors import CORS as OtherCORS
from starlette.middleware.cors import CORSMiddleware as OtherMiddleware

from flask_cors_policy import CORSMiddleware, PolicyError

LISTED = "https://a.example"
OTHER = "https://b.example"
LOOKALIKE = "https://x.a.example.evil.net"
PATTERN = r"https://.*\.a\.example"
ALLOW = "access-control-allow-origin"


def flask_cors(origin: str | None, **options: Any) -> tuple[int, Mapping[str, str]]:
    """Return status and headers (lower case) of Flask-CORS."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", "index", lambda: "", methods=["GET"])
    OtherCORS(app, **options)
    reply = app.test_client().get("/", headers={"Origin": origin} if origin else {})
    return reply.status_code, {name.lower(): text for name, text in reply.headers}


def starlette(origin: str | None, **options: Any) -> tuple[int, Mapping[str, str]]:
    """Return the same of Starlette."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    started: dict[str, Any] = {}

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        started.update(message)

    headers = [(b"origin", origin.encode())] if origin else []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    asyncio.run(OtherMiddleware(app, **options)(scope, receive, send))
    return started["status"], {
        name.decode(): value.decode() for name, value in started["headers"]
    }


def falcon_app(origin: str | None, **options: Any) -> tuple[int, Mapping[str, str]]:
    """Return the same of Falcon."""
    app = falcon.App(middleware=falcon.CORSMiddleware(**options))
    app.add_sink(lambda req, resp, **kwargs: None)
    headers = {"Origin": origin} if origin else {}
    reply = falcon.testing.simulate_get(app, "/", headers=headers)
    return reply.status_code, {n.lower(): text for n, text in reply.headers.items()}


DJANGO = """
import json, sys
import django
from django.conf import settings
options = json.loads(sys.argv[1])
settings.configure(
    ALLOWED_HOSTS=["*"], INSTALLED_APPS=["corsheaders"], ROOT_URLCONF=__name__,
    MIDDLEWARE=["corsheaders.middleware.CorsMiddleware"], **options["settings"],
)
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse())]
django.setup()
from django.core.checks import run_checks
from django.test import Client
origin = options["origin"]
reply = Client().get("/", headers={"Origin": origin} if origin else {})
headers = {name.lower(): text for name, text in reply.headers.items()}
print(json.dumps([reply.status_code, headers, [each.id for each in run_checks()]]))
"""


def django(
    origin: str | None, **settings: Any
) -> tuple[int, Mapping[str, str], list[str]]:
    """Return the same of django-cors-headers, and what its checks report."""
    asked = json.dumps({"origin": origin, "settings": settings})
    command = [sys.executable, "-W", "ignore", "-c", DJANGO, asked]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True
    )
    status, headers, checks = json.loads(done.stdout)
    return status, {name: text.lower() for name, text in headers.items()}, checks


def test_only_some_say_that_an_origin_can_never_match() -> None:
    wrong = f"{LISTED}/"
    with pytest.raises(PolicyError):
        CORSMiddleware(lambda environ, start: [], origins=wrong)
    assert ALLOW not in flask_cors(LISTED, origins=wrong)[1]
    assert ALLOW not in starlette(LISTED, allow_origins=[wrong])[1]
    checks = django(LISTED, CORS_ALLOWED_ORIGINS=[wrong])[2]
    assert checks == ["corsheaders.E014"]


def test_every_origin_with_credentials_is_reflected_by_the_others() -> None:
    with pytest.raises(PolicyError):
        CORSMiddleware(
            lambda environ, start: [], origins="*", supports_credentials=True
        )
    for headers in (
        flask_cors(OTHER, origins="*", supports_credentials=True)[1],
        starlette(OTHER, allow_origins=["*"], allow_credentials=True)[1],
        django(OTHER, CORS_ALLOW_ALL_ORIGINS=True, CORS_ALLOW_CREDENTIALS=True)[1],
    ):
        assert headers[ALLOW] == OTHER
        assert headers["access-control-allow-credentials"] == "true"


def test_regular_expressions_are_anchored_by_starlette_alone() -> None:
    assert ALLOW in flask_cors(LOOKALIKE, origins=[PATTERN])[1]
    assert ALLOW in django(LOOKALIKE, CORS_ALLOWED_ORIGIN_REGEXES=[PATTERN])[1]
    assert ALLOW not in starlette(LOOKALIKE, allow_origin_regex=PATTERN)[1]


@pytest.mark.parametrize("origin", [OTHER, None])
def test_vary_is_missing_in_flask_cors(origin: str | None) -> None:
    one = flask_cors(origin, origins=LISTED)[1]
    assert "vary" not in one
    assert "Origin" in starlette(origin, allow_origins=[LISTED])[1]["vary"]
    assert "origin" in django(origin, CORS_ALLOWED_ORIGINS=[LISTED])[1]["vary"]


def test_the_others_answer_an_origin_that_is_not_listed() -> None:
    assert flask_cors(OTHER, origins=LISTED)[0] == 200
    assert starlette(OTHER, allow_origins=[LISTED])[0] == 200
    assert django(OTHER, CORS_ALLOWED_ORIGINS=[LISTED])[0] == 200


def test_falcon_sends_no_vary_even_to_an_allowed_origin() -> None:
    for origin in (LISTED, OTHER, None):
        headers = falcon_app(origin, allow_origins=[LISTED])[1]
        assert (headers.get(ALLOW) == LISTED) == (origin == LISTED)
        assert "vary" not in headers
    everyone = falcon_app(OTHER, allow_origins="*", allow_credentials="*")[1]
    assert everyone[ALLOW] == OTHER
