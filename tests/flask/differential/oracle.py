"""Which policy a request is under, by the description and by what the twin matches."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect

from tests.flask.differential.build import Built
from tests.flask.differential.describe import all_blueprints, all_views
from tests.flask.differential.parts import OwnError
from tests.flask.differential.words import FUNCTIONS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.routing import MapAdapter, Rule

    from tests.flask.differential.describe import App, Bp, Mark, Options, View

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE")
LISTS = ("origins", "methods", "allow_headers", "expose_headers", "accept_risks")


@dataclass(frozen=True)
class Policy:
    """The options of a policy, with what applies where nothing is written."""

    origins: tuple[str, ...]
    methods: tuple[str, ...] | None = None
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    supports_credentials: bool = False
    max_age: int | None = None
    preflight_status: int = 204
    timing_allow_origin: bool = False
    enforce: bool = False
    accept_risks: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether every origin is allowed."""
        return self.origins == ("*",)

    def allows(self, origin: str) -> bool:
        """Whether pages of *origin* may read responses."""
        return self.open or any(named(entry, origin) for entry in self.origins)

    def grants(
        self, origin: str, method: str, names: Iterable[str], credentials: bool
    ) -> bool:
        """Whether a page may send this."""
        listed = method in ("GET", "HEAD", "POST") or self.methods is None
        return (
            self.allows(origin)
            and (self.supports_credentials or not credentials)
            and (listed or covers(self.methods or (), method))
            and all(covers(lower(self.allow_headers), name) for name in names)
        )


@dataclass(frozen=True)
class Without:
    """What is in the place of a policy where there is none."""

    why: str


EXEMPT = Without("exempt")
NO_POLICY = Without("under no policy")
UNKNOWN = Without("cannot be matched")
AMBIGUOUS = Without("ambiguous")

Verdict = Policy | Without


def lower(names: Iterable[str]) -> list[str]:
    """Return *names* in lower case."""
    return [name.lower() for name in names]


def covers(listed: Iterable[str], name: str) -> bool:
    """Whether a list has a name, or the ``*`` that stands for every one."""
    return name in listed or "*" in listed


def named(entry: str, origin: str) -> bool:
    """Whether an entry of ``origins`` names *origin*: exactly, or by a pattern."""
    if entry in FUNCTIONS:
        return origin in FUNCTIONS[entry]
    if "*" not in entry:
        return entry == origin
    label = r"[a-z0-9]+(\.[a-z0-9]+)*"
    return bool(re.fullmatch(re.escape(entry).replace(r"\*", label), origin))


def policy_of(options: Options) -> Policy:
    """Return the policy that merged options make."""
    found: dict[str, Any] = dict(options)
    for name in {*LISTS} & {*found}:
        value = found[name]
        found[name] = (value,) if isinstance(value, str) else tuple(value)
    return Policy(**found)


def is_ambiguous(path: str) -> bool:
    """Whether *path* has dot segments, or empty ones that are not at its end."""
    segments = path.lstrip("/").split("/")
    return any(s in (".", "..") for s in segments) or "" in segments[:-1]


def rule_for(app: App, path: str) -> Options | None:
    """Return the options of the path rule for *path*: of those with most segments."""
    best: tuple[int, bool] = (-1, False)
    found: Options | None = None
    for rule, options in (app.resources or {}).items():
        base = rule.removesuffix("/*")
        below = base != rule and path.startswith(f"{base}/")
        rank = (base.count("/"), base == rule)
        if (path == base or below) and rank > best:
            best, found = rank, options
    return found


def view_marks(view: View, method: str) -> Iterator[Mark | None]:
    """Yield the marks that count for a method of *view*, the outermost first."""
    outer, inner = (view.mark, None) if view.above else (None, view.mark)
    yield from (outer, view.decorators if view.handlers else None, inner)
    by_method = {handler.method: handler for handler in view.handlers}
    handler = by_method.get(method.lower())
    if handler is None and method == "HEAD":
        handler = by_method.get("get")
    yield None if handler is None else handler.mark


def folded(
    app: App, blueprints: Iterable[Bp], marks: Iterable[Mark | None], path: str
) -> Verdict:
    """Return what applies to a view inside *blueprints* that has *marks*."""
    outer = [blueprint.mark for blueprint in blueprints]
    found = [mark for mark in [*outer, *marks] if mark is not None]
    rule = rule_for(app, path)
    if not found and (app.cors is None or (app.resources is not None and rule is None)):
        return NO_POLICY
    if found and found[-1].exempt:
        return EXEMPT
    options = {**(app.cors or {}), **(rule or {})}
    for mark in found:
        options.update(mark.options)
    return policy_of(options)


def all_marks(app: App) -> list[Mark]:
    """Return every mark of an application."""
    marks = [bp.mark for bp in all_blueprints(app.blueprints)]
    for view in all_views(app):
        marks += [view.mark, view.decorators, *(h.mark for h in view.handlers)]
    return [mark for mark in marks if mark is not None]


@dataclass
class Situation:
    """What Flask makes of a request.

    :ivar problem: ``raised``, ``redirect``, a status such as ``404``, or nothing.
    :ivar served: the route that serves each method at this URL.
    :ivar target: the path that Flask redirects to.
    :ivar unknown: a converter raises for another method.
    :ivar nearby: methods of routes that have this URL but for a slash at its end.
    """

    built: Built
    path: str
    method: str
    problem: str = ""
    served: dict[str, Rule] = field(default_factory=dict)
    target: str = ""
    unknown: bool = False
    nearby: set[str] = field(default_factory=set)

    @property
    def rule(self) -> Rule | None:
        """The route that serves the request."""
        return None if self.problem else self.served[self.method]

    def verdict(self, rule: Rule, method: str) -> Verdict:
        """Return what applies to a method of a route."""
        place, app = self.built.places[rule.endpoint], self.built.described
        marks = view_marks(place.view, method)
        return folded(app, place.blueprints, marks, self.target or self.path)

    def routes(self) -> dict[str, Verdict]:
        """Return what applies to each method, but to OPTIONS that Flask answers."""
        return {
            method: self.verdict(rule, method)
            for method, rule in self.served.items()
            if method != "OPTIONS" or not rule.provide_automatic_options  # type: ignore[attr-defined]
        }

    def listed(self, policy: Policy) -> set[str]:
        """Return the methods of this URL that are under *policy*.

        A route that takes any method has none to list but the one asked for.
        """
        return {
            method
            for method, rule in self.served.items()
            if self.verdict(rule, method) == policy
            and (rule.methods or method == self.method)
        }


def look(built: Built, environ: WSGIEnvironment, method: str) -> Situation:
    """Ask the twin what it makes of a request with *method*."""
    ours = ("werkzeug.", "flask")
    kept = {key: value for key, value in environ.items() if not key.startswith(ours)}
    changes = {"REQUEST_METHOD": method, "wsgi.input": io.BytesIO()}
    context = built.flask.request_context({**kept, **changes})
    found = Situation(built, context.request.path, context.request.method)
    try:
        context.push()
        adapter = context.url_adapter
        assert adapter is not None
        match(found, adapter)
    except Exception:
        found.problem = "raised"
    finally:
        with suppress(OwnError):
            context.pop()
        built.journal.take()
    return found


def match(found: Situation, adapter: MapAdapter) -> None:
    """Find out which route serves the method that is asked for, and each other."""
    path = None
    for _ in range(4):  # A redirect may lead to another.
        try:
            adapter.match(path, method=found.method)
            break
        except RequestRedirect as redirect:
            found.problem = "redirect"
            script_name = adapter.script_name.rstrip("/")
            path = urlsplit(redirect.new_url).path.removeprefix(script_name)
            found.target = path
        except HTTPException as error:
            found.problem = found.problem or str(error.code)
            break
    here = path or adapter.path_info
    for near in (here, here.removesuffix("/") if here.endswith("/") else f"{here}/"):
        with suppress(HTTPException):
            found.nearby.update(adapter.allowed_methods(near))
    for method in dict.fromkeys([*METHODS, found.method]):
        try:
            rule, _ = adapter.match(path, method=method, return_rule=True)
            found.served[method] = rule
        except HTTPException:
            continue
        except Exception:
            found.unknown = True


def verdicts(found: Situation, preflight: bool) -> list[Verdict]:
    """Return what applies to a request; more than one where the design is silent."""
    app = found.built.described
    routes = list(dict.fromkeys(found.routes().values()))
    if app.resources and is_ambiguous(found.path):
        return [AMBIGUOUS, *([EXEMPT] if EXEMPT in routes else [])]
    if found.problem == "raised":
        # Without marks the path says which policy applies, whatever the route is.
        return [UNKNOWN, *([] if all_marks(app) else [folded(app, (), (), found.path)])]
    if found.rule is not None:
        verdict = found.verdict(found.rule, found.method)
        return [verdict, *([UNKNOWN] if preflight and found.unknown else [])]
    # Where a converter may depend on cookies, a preflight cannot tell what is here.
    own = {*found.built.flask.url_map.converters} - {*Map.default_converters}
    personal = preflight and bool(own)
    missing = not_found(found)
    answers: list[Verdict]
    if found.problem == "redirect":
        own_route = found.served.get(found.method)
        here = [found.verdict(own_route, found.method)] if own_route else []
        answers = [*routes, *missing, *here]
    elif routes:
        several = len(routes) > 1
        answers = [folded(app, (), (), found.path)] if several else routes
    elif personal and all_marks(app):
        answers = [UNKNOWN, *(v for v in missing if v is NO_POLICY)]
    else:
        answers = missing
    unknown = [UNKNOWN] if personal or found.unknown else []
    return list(dict.fromkeys([*answers, *unknown]))


def not_found(found: Situation) -> list[Verdict]:
    """Return what applies to a 404: a blueprint's policy under its prefix.

    Prefixes of blueprints without a mark of their own, and those with converters, need
    not be known.
    """
    app, path = found.built.described, found.path
    under = [
        (len(prefix), chain)
        for prefix, chain in found.built.chains
        if prefix and re.match(re.sub("<[^>]*>", "[^/]+", prefix) + "(/|$)", path)
    ]
    marked = [(n, chain) for n, chain in under if any(bp.mark for bp in chain)]
    longest = max((n for n, _ in marked), default=0)
    answers = [folded(app, chain, (), path) for n, chain in marked if n == longest]
    untold = any(n >= longest for n, chain in under if not chain[-1].mark)
    varied = any("<" in prefix for prefix, _ in found.built.chains)
    if untold or varied or is_ambiguous(path) or not answers:
        answers.append(folded(app, (), (), path))
    return list(dict.fromkeys(answers))
