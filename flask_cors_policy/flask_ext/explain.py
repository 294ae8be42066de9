"""Plays a page's request through an application, and says what it comes to."""

from __future__ import annotations

import os.path
import posixpath
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import got_request_exception

from ..browser.cache import PreflightCache
from ..browser.fetching import drive, fetch
from ..browser.requests import Page, PageRequest, Received, Sent
from ..core.decision import decide
from ..core.errors import plain
from ..core.fetch_standard import REQUEST_METHOD
from ..explaining import Case, Cookie, Explanation, Ground, Sighting, explained
from ..testing.wsgi_client import environ_of, send_to
from ..wsgi import cors_request
from .policies import merged
from .routes import marked_places, state_of
from .routing import match

if TYPE_CHECKING:
    from types import TracebackType

    from flask import Flask

    from ..core.request import CORSRequest
    from .policies import Layer, RoutePolicies

# What is not the application's own code, in the path of a file.
_FOREIGN = (f"{os.sep}site-packages{os.sep}", f"{os.sep}lib{os.sep}python")


def explain(
    app: Flask, page: Page, request: PageRequest, *, cookie: str = ""
) -> Explanation:
    """Explain what *page* gets from *app* for *request*, which is really made.

    No socket is opened. Where the application redirects to another origin, nobody is
    asked there.

    :param cookie: the value of Cookie where credentials are included.
    :raises PolicyError: where the policies of the routes hold a mistake.
    """
    player = _Player(app, cookie)
    fetching = fetch(page, request, PreflightCache(page.engine))
    outcome = drive(fetching, player.send)
    case = Case(page, request, outcome, tuple(player.sightings), policy_sees)
    return explained(case)


def policy_sees(sent: Sent) -> CORSRequest:
    """Return what a policy sees of *sent*, with its environ."""
    return cors_request(environ_of(sent))


def sighting(app: Flask, sent: Sent) -> Sighting:
    """Return what governs *sent* in *app*.

    :raises PolicyError: where the policies of the routes hold a mistake.
    """
    state = state_of(app)
    environ = environ_of(sent)
    method = "".join(sent.values(REQUEST_METHOD)) if sent.preflight else sent.method
    url = match(app, environ, method)
    path = environ["PATH_INFO"]
    found = Sighting(
        Ground.NO_EXTENSION,
        route=_route(app, url.endpoint, path),
        session=_session_cookie(app),
    )
    if state is None:
        return replace(found, marks=tuple(marked_places(app)))
    policies = state.checked_policies()
    if url.endpoint is None:
        endpoint, method = policies.scope(url.methods.values(), path), ""
    else:
        endpoint, method = url.endpoint, method.upper()
    return _governed(found, policies, endpoint, method, sent)


def _governed(
    found: Sighting,
    policies: RoutePolicies,
    endpoint: str,
    method: str,
    sent: Sent,
) -> Sighting:
    """Complete *found* by what governs a route."""
    request = policy_sees(sent)
    path = request.environ["PATH_INFO"]
    layers = policies.layers(endpoint, method, policies.path_rule(path))
    nearest: Layer = layers[-1]
    found = replace(
        found,
        layers=tuple(layer.place for layer in layers),
        settings=merged(layers),
    )
    governing = policies.of_route(endpoint, method, path)
    if governing is None:
        exempt = nearest.settings is None
        ground = Ground.EXEMPT if exempt else Ground.NO_PATH_RULE
        return replace(found, ground=ground, place=nearest.place)
    return replace(
        found,
        ground=Ground.POLICY,
        policy=governing.policy,
        place=governing.place,
        own=frozenset(nearest.settings or ()),
        derives_methods=governing.derive_methods,
        decision=decide(governing.policy, request),
    )


class _Player:
    """Carries messages to an application, and notes what is behind each answer."""

    def __init__(self, app: Flask, cookie: str) -> None:
        self._app = app
        self._cookie = cookie
        self._send = send_to(app)
        self._origin = ""
        self.sightings: list[Sighting] = []

    def send(self, sent: Sent) -> Received | None:
        """Return the answer of the application; ``None`` for another server."""
        self._origin = self._origin or sent.url.origin
        if sent.url.origin != self._origin:
            self.sightings.append(Sighting())
            return None
        seen = sighting(self._app, sent)
        if sent.credentials and self._cookie:
            sent = replace(sent, headers=(*sent.headers, ("Cookie", self._cookie)))
        errors: list[BaseException] = []

        def note(_app: Flask, exception: BaseException, **_: Any) -> None:
            errors.append(exception)

        with got_request_exception.connected_to(note, self._app):
            try:
                received = self._send(sent)
            except Exception as error:
                errors.append(error)
                received = Received(500)  # What a server answers then.
        if errors:
            seen = replace(seen, error=described(errors[0]))
        self.sightings.append(seen)
        return received


def described(error: BaseException) -> str:
    """Return type, text and place of what an application raised, in one line."""
    text = plain(" ".join(str(error).split()), 200)
    name = type(error).__name__
    return f"{name}: {text}{_place(error.__traceback__)}" if text else name


def _place(trace: TracebackType | None) -> str:
    """Return the innermost place in the application's own code."""
    frames = traceback.extract_tb(trace)
    own = [
        frame
        for frame in frames
        if not any(part in frame.filename for part in _FOREIGN)
        and os.path.dirname(os.path.dirname(__file__)) not in frame.filename
    ]
    if not own:
        return ""
    return f" ({os.path.basename(own[-1].filename)}:{own[-1].lineno}, {own[-1].name})"


def _route(app: Flask, endpoint: str | None, path: str) -> str:
    """Return the URL rule of *endpoint* that is nearest to *path*."""
    if endpoint is None:
        return ""
    rules = [rule.rule for rule in app.url_map.iter_rules(endpoint)]
    return max(rules, key=lambda rule: len(posixpath.commonpath([rule, path])))


def _session_cookie(app: Flask) -> Cookie | None:
    config = app.config
    if not config["SECRET_KEY"]:
        return None
    same_site: str = config["SESSION_COOKIE_SAMESITE"] or ""
    return Cookie(
        config["SESSION_COOKIE_NAME"],
        same_site.lower(),
        config["SESSION_COOKIE_SECURE"],
    )


def base_url(app: Flask) -> str:
    """Return where *app* says it is served, or else where ``flask run`` serves it."""
    name: str | None = app.config["SERVER_NAME"]
    if name:
        return f"{app.config['PREFERRED_URL_SCHEME']}://{name}"
    return "http://localhost:5000"
