"""What governs a request in a Flask application, and what it comes to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, got_request_exception

from ..core.decision import decide
from ..core.errors import PolicyError
from ..core.fetch_standard import REQUEST_METHOD
from ..core.policy import Policy
from ..flask_ext.provenance import merged
from ..flask_ext.routing import Routes, nearest_rule
from .app_routes import marked_places, state_of
from .explaining import Cookie, Explanation, Ground, Sighting
from .playing import Player, middleware_policy, policy_sees
from .wsgi_client import environ_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..flask_ext.policies import RoutePolicies
    from ..flask_ext.provenance import Layer
    from .browser.requests import Page, PageRequest, Sent


def explain(
    app: Flask, page: Page, request: PageRequest, *, cookie: str = ""
) -> Explanation:
    """Explain what *page* gets from *app* for *request*, which is really made.

    No socket is opened. Where the application redirects to another host, nobody is
    asked there.

    :param cookie: the value of Cookie where credentials are included.
    :raises PolicyError: where the policies of the routes hold a mistake.
    """
    player = Player(app, lambda sent: sighting(app, sent), cookie)

    def note(_app: Flask, exception: BaseException, **_: Any) -> None:
        player.errors.append(exception)

    with got_request_exception.connected_to(note, app):
        return player.explain(page, request)


def explain_flask(
    app: object, page: Page, request: PageRequest, cookie: str
) -> Explanation | None:
    """Do the same where *app* is a Flask application; return ``None`` if it is not."""
    if isinstance(app, Flask):
        return explain(app, page, request, cookie=cookie)
    return None


def sighting(app: Flask, sent: Sent) -> Sighting:
    """Return what governs *sent* in *app*.

    :raises PolicyError: where the policies of the routes hold a mistake.
    """
    state = state_of(app)
    environ = environ_of(sent)
    method = "".join(sent.values(REQUEST_METHOD)) if sent.preflight else sent.method
    url = Routes(app).match(environ, method)
    path = environ["PATH_INFO"]
    found = Sighting(
        Ground.NO_EXTENSION,
        route=nearest_rule(app, url.endpoint, path) if url.endpoint else "",
        session=_session_cookie(app),
    )
    if state is None:
        by_layer = middleware_policy(app.wsgi_app, sent)
        if by_layer is not None:
            return replace(by_layer, route=found.route, session=found.session)
        if _has_other_extension(app):
            return replace(found, ground=Ground.UNKNOWN)
        return replace(found, marks=tuple(marked_places(app)))
    policies = state.policies
    state.check(policies)
    if url.endpoint is None:
        endpoint, method = policies.scope(url.methods.values(), path), ""
    else:
        endpoint, method = url.endpoint, method.upper()
    return _governed(found, policies, endpoint, method, sent)


def base_url(app: Flask) -> str:
    """Return where *app* says it is served, or else where ``flask run`` serves it."""
    name: str | None = app.config["SERVER_NAME"]
    if name:
        return f"{app.config['PREFERRED_URL_SCHEME']}://{name}"
    return "http://localhost:5000"


def _governed(
    found: Sighting, policies: RoutePolicies, endpoint: str, method: str, sent: Sent
) -> Sighting:
    """Complete *found* by what governs a route."""
    request = policy_sees(sent)
    path = request.environ["PATH_INFO"]
    layers = policies.layers(endpoint, method, policies.path_rule(path))
    nearest = layers[-1]
    found = replace(
        found,
        layers=tuple(layer.place for layer in layers),
        settings=merged(layers),
        place=nearest.place,
    )
    governing = policies.of_route(endpoint, method, path)
    if governing is None:
        exempt = nearest.settings is None
        return replace(found, ground=Ground.EXEMPT if exempt else Ground.NO_PATH_RULE)
    return replace(
        found,
        ground=Ground.POLICY,
        policy=governing.policy,
        own=frozenset(nearest.settings or ()),
        around=tuple(_around(layers)),
        derives_methods=governing.derive_methods,
        decision=decide(governing.policy, request),
    )


def _around(layers: Sequence[Layer]) -> Iterator[tuple[str, Policy]]:
    """Yield the policies that would govern if the layers further in were not there."""
    for depth in range(len(layers) - 1, 0, -1):
        with suppress(PolicyError):  # It may be no policy without what is further in.
            policy, _cautions = Policy.from_settings(merged(layers[:depth]))
            yield layers[depth - 1].place, policy


def _has_other_extension(app: Flask) -> bool:
    """Say whether Flask-CORS is there, whose policy is not known here."""
    hooks = (hook for hooks in app.after_request_funcs.values() for hook in hooks)
    return any(hook.__module__.startswith("flask_cors.") for hook in hooks)


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
