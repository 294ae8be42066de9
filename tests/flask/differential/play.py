"""Requests through an application and its twin, and what came back compared."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from wsgiref.util import setup_testing_defaults

from werkzeug.test import run_wsgi_app

from flask_cors_policy import PolicyWarning
from tests.flask.differential.answers import EXPOSED, HEADERS, METHODS, Expected
from tests.flask.differential.build import Built, build
from tests.flask.differential.describe import Case, Request
from tests.flask.differential.parts import Journal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Seen:
    """What came back, and what was noted meanwhile.

    :ivar error: what came out of the application instead.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    journal: Journal
    error: str = ""

    def values(self, name: str) -> list[str]:
        """Return every item of the header *name*, in lower case."""
        values = [value for key, value in self.headers if key.lower() == name]
        return [item.strip().lower() for value in values for item in value.split(",")]

    def cors(self) -> dict[str, frozenset[str]]:
        """Return the CORS headers, lists as sets."""
        found = {}
        for name, value in self.headers:
            name = name.lower()
            if name in (EXPOSED, HEADERS):
                found[name] = frozenset(self.values(name))
            elif name == METHODS:
                found[name] = frozenset(value.replace(" ", "").split(","))
            elif is_cors(name):
                found[name] = frozenset([value])
        return found

    def others(self) -> list[tuple[str, str]]:
        """Return the other headers but Vary; of cookies, whose values change, names."""
        return sorted(
            (name.lower(), value.partition("=")[0] if name == "Set-Cookie" else value)
            for name, value in self.headers
            if not is_cors(name) and name.lower() != "vary"
        )


def is_cors(name: str) -> bool:
    """Whether a header is one that a policy sets."""
    return name.lower().startswith(("access-control-", "timing-allow-origin"))


def send(app: WSGIApplication, request: Request, journal: Journal) -> Seen:
    """Send *request* over https, and return what came back."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": request.root,
        "PATH_INFO": request.path,
        "HTTP_HOST": "api.example.com",
        "wsgi.url_scheme": "https",
    }
    for name, value in request.headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    setup_testing_defaults(environ)
    # A marked function that serves several endpoints is worth a warning.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)
        try:
            body, status, headers = run_wsgi_app(app, environ, buffered=True)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
            return Seen(0, [], b"", journal.take(), error)
    return Seen(int(status[:3]), [*headers], b"".join(body), journal.take())


@dataclass
class Pair:
    """An application and its twin.

    :ivar reached: the applications that have matched a request.
    """

    real: Built
    twin: Built
    reached: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, case: Case) -> Pair:
        """Build both."""
        real = build(case.app, Journal(), policies=True)
        return cls(real, build(case.app, Journal(), policies=False))

    def twin_of(self, name: str) -> Built:
        """Return the twin of an application by its name."""
        return self.twin.mounted.get(name, self.twin)

    def is_installed(self, name: str) -> bool:
        """Whether an application has its policies before the request comes.

        With ``CORS(app)``, or a marked blueprint, from the start; with nothing but
        marks on views from the first request.
        """
        built = self.twin_of(name)
        blueprints = any(bp.mark for _, chain in built.chains for bp in chain)
        return built.described.cors is not None or blueprints or name in self.reached

    def ask(self, request: Request, twin: bool = False) -> Seen:
        """Send a request, to the application or to its twin."""
        built = self.twin if twin else self.real
        return send(built.old if request.old else built.flask, request, built.journal)


def complaints(seen: Seen, twin: Seen, right: list[Expected]) -> list[str]:
    """Return what is wrong, compared with the first of several right answers."""
    compared = [list(compare(seen, twin, expected)) for expected in right]
    return [] if [] in compared else compared[0]


def compare(seen: Seen, twin: Seen, expected: Expected) -> Iterator[str]:
    """Yield what differs from one answer.

    Of an error of the application's own, no more can be said: perhaps a response was
    already started.
    """
    if seen.journal.bodies and not twin.journal.bodies:
        yield "a body was not closed"
    if seen.error and seen.error != twin.error:
        yield f"{seen.error} came out"
    if seen.error:
        return
    same = expected.kind in ("alone", "passed", "unknown", "ambiguous")
    yield from (as_twin(seen, twin) if same else in_its_place(seen, expected))
    if expected.kind == "alone" or seen.status == twin.status == 101:
        if seen.cors() != twin.cors():
            yield f"{seen.headers} where there are {twin.headers}"
        return
    yield from cors_headers(seen, expected)
    if expected.vary is not None:
        own = {*twin.values("vary")} if expected.kind == "passed" else set()
        found, want = {*seen.values("vary")}, own | expected.vary
        # The session may be opened to find out about other methods of a URL.
        if "*" not in found & own and (want - found or found - want - {"cookie"}):
            yield f"Vary is {sorted(found)}, not {sorted(want)}"


def cors_headers(seen: Seen, expected: Expected) -> Iterator[str]:
    """Compare the CORS headers."""
    names = [name.lower() for name, _ in seen.headers if is_cors(name)]
    if len(names) > len({*names}):
        yield f"twice: {names}"
    found = seen.cors()
    for name in sorted({*found, *expected.cors} - expected.loose):
        have, want = found.get(name), expected.cors.get(name)
        if name == METHODS:
            have = (have or frozenset()) - expected.optional
            want = (want or frozenset()) - expected.optional
        if have != want:
            yield f"{name}: {text(have)}, not {text(want)}: {expected.verdict}"


def as_twin(seen: Seen, twin: Seen) -> Iterator[str]:
    """Compare all that CORS is not about."""
    for name in ("status", "error", "body"):
        have, want = getattr(seen, name), getattr(twin, name)
        if have != want:
            yield f"{name} {have!r}, without policies {want!r}"
    if seen.others() != twin.others():
        yield f"{seen.others()}, without policies {twin.others()}"
    for name in ("views", "functions"):
        have, want = getattr(seen.journal, name), getattr(twin.journal, name)
        if have != want:
            yield f"{name} {have}, without policies {want}"


# What after_request functions and layers may add to an answer from inside Flask.
ADDED_INSIDE = {"x-after", "x-added", "set-cookie"}


def in_its_place(seen: Seen, expected: Expected) -> Iterator[str]:
    """Compare an answer that the policy gives in the place of the application."""
    yield from ran(seen, expected)
    if seen.status != expected.status:
        yield f"status {seen.status}, not {expected.status}: {expected.verdict}"
    known = {"content-length", "content-type", "cache-control"}
    known |= ADDED_INSIDE if expected.inside else set()
    more = {name for name, _ in seen.others()} - known
    if more:
        yield f"other headers: {sorted(more)}"
    if seen.body:
        yield f"body {seen.body!r}"
    if expected.kind == "refused" and seen.values("cache-control") != ["no-store"]:
        yield f"Cache-Control: {seen.values('cache-control')}"


def ran(seen: Seen, expected: Expected) -> Iterator[str]:
    """Complain if something of the application ran that must not."""
    if seen.journal.views and not expected.view:
        yield f"ran: {seen.journal.views}: {expected.verdict}"
    if seen.journal.functions and not expected.function:
        yield f"ran: {seen.journal.functions}: {expected.verdict}"


def text(values: Iterable[str] | None) -> str:
    """Return the values of a header to read."""
    return "missing" if values is None else repr(", ".join(sorted(values)))
