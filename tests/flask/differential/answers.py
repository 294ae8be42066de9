"""What must come back for a request, from what the twin noted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.flask.differential.oracle import (
    AMBIGUOUS,
    UNKNOWN,
    Policy,
    Situation,
    Verdict,
    all_marks,
    look,
    lower,
    verdicts,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from tests.flask.differential.build import Built
    from tests.flask.differential.parts import Journal
    from tests.flask.differential.play import Pair

ORIGIN = "access-control-allow-origin"
CREDENTIALS = "access-control-allow-credentials"
METHODS = "access-control-allow-methods"
HEADERS = "access-control-allow-headers"
EXPOSED = "access-control-expose-headers"
MAX_AGE = "access-control-max-age"
TIMING = "timing-allow-origin"

ASKED_METHOD = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
ASKED_NAMES = "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")

# Lists are compared as sets, names of headers without case.
Values = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Expected:
    """What must come back.

    :ivar kind: ``granted`` or ``denied`` for preflights, ``passed``, ``refused``,
        ``alone`` (no policy), ``unknown`` or ``ambiguous``.
    :ivar cors: the CORS headers, each at most once.
    :ivar vary: what Vary names because of the policy; ``None``: not compared.
    :ivar optional: methods that may be listed, or not: no route serves them.
    :ivar loose: headers that are not compared.
    :ivar inside: answered inside Flask, where after_request functions follow.
    :ivar view: a view may have run: its answer is withheld, or of another application.
    :ivar function: so may have before_request functions.
    """

    kind: str
    verdict: Verdict
    status: int = 0
    cors: Values = field(default_factory=dict)
    vary: frozenset[str] | None = None
    optional: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    inside: bool = False
    view: bool = False
    function: bool = False


LEFT_ALONE = Expected("alone", UNKNOWN)


def one(value: str) -> frozenset[str]:
    """Return a header's only value."""
    return frozenset([value])


def expectations(pair: Pair, notes: Journal) -> list[Expected]:
    """Return the answers that are right; more than one where the design is silent."""
    arrivals = notes.arrivals
    if notes.matches:
        last = notes.matches[-1]
        built = pair.twin_of(last.app)
        if built.described.cors is not None or all_marks(built.described):
            return with_policy(pair, notes, built, last.environ)
        # An application without a policy, mounted in one that has one.
        arrivals = [each for each in arrivals if each.app != last.app]
    if not arrivals or not pair.is_installed(arrivals[-1].app):
        return [LEFT_ALONE]
    _, before, environ = arrivals[-1]
    if before["SCRIPT_NAME"] != environ["SCRIPT_NAME"]:
        return [LEFT_ALONE]  # A layer has sent it to another application.
    right = with_policy(pair, notes, pair.twin_of(arrivals[-1].app), environ)
    if not notes.matches:  # A layer has answered by itself.
        return right
    maybe = [replace(each, view=True, function=True) for each in right]
    return [LEFT_ALONE, *maybe]


def with_policy(
    pair: Pair, notes: Journal, built: Built, environ: WSGIEnvironment
) -> list[Expected]:
    """Return what is right for a request to an application that has a policy.

    :param environ: as Flask, or the layer that answers, sees it.
    """
    app = built.described
    arrivals = [each for each in notes.arrivals if each.app == app.name]
    inside = not arrivals or not pair.is_installed(app.name)
    first = environ if inside else arrivals[-1].before
    reached = any(each.app == app.name for each in notes.matches)
    method = notes.methods[-1] if reached and notes.methods else None
    is_preflight = first["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ORIGIN" in first
    if not (is_preflight and ASKED_METHOD in first):
        right = list(actuals(built, environ, method))
    else:
        found = look(built, environ, first[ASKED_METHOD])
        # With layers, another application may be asked after a 404.
        nowhere = bool(app.inside) and not found.served
        right = [
            replace(preflight(verdict, found, first), function=nowhere)
            for verdict in verdicts(found, preflight=True)
        ]
        if inside and (found.unknown or found.problem == "raised"):
            right.append(Expected("unknown", UNKNOWN))  # Flask gives up before anybody.
        alone = any(each.kind == "alone" for each in right)
        if alone and method not in (None, "OPTIONS"):
            # What is passed on may become another request in there.
            right += actuals(built, environ, method)
    return [replace(each, inside=inside) for each in right]


def preflight(verdict: Verdict, found: Situation, environ: WSGIEnvironment) -> Expected:
    """Return the answer to a preflight."""
    if not isinstance(verdict, Policy):
        denied = verdict in (UNKNOWN, AMBIGUOUS)
        return Expected("denied" if denied else "alone", verdict, 403)
    origin, announced = environ["HTTP_ORIGIN"], environ[ASKED_METHOD]
    names = lower(verdict.allow_headers)
    echoes = verdict.supports_credentials and "*" in names
    vary = {"access-control-request-method"} | (set() if verdict.open else {"origin"})
    if echoes:
        vary.add("access-control-request-headers")
        names = re.split("[ ,]+", environ.get(ASKED_NAMES, ""))
    junk = not re.fullmatch("null|[a-z]+://[a-z0-9.:-]+", origin)
    if not TOKEN.fullmatch(announced) or not verdict.allows(origin) or junk:
        return Expected("denied", verdict, 403, vary=frozenset(vary))
    kept = verdict.max_age
    if set(found.routes().values()) - {verdict}:
        kept = 0  # Another policy governs a method of this URL.
    cors = {
        ORIGIN: one("*" if verdict.open else origin),
        CREDENTIALS: one("true") if verdict.supports_credentials else None,
        METHODS: listed(verdict, found, announced),
        HEADERS: frozenset(name for name in names if name),
        MAX_AGE: None if kept is None else one(str(kept)),
    }
    optional = found.nearby - {*found.served}
    if announced.upper() in optional:
        optional.add(announced)
    # Of a redirect, and where a route cannot be told, the design says no more.
    loose = found.problem == "redirect" or found.unknown
    return Expected(
        "granted",
        verdict,
        verdict.preflight_status,
        {name: values for name, values in cors.items() if values},
        frozenset(vary),
        frozenset(optional if verdict.methods is None else ()),
        frozenset([METHODS, MAX_AGE] if loose else []),
    )


def listed(policy: Policy, found: Situation, announced: str) -> frozenset[str]:
    """Return the methods that the answer to a preflight lists."""
    others = {m for m, verdict in found.routes().items() if verdict != policy}
    if policy.methods is None:
        unserved = set() if announced.upper() in found.served else {announced}
        return frozenset(found.listed(policy) | unserved)
    if "*" not in policy.methods:
        return frozenset(m for m in policy.methods if m not in others)
    return one(announced if policy.supports_credentials or others else "*")


def actuals(
    built: Built, environ: WSGIEnvironment, method: str | None
) -> Iterator[Expected]:
    """Yield what is right for a request that is no preflight.

    :param method: what it is when the response starts, where Flask was reached.
    """
    found = look(built, environ, environ["REQUEST_METHOD"])
    method = method or found.method
    for verdict in verdicts(found, preflight=False):
        yield from actual(verdict, found, method, environ)
    if method != found.method and found.rule is None:
        # A 404 stays one, whatever a before_request function says.
        again = look(built, environ, method)
        for verdict in verdicts(again, preflight=False):
            for right in actual(verdict, again, method, environ):
                yield replace(right, function=True)


def actual(
    verdict: Verdict, found: Situation, method: str, environ: WSGIEnvironment
) -> Iterator[Expected]:
    """Yield the answer to an actual request, which may end with another *method*."""
    app = found.built.described
    options = [app.cors or {}, *(mark.options for mark in all_marks(app))]
    options += (app.resources or {}).values()
    may_enforce = any(each.get("enforce") for each in options)
    if verdict in (UNKNOWN, AMBIGUOUS):
        kind = "unknown" if verdict is UNKNOWN else "ambiguous"
        crossing = verdict is UNKNOWN or stops(None, environ, found.method)
        late = not crossing and stops(None, environ, method)
        if not (
            certainly_enforces(found) and verdict is AMBIGUOUS and (crossing or late)
        ):
            yield Expected(kind, verdict)
        if may_enforce and (crossing or late):
            yield Expected("refused", verdict, 403, view=late, function=late)
        if verdict is UNKNOWN and app.cors is None:
            yield LEFT_ALONE  # Nothing may have told yet that there are marks.
        return
    late = False
    if not refuses(verdict, environ, found.method) and method != found.method:
        if found.rule is not None:
            verdict = found.verdict(found.rule, method)
        late = True
    if refuses(verdict, environ, method if late else found.method):
        yield Expected("refused", verdict, 403, view=late, function=late)
    elif isinstance(verdict, Policy):
        yield passed(verdict, environ)
    else:
        yield Expected("alone", verdict)


def passed(policy: Policy, environ: WSGIEnvironment) -> Expected:
    """Return what is added to the response of the application."""
    origin = environ.get("HTTP_ORIGIN")
    vary = frozenset[str]() if policy.open else one("origin")
    if not policy.open and (origin is None or not policy.allows(origin)):
        return Expected("passed", policy, vary=vary)
    allowed = "*" if policy.open else str(origin)
    cors = {
        ORIGIN: one(allowed),
        CREDENTIALS: one("true") if policy.supports_credentials else None,
        EXPOSED: frozenset(lower(policy.expose_headers)),
        TIMING: one(allowed) if policy.timing_allow_origin else None,
    }
    set_ = {name: values for name, values in cors.items() if values}
    return Expected("passed", policy, cors=set_, vary=vary)


def refuses(verdict: Verdict, environ: WSGIEnvironment, method: str) -> bool:
    """Whether a policy enforces, and stops this request."""
    enforces = isinstance(verdict, Policy) and verdict.enforce
    return enforces and stops(verdict, environ, method)


def stops(verdict: Verdict | None, environ: WSGIEnvironment, method: str) -> bool:
    """Whether enforce stops a request; without a policy nobody is allowed."""
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if origin is None:
        socket = method == "GET" and environ.get("HTTP_UPGRADE") == "websocket"
        unsafe = method not in ("GET", "HEAD", "OPTIONS")
        return (unsafe or socket) and site in ("cross-site", "same-site")
    here = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
    if site in ("same-origin", "none") or (site is None and origin == here):
        return False
    if not isinstance(verdict, Policy) or not verdict.allows(origin):
        return True
    return "HTTP_COOKIE" in environ and not verdict.supports_credentials


def certainly_enforces(found: Situation) -> bool:
    """Whether a path rule or a mark on a function enforces for certain."""
    app = found.built.described
    written = [{**(app.cors or {}), **rule} for rule in (app.resources or {}).values()]
    for place in found.built.places.values():
        if place.view.mark is not None and not place.view.handlers:
            written.append({**place.view.mark.options})
    return any(options.get("enforce") for options in written)
