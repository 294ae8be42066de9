"""Applications and requests as plain data, so that a failure can be written down."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Mark:
    """A mark on a view, a class, a method or a blueprint."""

    options: Options
    exempt: bool = False


@dataclass(frozen=True)
class Rule:
    """A URL of a view. Its endpoint is that of the view, with *suffix* behind it."""

    path: str
    suffix: str = ""
    defaults: str = ""
    lax_slash: bool = False


@dataclass(frozen=True)
class Handler:
    """A method of a class-based view, in lower case, as Flask has them."""

    method: str
    mark: Mark | None = None
    does: str = "text"


@dataclass(frozen=True)
class View:
    """A view: a function, or a ``MethodView`` if it has handlers.

    :param methods: of a function.
    :param mark: on the function, or on the class.
    :param above: the mark is put on what ``as_view`` or the route decorator returned.
    :param decorators: a mark in the ``decorators`` of a class.
    """

    name: str
    rules: tuple[Rule, ...]
    methods: tuple[str, ...] = ("GET",)
    mark: Mark | None = None
    above: bool = False
    decorators: Mark | None = None
    handlers: tuple[Handler, ...] = ()
    does: str = "text"


@dataclass(frozen=True)
class Bp:
    """A blueprint, with those that are registered on it.

    :param again: it is registered a second time, with another name and prefix.
    """

    name: str
    prefix: str | None = None
    mark: Mark | None = None
    views: tuple[View, ...] = ()
    children: tuple[Bp, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Layer:
    """WSGI middleware; *app* is what a dispatcher sends a part of the paths to."""

    kind: str
    path: str = ""
    app: App | None = None


@dataclass(frozen=True)
class App:
    """An application.

    :param cors: the options of ``CORS(app)``; ``None``: it is never called.
    :param resources: path rules.
    :param late: ``CORS(app)`` is called when all routes are there.
    :param inside: layers put before ``CORS(app)``, the innermost first.
    :param outside: layers put after it.
    :param propagate: what a view raises comes out of the application.
    """

    name: str
    cors: Options | None = None
    resources: Mapping[str, Options] | None = None
    late: bool = False
    views: tuple[View, ...] = ()
    blueprints: tuple[Bp, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    inside: tuple[Layer, ...] = ()
    outside: tuple[Layer, ...] = ()
    merge_slashes: bool = True
    propagate: bool = False


@dataclass(frozen=True)
class Request:
    """A request.

    :param old: it is sent to ``app.wsgi_app`` as it was before ``CORS(app)``.
    :param root: SCRIPT_NAME, where the application is mounted by the server.
    """

    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    old: bool = False
    root: str = ""


@dataclass(frozen=True)
class Visit:
    """A page that sends several requests to one URL, as a browser does.

    :param steps: methods, and the names of headers that need a preflight.
    """

    origin: str
    path: str
    steps: tuple[tuple[str, tuple[str, ...]], ...]
    credentials: bool = False


@dataclass(frozen=True)
class Case:
    """An application, and the requests and pages that it meets."""

    app: App
    requests: tuple[Request, ...] = ()
    visits: tuple[Visit, ...] = ()


def all_blueprints(blueprints: Iterable[Bp]) -> list[Bp]:
    """Return *blueprints*, and those in them."""
    inner = [each for bp in blueprints for each in all_blueprints(bp.children)]
    return [*blueprints, *inner]


def all_views(app: App) -> list[View]:
    """Return the views of an application, those in blueprints too."""
    blueprints = all_blueprints(app.blueprints)
    return [*app.views, *(view for bp in blueprints for view in bp.views)]


def written(value: object) -> str:
    """Return *value* as source code, without what is as it is by default."""
    if isinstance(value, tuple):
        items = "".join(f"{written(item)}, " for item in value)
        return f"({items.strip() if len(value) == 1 else items.removesuffix(', ')})"
    if not dataclasses.is_dataclass(value):
        return repr(value)
    shown = [
        f"{part.name}={written(getattr(value, part.name))}"
        for part in dataclasses.fields(value)
        if getattr(value, part.name) != default_of(part)
    ]
    return f"{type(value).__name__}({', '.join(shown)})"


def default_of(part: dataclasses.Field[Any]) -> Any:
    """Return what the field *part* is where nothing is said."""
    if part.default_factory is not dataclasses.MISSING:
        return part.default_factory()
    return part.default


def smaller(value: Any) -> Iterator[Any]:
    """Yield what is a little smaller than *value*."""
    if isinstance(value, tuple):
        if value and not isinstance(value[0], str):
            yield from ((*value[:at], *value[at + 1 :]) for at in range(len(value)))
        for at, item in enumerate(value):
            yield from ((*value[:at], x, *value[at + 1 :]) for x in smaller(item))
    elif isinstance(value, Mapping):
        for key in sorted({*value} - {"origins", "accept_risks", "allow_headers"}):
            yield {k: v for k, v in value.items() if k != key}
        for key, item in value.items():
            yield from ({**value, key: less} for less in smaller(item))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from smaller_parts(value)


def smaller_parts(value: Any) -> Iterator[Any]:
    """Yield *value* with one field as it is by default, or a little smaller."""
    parts = dataclasses.fields(value)
    for part in parts:
        now, plain = getattr(value, part.name), default_of(part)
        if now != plain and plain is not dataclasses.MISSING:
            yield dataclasses.replace(value, **{part.name: plain})
    for part in reversed(parts):
        for less in smaller(getattr(value, part.name)):
            yield dataclasses.replace(value, **{part.name: less})


def shrink(case: Case, fails: Callable[[Case], bool], tries: int = 3000) -> Case:
    """Return the smallest case that is found with so many tries, and still fails."""
    found = True
    while found:
        found = False
        for less in smaller(case):
            tries -= 1
            if tries < 0:
                return case
            if (less.requests or less.visits) and fails(less):
                case, found = less, True
                break
    return case
