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
from ..flask_ext.building import merged
from ..flask_ext.matching import Match, match_preflight, match_response
from ..flask_ext.state import CORS_APP, state_of
from ..wsgi import path_of
from .app_routes import active_table
from .explaining import Cookie, Explanation, Ground, Sighting
from .playing import Player, middleware_policy, policy_sees
from .wsgi_client import environ_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..flask_ext.building import SettingsSource
    from ..flask_ext.table import PolicyTable
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
    table = active_table(app)
    environ = environ_of(sent)
    asked = "".join(sent.values(REQUEST_METHOD)) if sent.preflight else ""
    match = _match(app, table, environ, asked)
    found = Sighting(
        Ground.NO_EXTENSION,
        route=match.rule.rule if match.rule is not None else "",
        session=_session_cookie(app),
    )
    if table is not None:
        return _governed(found, table, match, sent)
    by_layer = middleware_policy(app.wsgi_app, sent)
    if by_layer is not None:
        return replace(by_layer, route=found.route, session=found.session)
    if _has_other_extension(app):
        return replace(found, ground=Ground.UNKNOWN)
    return found


def _match(
    app: Flask, table: PolicyTable | None, environ: dict[str, Any], asked: str
) -> Match:
    """Return what applies to a request, as Flask's own context has it."""
    method = asked or environ["REQUEST_METHOD"]
    with suppress(Exception):  # A converter may raise anything.
        with app.request_context({**environ, "REQUEST_METHOD": method}) as context:
            if table is None:
                return Match(None, rule=context.request.url_rule)
            request, adapter = context.request, context.url_adapter
            if asked:
                return match_preflight(table, request, adapter, asked)
            return match_response(table, request, adapter)
    return Match(None if table is None else table.unknown)


def base_url(app: Flask) -> str:
    """Return where *app* says it is served, or else where ``flask run`` serves it."""
    name: str | None = app.config["SERVER_NAME"]
    if name:
        return f"{app.config['PREFERRED_URL_SCHEME']}://{name}"
    return "http://localhost:5000"


def _governed(
    found: Sighting, table: PolicyTable, match: Match, sent: Sent
) -> Sighting:
    """Complete *found* by what applies to a route."""
    request = policy_sees(sent)
    path = "/" + path_of(dict(request.environ)).lstrip("/")
    layers = table.sources(*match.place, table.paths.rule(path))
    nearest = layers[-1]
    found = replace(
        found,
        layers=tuple(layer.place for layer in layers),
        settings=merged(layers),
        place=nearest.place,
    )
    handler = match.handler
    if handler is None or handler.policy is None:
        return replace(found, ground=_ground_without_policy(table, nearest))
    return replace(
        found,
        ground=Ground.POLICY,
        policy=handler.policy,
        own=frozenset(nearest.settings or ()),
        around=tuple(_around(layers)),
        derives_methods=handler.lists_own,
        decision=decide(handler.policy, request, match.url),
    )


def _ground_without_policy(table: PolicyTable, nearest: SettingsSource) -> Ground:
    if nearest.settings is None:
        return Ground.EXEMPT
    state = state_of(table.app)
    if state is not None and state.place != CORS_APP:  # A mark has installed it.
        return Ground.NO_EXTENSION
    return Ground.NO_PATH_RULE


def _around(layers: Sequence[SettingsSource]) -> Iterator[tuple[str, Policy]]:
    """Yield the policies that would govern if the layers further in were not there."""
    for depth in range(len(layers) - 1, 0, -1):
        with suppress(PolicyError):  # It may be no policy without what is further in.
            policy, _warnings = Policy.from_settings(merged(layers[:depth]))
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
