"""Checks that compare policies with what routes need, and with the configuration."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Final

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, Map, Rule

from ...core.fetch_standard import SAFELISTED_METHODS, WILDCARD
from ...core.per_origin import has_credentials
from ...flask_ext.middleware import FlaskMiddleware
from ...flask_ext.state import state_of
from ..app_routes import RoutePolicy
from .facts import CheckResult, Facts, spot, title
from .source import spot_of

_OWN: Final = frozenset({*SAFELISTED_METHODS, "OPTIONS"})
_BODIES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OF_REQUESTS: Final = re.compile(
    r"\b(request|session|current_app|g|current_user)\b(?!\s*=)"
)


def unsendable_json(facts: Facts) -> Iterator[CheckResult]:
    """Views that read JSON, which the policy does not let pages send."""
    for route in _with_policy(facts):
        assert route.policy is not None
        listed = {name.lower() for name in route.policy.allow_headers}
        if {"content-type", WILDCARD} & listed or not _BODIES & {*route.methods}:
            continue
        if facts.uses(route).json:
            names = [*route.policy.allow_headers, "Content-Type"]
            yield CheckResult(
                title(route),
                f"The view reads JSON, and its policy ({route.place}) does not let "
                "pages send Content-Type: application/json.",
                f"If pages send it: allow_headers={names!r}.",
                facts.view_spot(route),
            )


def hidden_methods(facts: Facts) -> Iterator[CheckResult]:
    """Routes with a method that the written list of their policy leaves out."""
    for route in _with_policy(facts):
        assert route.policy is not None
        listed = route.policy.methods
        if route.derives_methods or WILDCARD in listed:
            continue
        missing = [name for name in route.methods if name not in (*_OWN, *listed)]
        if missing:
            yield CheckResult(
                title(route),
                f"The policy ({route.place}) lists methods, and not "
                f"{', '.join(missing)}: no page of another origin can use it.",
                "If pages need it, leave methods out: then those of the URL's routes "
                "are listed.",
                facts.view_spot(route),
            )


def users_without_credentials(facts: Facts) -> Iterator[CheckResult]:
    """Views that look at who is signed in, under a policy without credentials."""
    for route in _with_policy(facts):
        policy = route.policy
        assert policy is not None
        if has_credentials(policy) or policy.compiled.is_open:
            continue
        if facts.uses(route).cookies:
            yield CheckResult(
                title(route),
                f"The view reads cookies, and its policy ({route.place}) does not let "
                "pages of other origins send any.",
                "If pages of other origins use it: supports_credentials=True.",
                facts.view_spot(route),
            )


def session_cookies(facts: Facts) -> Iterator[CheckResult]:
    """A session cookie that no browser stores."""
    config = {} if facts.app is None else facts.app.config
    if not config.get("SECRET_KEY"):
        return
    secure = config["SESSION_COOKIE_SECURE"]
    name = config["SESSION_COOKIE_NAME"]
    why = ""
    if str(config["SESSION_COOKIE_SAMESITE"] or "").lower() == "none" and not secure:
        why = "SESSION_COOKIE_SAMESITE is None, and browsers want such cookies Secure"
    elif name.lower().startswith(("__host-", "__secure-")) and not secure:
        why = f"by its name ({name}) the cookie must be Secure"
    elif name.lower().startswith("__host-") and config["SESSION_COOKIE_DOMAIN"]:
        why = f"by its name ({name}) the cookie must have no Domain"
    if why:
        at = "SESSION_COOKIE_DOMAIN" if "Domain" in why else "SESSION_COOKIE_SECURE"
        value = None if "Domain" in why else True
        message = f"Browsers do not store the session cookie: {why}."
        written = (at, "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_NAME")
        at_line = facts.written(*written)
        yield CheckResult(at, message, f"Write {at} = {value}.", at_line)


def partial_rules(facts: Facts) -> Iterator[CheckResult]:
    """Exact path rules for a route that has another spelling, too."""
    app = facts.app
    if app is None or facts.problems:
        return
    rules = {*facts.path_rules}
    for path in facts.path_rules:
        other = path.removesuffix("/") or "/"
        other = f"{path}/" if other == path else other
        if path.endswith("/*") or path == "/" or other in rules or f"{path}/*" in rules:
            continue
        for rule in app.url_map.iter_rules():
            if rule.rule in (path, other) and not _is_strict(rule, app.url_map):
                yield CheckResult(
                    f"resources {path!r}",
                    f"The route {rule.rule} is served at {other} as well, where this "
                    "path rule does not apply.",
                    f'Write {path.removesuffix("/")!r}, or "{path.removesuffix("/")}'
                    '/*" for both spellings and everything below.',
                    facts.spot("CORS(app): resources"),
                )
                break


def middleware_in_front(facts: Facts) -> Iterator[CheckResult]:
    """Middleware that was put around the application after its policy."""
    app = facts.app
    if app is None or state_of(app) is None:
        return
    # What is bound is Flask's own wsgi_app, or ours.
    holder = getattr(app.wsgi_app, "__self__", app.wsgi_app)
    while isinstance(holder, ProxyFix):
        holder = getattr(holder.app, "__self__", holder.app)
    if isinstance(holder, Flask | FlaskMiddleware):
        return
    name = getattr(holder, "__name__", type(holder).__name__)
    yield CheckResult(
        f"app.wsgi_app: {name}",
        f"{name} is in front of the policy: its own answers have no CORS headers.",
        "Wrap app.wsgi_app before CORS(app), so that the policy is outermost.",
        facts.written(f"wsgi_app: {name}", "wsgi_app"),
    )


def converters_of_requests(facts: Facts) -> Iterator[CheckResult]:
    """URL converters whose result depends on the request."""
    if facts.app is None or not facts.policies:
        return
    for name, converter in facts.app.url_map.converters.items():
        if converter.__module__.startswith("werkzeug.") or not _is_used(facts, name):
            continue
        method = converter.to_python
        try:
            source = inspect.getsource(method)
        except (OSError, TypeError):
            continue
        if method is not BaseConverter.to_python and _OF_REQUESTS.search(source):
            yield CheckResult(
                f"converter {name!r}",
                f"{converter.__name__}.to_python looks at the request. A preflight has "
                "no cookies and no token, so it may match another route, or none.",
                "Convert the text of the URL only, and look at the user in the view.",
                spot(spot_of(method)),
            )


def _with_policy(facts: Facts) -> Iterator[RoutePolicy]:
    return (each for each in facts.routes if each.policy is not None and each.endpoint)


def _is_strict(rule: Rule, url_map: Map) -> bool:
    """Say whether a route has one spelling only, but for redirects."""
    strict = url_map.strict_slashes if rule.strict_slashes is None else True
    return strict and rule.strict_slashes is not False


def _is_used(facts: Facts, name: str) -> bool:
    pattern = re.compile(rf"<{re.escape(name)}(\(.*?\))?:")
    return any(pattern.search(route.rule) for route in facts.routes)
