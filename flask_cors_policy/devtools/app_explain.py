"""Which policy applies to a request in a Flask application, and what the page gets."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, got_request_exception, request, request_started

from ..core.decision import decide, decide_denied
from ..core.errors import PolicyError
from ..core.fetch_standard import REQUEST_METHOD
from ..core.policy import Policy
from ..core.reasons import Reason
from ..core.settings import UNWRITTEN
from ..flask_ext.building import merged
from ..flask_ext.matching import Match, match_preflight, match_response
from ..flask_ext.signals import cors_refused
from ..flask_ext.state import CORS_APP, state_of
from ..handler import DenyingHandler
from ..wsgi import path_of
from .app_routes import active_table
from .browser.requests import Sent
from .browser.urls import parse_url
from .explaining import (
    Explanation,
    LibraryOptions,
    PolicyStatus,
    ServerInfo,
    SessionCookie,
)
from .flask_cors_apps import (
    FLASK_CORS,
    live_policies,
    live_policy,
    names_flask_cors,
    text_of,
)
from .flask_cors_options import DEFAULTS
from .playing import (
    Knowledge,
    Player,
    SeenRequest,
    described,
    middleware_info,
    policy_sees,
)
from .wsgi_client import environ_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..core.request import CORSRequest
    from ..flask_ext.building import SettingsSource
    from ..flask_ext.table import PolicyTable
    from .browser.requests import Page, PageRequest


class FlaskKnowledge(Knowledge):
    """What is known of a Flask application: its routes, policies and errors."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self._flask = app

    def info(self, sent: Sent, seen: SeenRequest | None = None) -> ServerInfo:
        """Return what is known of the application about *sent*.

        :raises PolicyError: if the policies of the routes are invalid.
        """
        return server_info(self._flask, sent, seen or SeenRequest())

    @contextmanager
    def seen(self, sent: Sent) -> Iterator[list[SeenRequest]]:
        """Note what Flask sees of *sent*, before any view or function of it runs."""
        seen: list[SeenRequest] = []

        def note(_app: Flask, **_: Any) -> None:
            seen.append(SeenRequest.of(sent, request.environ))

        with request_started.connected_to(note, self._flask):
            yield seen

    @property
    def session(self) -> SessionCookie | None:
        """The session cookie of the application, if it has sessions."""
        return _session_cookie(self._flask)

    @property
    def base_url(self) -> str:
        """Where the application says it is served."""
        return base_url(self._flask)

    def methods(self, url: str) -> tuple[str, ...]:
        """Return the methods that have a route at *url*; none if it has no route."""
        environ = environ_of(Sent("GET", parse_url(url)))
        try:
            adapter = self._flask.request_context(environ).url_adapter
            methods = [] if adapter is None else adapter.allowed_methods()
        except Exception:  # A converter may raise anything.
            return ()
        return tuple(sorted({*methods} - {"HEAD", "OPTIONS"}))

    @contextmanager
    def errors(self) -> Iterator[list[BaseException]]:
        """Note what views raise, which Flask answers with an error."""
        raised: list[BaseException] = []

        def note(_app: Flask, exception: BaseException, **_: Any) -> None:
            raised.append(exception)

        with got_request_exception.connected_to(note, self._flask):
            yield raised

    @contextmanager
    def refusals(self) -> Iterator[list[Reason]]:
        """Note why ``enforce`` refuses the request."""
        reasons: list[Reason] = []

        def note(_app: Flask, refusal: Any, **_: Any) -> None:
            if refusal.status == 403 and not refusal.report_only:
                reasons.extend(each for each in Reason if each.value == refusal.reason)

        with cors_refused.connected_to(note, self._flask):
            yield reasons


def explain(
    app: Flask, page: Page, request: PageRequest, *, cookie: str = ""
) -> Explanation:
    """Explain what *page* gets from *app* for *request*, which is really made.

    No socket is opened. If the application redirects to another host, nothing is sent
    there.

    :param cookie: the value of Cookie, sent if credentials are included.
    :raises PolicyError: if the policies of the routes are invalid.
    """
    return Player(app, FlaskKnowledge(app), cookie).explain(page, request)


def server_info(app: Flask, sent: Sent, seen: SeenRequest) -> ServerInfo:
    """Return what is known of *app* about *sent*.

    :param seen: what the application sees of it, if that is something else.
    :raises PolicyError: if the policies of the routes are invalid.
    """
    table = active_table(app)
    environ = environ_of(sent)
    environ.update(seen.environ)
    asked = "".join(sent.values(REQUEST_METHOD)) if sent.preflight else ""
    match, error = _match(app, table, environ, asked)
    found = ServerInfo(
        PolicyStatus.NO_EXTENSION,
        route=match.rule.rule if match.rule is not None else "",
        session=_session_cookie(app),
        error=error,
        path=path_of(seen.environ) if "PATH_INFO" in seen.environ else "",
        host=seen.environ.get("HTTP_HOST", ""),
        method=seen.environ.get("REQUEST_METHOD", ""),
        lost=seen.lost,
    )
    if match.rule is None:
        sent_match, _ = _match(app, table, environ_of(sent), asked)
        found = replace(
            found,
            hosts=tuple(_other_hosts(app, environ, asked)),
            as_sent=sent_match.rule.rule if sent_match.rule is not None else "",
        )
    if table is not None:
        return _with_policy(found, table, match, policy_sees(sent, seen))
    by_middleware = middleware_info(app.wsgi_app, sent)
    if by_middleware is not None:
        return replace(by_middleware, route=found.route, session=found.session)
    endpoint = match.rule.endpoint if match.rule else ""
    view = app.view_functions.get(endpoint)
    path = path_of(environ)
    options = _options_of_flask_cors(app, endpoint, path)
    if options is not None:
        others = () if options.policy else _resources_of_flask_cors(app)
        return replace(
            found,
            status=PolicyStatus.UNKNOWN,
            library=FLASK_CORS,
            options=options,
            path_rules=others,
        )
    return replace(found, library=FLASK_CORS if names_flask_cors(view) else "")


def base_url(app: Flask) -> str:
    """Return where *app* says it is served, or else where ``flask run`` serves it."""
    name: str | None = app.config["SERVER_NAME"]
    if name:
        return f"{app.config['PREFERRED_URL_SCHEME']}://{name}"
    return "http://localhost:5000"


def _match(
    app: Flask, table: PolicyTable | None, environ: dict[str, Any], asked: str
) -> tuple[Match, str]:
    """Return the handler and the route of a request, matched in Flask's own context.

    And what was raised, if Flask could not match it.
    """
    method = asked or environ["REQUEST_METHOD"]
    context = app.request_context({**environ, "REQUEST_METHOD": method})
    try:
        context.push()
        request, adapter = context.request, context.url_adapter
        if table is None:
            return Match(None, rule=request.url_rule), ""
        if asked:
            return match_preflight(table, request, adapter, asked), ""
        return match_response(table, request, adapter), ""
    except Exception as error:  # A converter may raise anything.
        return Match(None if table is None else table.unknown), described(error)
    finally:
        with suppress(Exception):  # It is open also where push() has raised.
            context.pop(None)


def _other_hosts(app: Flask, environ: dict[str, Any], asked: str) -> Iterator[str]:
    """Yield the other hosts at which a route serves the request."""
    server = app.config["SERVER_NAME"] or ""
    hosts = {rule.host or "" for rule in app.url_map.iter_rules()} | {server}
    if app.subdomain_matching and server:
        subdomains = {rule.subdomain for rule in app.url_map.iter_rules()}
        hosts |= {f"{subdomain}.{server}" for subdomain in subdomains if subdomain}
    for host in sorted(hosts - {"", environ["HTTP_HOST"]}):
        with suppress(Exception):  # A converter may raise anything.
            adapter = app.request_context({**environ, "HTTP_HOST": host}).url_adapter
            method = asked or environ["REQUEST_METHOD"]
            if "<" not in host and adapter is not None and adapter.test(method=method):
                yield host


def _with_policy(
    found: ServerInfo, table: PolicyTable, match: Match, request: CORSRequest
) -> ServerInfo:
    """Complete *found* with the policy of the route."""
    handler = match.handler
    if isinstance(handler, DenyingHandler) and handler is table.unknown:
        return _denied(found, table, handler, request)  # Its view may be a proxy.
    path = "/" + path_of(dict(request.environ)).lstrip("/")
    sources = table.sources(*match.place, table.paths.rule(path))
    nearest = sources[-1]
    found = replace(
        found,
        sources=tuple(source.place for source in sources),
        settings=merged(sources),
        place=nearest.place,
    )
    if isinstance(handler, DenyingHandler):
        return _denied(found, table, handler, request)
    if handler is None or handler.policy is None:
        status = _status_without_policy(table, nearest)
        rules = tuple(table.config.resources or ())
        return replace(found, status=status, path_rules=rules)
    return replace(
        found,
        status=PolicyStatus.POLICY,
        policy=handler.policy,
        own=frozenset(nearest.settings or ()),
        outer=tuple(_outer(sources)),
        derives_methods=handler.policy.methods is UNWRITTEN,
        decision=decide(handler.policy, request, match.url),
    )


def _denied(
    found: ServerInfo, table: PolicyTable, handler: DenyingHandler, request: CORSRequest
) -> ServerInfo:
    """Complete *found* with the reason why no policy can be found."""
    reasons: dict[DenyingHandler, Reason] = {
        table.unknown: Reason.ROUTE_UNKNOWN,
        table.paths.ambiguous: Reason.PATH_AMBIGUOUS,
    }
    reason = reasons.get(handler, Reason.POLICY_INVALID)
    return replace(
        found,
        status=PolicyStatus.DENIED,
        place=handler.place,
        decision=decide_denied(request, reason, handler.enforced),
    )


def _status_without_policy(table: PolicyTable, nearest: SettingsSource) -> PolicyStatus:
    if nearest.settings is None:
        return PolicyStatus.EXEMPT
    state = state_of(table.app)
    if state is not None and state.place != CORS_APP:  # A mark has installed it.
        return PolicyStatus.NO_EXTENSION
    return PolicyStatus.NO_PATH_RULE


def _outer(sources: Sequence[SettingsSource]) -> Iterator[tuple[str, Policy]]:
    """Yield the policies that would apply without the sources further in."""
    for depth in range(len(sources) - 1, 0, -1):
        with suppress(PolicyError):  # It may be no policy without what is further in.
            policy, _warnings = Policy.from_settings(merged(sources[:depth]))
            yield sources[depth - 1].place, policy


def _options_of_flask_cors(
    app: Flask, endpoint: str, path: str
) -> LibraryOptions | None:
    """Return the options of Flask-CORS for a request, ``None`` if it is not used."""
    blueprints = []
    name = endpoint.rpartition(".")[0]
    while name:
        blueprints.append(name)
        name = name.rpartition(".")[0]
    live = live_policy(app, endpoint, blueprints, path)
    others = [each for each in live_policies(app) if each.view is None]
    if live is None and not others:
        return None
    from .audit.facts import Facts

    facts = Facts(app)
    if live is None:
        place, policy, live = f"CORS(app) of {FLASK_CORS}", None, others[-1]
    else:
        place, policy = live.place, live.policy
    spots = {
        option: f"{spot.file}:{spot.line}"
        for option in DEFAULTS
        if (spot := facts.live_spot(live, option))
    }
    return LibraryOptions(place, policy, spots)


def _resources_of_flask_cors(app: Flask) -> tuple[str, ...]:
    paths = (each.path for each in live_policies(app) if each.view is None)
    return tuple(map(text_of, paths))


def _session_cookie(app: Flask) -> SessionCookie | None:
    config = app.config
    if not config["SECRET_KEY"]:
        return None
    same_site: str = config["SESSION_COOKIE_SAMESITE"] or ""
    return SessionCookie(
        config["SESSION_COOKIE_NAME"],
        same_site.lower(),
        config["SESSION_COOKIE_SECURE"],
        config.get("SESSION_COOKIE_PARTITIONED", False),  # Since Flask 3.1.
        config["SESSION_COOKIE_PATH"] or "/",
    )
