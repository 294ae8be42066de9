"""Flask applications from descriptions: with policies, or as a twin without any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, request, request_started
from flask.views import MethodView
from werkzeug.exceptions import HTTPException

from flask_cors_policy import CORS, cors_exempt, cross_origin
from tests.flask.differential import parts
from tests.flask.differential.describe import all_views
from tests.flask.differential.parts import Journal, Reached

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from tests.flask.differential.describe import (
        App,
        Bp,
        Layer,
        Mark,
        Options,
        View,
    )

IMPORT_NAME = "tests.flask.differential"


@dataclass(frozen=True)
class Place:
    """A view as it is registered: inside which blueprints, the outermost first."""

    view: View
    blueprints: tuple[Bp, ...] = ()


@dataclass
class Built:
    """An application, and what the oracle asks about it.

    :ivar old: ``app.wsgi_app`` as it was before ``CORS(app)``.
    :ivar places: where each endpoint comes from.
    :ivar chains: the prefix of each registered blueprint, and those it is inside of.
    :ivar mounted: the applications of its dispatchers, by name.
    """

    described: App
    journal: Journal
    policies: bool
    flask: Flask
    old: WSGIApplication
    places: dict[str, Place] = field(default_factory=dict)
    chains: list[tuple[str, tuple[Bp, ...]]] = field(default_factory=list)
    mounted: dict[str, Built] = field(default_factory=dict)
    receivers: list[Any] = field(default_factory=list)


def build(described: App, journal: Journal, policies: bool) -> Built:
    """Build an application: with its policies, or the twin without."""
    app = Flask(
        IMPORT_NAME, static_folder=None, root_path="/", instance_path="/instance"
    )
    app.logger.disabled = True
    app.url_map.merge_slashes = described.merge_slashes
    app.secret_key = "not a secret"
    app.config["PROPAGATE_EXCEPTIONS"] = described.propagate
    app.url_map.converters.update(converters_of(described))
    built = Built(described, journal, policies, app, app.wsgi_app)
    put_layers(built, described.inside)
    built.old = app.wsgi_app
    if not described.late:
        put_policy(built)
    add_functions(built)
    for view in described.views:
        add_view(built, app, view)
        for rule in view.rules:
            built.places[view.name + rule.suffix] = Place(view)
    for blueprint in described.blueprints:
        add_blueprint(built, app, blueprint)
        note_places(built, blueprint)
    if described.late:
        put_policy(built)
    put_layers(built, described.outside)
    if not policies:
        watch(built)
    return built


def converters_of(described: App) -> dict[str, Any]:
    """Return the converters that some rule names."""
    paths = [rule.path for view in all_views(described) for rule in view.rules]
    return {
        name: converter
        for name, converter in parts.CONVERTERS.items()
        if any(f"<{name}:" in path for path in paths)
    }


def put_layers(built: Built, described: Iterable[Layer]) -> None:
    """Put WSGI middleware around what is there."""
    for layer in described:
        inner: WSGIApplication | None = None
        if layer.app is not None:
            mounted = build(layer.app, built.journal, built.policies)
            built.mounted[layer.app.name] = mounted
            inner = mounted.flask
        around = parts.put_around(built.flask.wsgi_app, layer, inner)
        built.flask.wsgi_app = around  # type: ignore[assignment, method-assign]


def usable(options: Options) -> dict[str, Any]:
    """Return *options* with functions in place of their names."""
    origins = options.get("origins")
    if not str(origins).startswith("function:"):
        return dict(options)
    return {**options, "origins": parts.origin_function(str(origins))}


def put_policy(built: Built) -> None:
    """Call ``CORS(app)``; in the twin, note what arrives there."""
    app, described = built.flask, built.described
    if not built.policies:
        around = probe(app.wsgi_app, described.name, built.journal)
        app.wsgi_app = around  # type: ignore[assignment, method-assign]
        return
    if described.cors is None:
        return
    arguments = usable(described.cors)
    if described.resources is not None:
        rules = described.resources.items()
        arguments["resources"] = {path: usable(options) for path, options in rules}
    CORS(app, **arguments)


def probe(app: WSGIApplication, name: str, journal: Journal) -> WSGIApplication:
    """Note what arrives."""

    def noted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        journal.arrivals.append(Reached(name, dict(environ), environ))
        return app(environ, start)

    return noted


def watch(built: Built) -> None:
    """Note which requests reach Flask, and with which method they end: in the twin."""
    app, name, journal = built.flask, built.described.name, built.journal
    open_context = app.request_context

    def opened(environ: WSGIEnvironment) -> Any:
        journal.matches.append(Reached(name, dict(environ), environ))
        return open_context(environ)

    def started(_: object, **__: object) -> None:
        journal.started.append(name)

    def finish(_: object) -> None:
        journal.methods.append(request.method)

    app.request_context = opened  # type: ignore[method-assign]
    request_started.connect(started, sender=app)
    built.receivers.append(started)  # A signal holds them weakly.
    app.teardown_request(finish)


def add_functions(built: Built) -> None:
    """Add what runs around views."""
    app, described = built.flask, built.described
    for name in described.before:
        if name == "teardown":
            app.teardown_request(parts.boom)
        else:
            function = parts.BEFORE[name]
            app.before_request(parts.noting(name, function, built.journal))
    for name in described.after:
        if name == "errors":
            app.register_error_handler(HTTPException, parts.error_page)
        else:
            app.after_request(parts.AFTER[name])


def put_mark(built: Built, mark: Mark | None, thing: Any) -> Any:
    """Mark *thing*, unless this is the twin."""
    if mark is None or not built.policies:
        return thing
    if mark.exempt:
        return cors_exempt(thing)
    if isinstance(thing, Blueprint):
        return CORS(thing, **usable(mark.options))
    return cross_origin(**usable(mark.options))(thing)


def add_view(built: Built, where: Flask | Blueprint, view: View) -> None:
    """Add a view to the application, or to a blueprint."""
    function = view_function(built, view)
    methods: dict[str, Any] = {} if view.handlers else {"methods": view.methods}
    for rule in view.rules:
        options: dict[str, Any] = {"strict_slashes": False} if rule.lax_slash else {}
        if rule.defaults:
            options["defaults"] = {rule.defaults: 1}
        endpoint = view.name + rule.suffix
        where.add_url_rule(rule.path, endpoint, function, **methods, **options)
    if view.above:
        put_mark(built, view.mark, function)


def view_function(built: Built, view: View) -> Callable[..., Any]:
    """Return what Flask calls, with its marks but for one that is put above."""
    name, journal = built.described.name, built.journal
    mark = None if view.above else view.mark
    if not view.handlers:
        function = parts.view_function(name, view.does, journal)
        put_mark(built, mark, function)
        return function
    members: dict[str, Any] = {}
    for described in view.handlers:
        verb = described.method
        function = parts.view_function(name, described.does, journal, verb)
        members[verb] = put_mark(built, described.mark, function)
    if view.decorators is not None:
        members["decorators"] = [lambda f: put_mark(built, view.decorators, f)]
    cls: Any = type(view.name, (MethodView,), members)
    put_mark(built, mark, cls)
    made: Callable[..., Any] = cls.as_view(view.name)
    return made


def add_blueprint(built: Built, where: Flask | Blueprint, described: Bp) -> None:
    """Make, mark and register a blueprint, and those that are inside."""
    blueprint = Blueprint(
        described.name, IMPORT_NAME, root_path="/", url_prefix=described.prefix
    )
    put_mark(built, described.mark, blueprint)
    for view in described.views:
        add_view(built, blueprint, view)
    for child in described.children:
        add_blueprint(built, blueprint, child)
    where.register_blueprint(blueprint)
    if described.again:
        again = f"{described.name}_again"
        where.register_blueprint(blueprint, name=again, url_prefix=f"/{again}")


def note_places(
    built: Built,
    described: Bp,
    names: str = "",
    prefix: str = "",
    chain: tuple[Bp, ...] = (),
) -> None:
    """Note where each endpoint of a registered blueprint comes from."""
    chain = (*chain, described)
    places = [(described.name, described.prefix or "")]
    again = f"{described.name}_again"
    places += [(again, f"/{again}")] if described.again else []
    for name, own in places:
        built.chains.append((prefix + own, chain))
        for view in described.views:
            for rule in view.rules:
                endpoint = f"{names}{name}.{view.name}{rule.suffix}"
                built.places[endpoint] = Place(view, chain)
        for child in described.children:
            note_places(built, child, f"{names}{name}.", prefix + own, chain)
