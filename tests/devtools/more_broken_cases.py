"""More broken Flask applications: variations of the causes of the 34."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from werkzeug.routing import BaseConverter

from flask_cors_policy import cors_exempt

from .broken_apps import API, JSON, Broken, items, private, public
from .broken_cases import OTHER_SITE, OURS, WITH, now


def lookup(origin: str) -> bool:
    raise LookupError("no database")


class Failing(BaseConverter):
    """A converter that asks a database, which is away."""

    def to_python(self, value: str) -> str:
        raise LookupError("no database")


def exempt(app: Flask) -> None:
    def view() -> str:
        return "[]"

    app.add_url_rule("/items", "items", cors_exempt(view))


def with_failing_converter(app: Flask) -> None:
    app.url_map.converters["item"] = Failing
    rule = "/items/<item:number>"
    app.add_url_rule(rule, "item", lambda number: number, methods=["GET", "PUT"])


MORE: Mapping[str, Broken] = {
    "a header that is not allowed": Broken(
        items,
        "header-not-allowed",
        "The page sets x-token",
        {"headers": (("X-Token", "t"),)},
        OURS,
    ),
    "a header that only servers send": Broken(
        items,
        "header-not-allowed",
        "Remove access-control-allow-origin from the request",
        {"headers": (("Access-Control-Allow-Origin", "*"),)},
        OURS,
    ),
    "a method that is not listed": Broken(
        items,
        "method-not-allowed",
        "The page asks for PUT",
        {"method": "PUT"},
        {**OURS, "methods": ["DELETE"]},
    ),
    "credentials": Broken(
        items,
        "credentials-not-allowed",
        "has no Access-Control-Allow-Credentials",
        WITH,
        OURS,
    ),
    "cookies that enforce refuses": Broken(
        items,
        "credentials-not-allowed",
        "The request carries cookies, which the policy does not allow",
        WITH,
        {**OURS, "enforce": True},
        cookie="a=b",
    ),
    "everything at once": Broken(
        items,
        "origin-not-allowed",
        "does not list https://app.example.com",
        {
            "method": "PUT",
            "body": JSON,
            "credentials": "include",
            "headers": (("X-Token", "t"), ("Authorization", "Bearer t")),
        },
        {"origins": ["https://partner.example"], "methods": ["DELETE"]},
    ),
    "no policy at all": Broken(
        items,
        "no-policy",
        "The application has no CORS(app).",
        {"method": "PUT", "body": JSON, "credentials": "include"},
    ),
    "a page that leaves its cookie out": Broken(
        private,
        "not-signed-in",
        "The page leaves out cookies, as fetch does",
        options={**OURS, "supports_credentials": False},
        corrected=now(views=public),
        allowed=True,
    ),
    "a path that no route serves": Broken(
        items,
        "no-route",
        "No route of the application serves GET /itmes.",
        {"url": f"{API}/itmes"},
        OURS,
        corrected=now(ask={}),
        allowed=True,
    ),
    "a function that raises": Broken(
        items,
        "origin-lookup-failed",
        "It raised LookupError: no database",
        options={"origins": lambda origin, environ: lookup(origin)},
        corrected=now(options=OURS),
    ),
    "a URL converter that raises": Broken(
        with_failing_converter,
        "route-unknown",
        "Matching the route raised LookupError: no database (more_broken_cases.py:",
        {"method": "PUT", "url": f"{API}/items/7"},
        OURS,
        corrected=now(views=items, ask={"method": "PUT"}),
    ),
    "a URL converter that raises, under enforce": Broken(
        with_failing_converter,
        "route-unknown",
        "Correct the error: LookupError: no database",
        {"url": f"{API}/items/7"},
        {**OURS, "enforce": True},
        corrected=now(views=items, ask={}),
    ),
    "dot segments under enforce": Broken(
        items,
        "path-ambiguous",
        "a doubled slash or a dot segment",
        {"url": f"{API}/api/%252e%252e//items"},
        {**OURS, "resources": {"/api/*": {}}, "enforce": True},
        corrected=now(options=OURS, ask={}),
    ),
    "a view that is exempt": Broken(
        exempt,
        "exempt",
        "excludes this route from every policy",
        options=OURS,
        corrected=now(views=public),
    ),
    "a path that no route serves, and no policy": Broken(
        items,
        "no-policy",
        "No route of the application serves the request, either.",
        {"url": f"{API}/itmes"},
        corrected=now(ask={}, options=OURS),
    ),
    "no-cors": Broken(
        items,
        "opaque-response",
        "JSON is sent as text/plain.",
        {"method": "POST", "body": JSON, "mode": "no-cors"},
        {**OURS, "allow_headers": ["Content-Type"]},
        allowed=True,
    ),
    "a session cookie that is not Secure": Broken(
        private,
        "cookie-not-sent",
        "Set SESSION_COOKIE_SECURE=True: SameSite=None needs it.",
        WITH,
        {"origins": [OTHER_SITE], "supports_credentials": True},
        config={"SESSION_COOKIE_SAMESITE": "None"},
        origin=OTHER_SITE,
        allowed=True,
        corrected=now(views=public),
    ),
}
"""Others, beyond the 34."""
