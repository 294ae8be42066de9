"""CORS for any WSGI application, and all that knows ``environ`` and PEP 3333.

.. code-block:: python

    from flask_cors_policy import CORSMiddleware, Policy

    app = CORSMiddleware(app, origins="https://app.example.com")
    app = CORSMiddleware(app, Policy(origins="*"))
    app = CORSMiddleware(app, {"/api/*": Policy(origins="*"), "/me": {...}})
    app.policy = Policy(origins="https://new.example.com")   # while it serves

A preflight is answered here and never reaches the application. Any other request
does, and its response, whatever it is, gets the headers of the policy: put this
around everything that may answer in the application's place.

This module translates; ``core.decision`` decides what is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .core.answer import Decision, HeaderList, Headers, merge
from .core.decision import Enforce, strictest
from .core.fetch_standard import CORS_RESPONSE_HEADERS
from .core.inheritance import read_policies
from .core.paths import PathRules, is_ambiguous
from .core.policy import Policy, warn_of
from .core.reasons import Reason
from .core.settings import RawOptions, Report, Setting, raw_options
from .handler import DenyingHandler, PolicyHandler
from .log import RefusalLog
from .refusals import OnRefused

if TYPE_CHECKING:
    from os import PathLike

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

    from .core.options import PolicyOptions
    from .reporting import Reporting

T = TypeVar("T")

WHOLE_APPLICATION: Final = "the whole application"
AMBIGUOUS_PATHS: Final = "ambiguous paths"

# A 204 has no body and so no Content-Length (RFC 9110, 8.6). An empty body has a type
# all the same, because checkers of PEP 3333 ask for one.
_EMPTY: Final = (("Content-Type", "text/plain"), ("Content-Length", "0"))
REFUSED: Final = "403 Forbidden"
_ANSWERS: Final = {
    200: ("200 OK", _EMPTY),
    204: ("204 No Content", ()),
    403: (REFUSED, _EMPTY),
}
UNANSWERED: Final = "refusal_response raised; the refused request got an empty answer"


class PathTable:
    """The policies of an application by path: never changed, replaced as a whole.

    :param default: the policy of all paths; ``None`` where there are path rules.
    :param rules: path rule to its policy.
    :param enforced: what the policies of the application enforce.
    """

    def __init__(
        self,
        default: PolicyHandler | None,
        rules: Mapping[str, PolicyHandler],
        log: RefusalLog,
        enforced: Enforce = False,
    ) -> None:
        self.default = default
        self.rules = MappingProxyType(dict(rules))
        self._compiled = PathRules(rules)
        self.ambiguous = DenyingHandler(Reason.PATH_AMBIGUOUS, AMBIGUOUS_PATHS, log)
        self.ambiguous.enforced = enforced

    def find(self, path: str) -> PolicyHandler | None:
        """Return what applies to *path*; ``None`` leaves the response as it is."""
        if not self.rules:
            return self.default
        if is_ambiguous(path):
            return self.ambiguous
        found = self._compiled.find(path)
        return None if found is None else found[1]

    def rule(self, path: str) -> str:
        """Return the path rule that applies to *path*, ``""`` if there is none."""
        found = None if is_ambiguous(path) else self._compiled.find(path)
        return "" if found is None else found[0]


class CORSMiddleware:
    """Apply a CORS policy to a WSGI application.

    :param app: any WSGI application.
    :param policy: one policy for all paths, or a mapping of path rules to policies
        (or to the options of one), each of them a rule of ``core.paths``. A path that
        no rule covers is passed through untouched; an ambiguous one (with ``.``,
        ``..`` or empty segments inside) gets no CORS headers.
    :param on_refused: called with a :class:`~.refusals.Refusal` for every request that
        a policy denies, however many there are. What it raises is logged.
    :param refusal_response: a WSGI application that answers, with the status 403, in
        the place of the empty answer to a request that ``enforce`` refuses.
    :param report_only: options laid over those of the application: what the resulting
        policy would refuse is logged and told to *on_refused*, and nothing is refused.
    :param report_file: the path of a file that notes what pages ask, for
        ``flask cors suggest``.
    :param options: the options of one policy instead; beside a mapping, what its
        policies inherit.
    :raises PolicyError: with every problem there is, as ``problems``.
    :raises TypeError: if *app*, *on_refused* or *refusal_response* cannot be called.
    """

    def __init__(
        self,
        app: WSGIApplication,
        policy: Policy | Mapping[str, Policy | PolicyOptions] | None = None,
        *,
        on_refused: OnRefused | None = None,
        refusal_response: WSGIApplication | None = None,
        report_only: PolicyOptions | None = None,
        report_file: str | PathLike[str] | None = None,
        **options: Unpack[PolicyOptions],
    ) -> None:
        if not callable(app):
            raise TypeError(f"not a WSGI application: {app!r}")
        self.app = app
        self._refusal_response = _callable("refusal_response", refusal_response)
        self._log = RefusalLog(_callable("on_refused", on_refused))
        report = Report()
        self._reporting: Reporting | None = None
        if report_only is not None or report_file is not None:
            from .reporting import Reporting  # Few applications need it.

            only = _setting("report_only", report_only)
            file = _setting("report_file", report_file)
            self._reporting = Reporting(only, file, self._log, report)
        self._active = self._table(policy, raw_options(options), report)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        active = self._active
        handler = active.default or active.find(path_of(environ))
        if handler is None:
            return self.app(environ, start_response)
        if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ and is_preflight(environ):
            return send(handler.decide_preflight(environ), start_response)
        decision = handler.memo.actual.get(environ.get("HTTP_ORIGIN"))
        if decision is None:
            decision = handler.decide_actual(environ)
            if decision.status is not None:
                return self._refuse(decision, environ, start_response)

        # Bound as defaults, and not as variables of the method: each of these would
        # cost every request a cell.
        def start(
            status: str,
            headers: HeaderList,
            exc_info: Any = None,
            start_response: StartResponse = start_response,
            handler: PolicyHandler = handler,
            added: Headers = decision.headers,
        ) -> Callable[[bytes], object]:
            headers = merged(status, headers, handler, added)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        return self.app(environ, start)

    def _refuse(
        self,
        decision: Decision,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Answer a request that the policy refuses."""
        if self._refusal_response is not None:
            try:
                headers, body = _run(self._refusal_response, {**environ})
                headers = with_refusal(headers, decision.headers)
            except Exception as error:
                self._log.failed("refusal-response-failed", UNANSWERED, error)
            else:
                start_response(REFUSED, headers)
                return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        return send(decision, start_response)

    @property
    def policy(self) -> Policy | Mapping[str, Policy]:
        """The policy of all paths, or the policies of the path rules.

        It may be set while requests are served, to whatever the constructor takes as
        ``policy``: the new value is checked first, and then replaces everything that
        was there, options included, for every thread at once. A request keeps the
        policy that it began with, up to the headers of its response. Browsers keep the
        answers to earlier preflights as long as these said (``max_age``).

        :raises PolicyError: (when set) with every problem there is, as ``problems``;
            the policy then stays as it was.
        """
        active = self._active
        if active.default is not None and active.default.policy is not None:
            return active.default.policy
        found = ((rule, handler.policy) for rule, handler in active.rules.items())
        return MappingProxyType({rule: each for rule, each in found if each})

    @policy.setter
    def policy(self, policy: Policy | Mapping[str, Policy | PolicyOptions]) -> None:
        self._active = self._table(policy, {}, Report())

    def _table(self, policy: object, options: RawOptions, report: Report) -> PathTable:
        """Check and compile what was written; warn at the line that wrote it."""
        policies = read_policies(policy, options, report)
        reporting = self._reporting
        second: Mapping[str, Policy] = {}
        if reporting is not None and not report.problems:
            second = reporting.policies(policy, options, report)
        report.raise_problems()
        warn_of(report.warnings, stacklevel=3)
        found = {"": policies} if isinstance(policies, Policy) else policies
        handlers: dict[str, PolicyHandler] = {}
        for rule, each in found.items():
            handler = PolicyHandler(each, rule or WHOLE_APPLICATION, self._log)
            if reporting is not None:
                handler = reporting.around(handler, second.get(rule))
            handlers[rule] = handler
        enforced = strictest(each.enforce for each in found.values())
        return PathTable(handlers.pop("", None), handlers, self._log, enforced)


def is_preflight(environ: WSGIEnvironment) -> bool:
    """Say whether a request is a CORS-preflight request.

    https://fetch.spec.whatwg.org/#http-requests
    """
    return (
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        and "HTTP_ORIGIN" in environ
        and environ["REQUEST_METHOD"] == "OPTIONS"
    )


def path_of(environ: Mapping[str, Any]) -> str:
    """Return the path of a request as text (PEP 3333 has it as Latin-1)."""
    path: str = environ.get("PATH_INFO") or "/"
    if path.isascii():
        return path
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def send(
    decision: Decision | None, start_response: StartResponse, more: Headers = ()
) -> Iterable[bytes]:
    """Answer in the application's place, as *decision* says, without a body.

    :param more: other headers.
    """
    assert decision is not None
    assert decision.status is not None
    line, own = _ANSWERS[decision.status]
    start_response(line, [*own, *decision.headers, *more])
    return [b""]  # Some servers never start a response of no chunk at all.


def answer_headers(status: int) -> Headers:
    """Return the headers of an answer without a body, other than those of CORS."""
    return _ANSWERS[status][1]


def close_body(body: object) -> None:
    """Close a body that nobody reads (PEP 3333)."""
    close = getattr(body, "close", None)
    if close is not None:
        close()


def merged(
    status: str, headers: HeaderList, handler: PolicyHandler, added: Headers
) -> HeaderList:
    """Return the headers of a response under a policy.

    :param added: what was decided.
    """
    if status[:3] == "101":  # HTTP ends here.
        return headers
    watched = handler.watched
    for name, _ in headers:
        if name.lower() in watched:
            return handler.merge(headers, added)
    return [*headers, *added]


def with_refusal(headers: HeaderList, added: Headers) -> HeaderList:
    """Return the headers of a refusal that has a body.

    :param headers: those that come with the body; CORS headers are left out.
    :param added: those of the decision, which win.
    """
    dropped = CORS_RESPONSE_HEADERS | {"timing-allow-origin", "cache-control"}
    merged, _ = merge(headers, added, dropped)
    return merged


def _run(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[HeaderList, bytes]:
    """Return the headers and the whole body that *app* answers with (PEP 3333)."""
    started: list[HeaderList] = []
    chunks: list[bytes] = []

    def start(
        _status: str, headers: HeaderList, _exc_info: Any = None
    ) -> Callable[[bytes], object]:
        started.append(headers)
        return chunks.append

    body = app(environ, start)
    try:
        chunks.extend(body)
    finally:
        close_body(body)
    return started[-1], b"".join(chunks)


def _callable(name: str, value: T | None) -> T | None:
    if value is None or callable(value):
        return value
    raise TypeError(f"{name} must be callable, not {value!r}")


def _setting(name: str, value: object) -> Setting | None:
    return None if value is None else Setting(value, name)
