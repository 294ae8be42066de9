"""CORS for any WSGI application.

.. code-block:: python

    from flask_cors_policy import CORSMiddleware, Policy

    app = CORSMiddleware(app, origins="https://app.example.com")
    app = CORSMiddleware(app, Policy(origins="*"))
    app = CORSMiddleware(app, {"/api/*": Policy(origins="*"), "/me": {...}})

A preflight is answered here and never reaches the application. Any other request
does, and its response, whatever it is, gets the headers of the policy: put this
outside of everything that may answer in the application's place.

This is the one module that knows environ and ``start_response`` (PEP 3333). It
translates; what is answered is decided in ``core.decision``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from .core.decision import Decision, decide
from .core.errors import PolicyWarning
from .core.headers import HeaderList, apply
from .core.inheritance import build, path_policies
from .core.paths import Governed, PathRules
from .core.policy import Policy
from .core.request import CORSRequest
from .core.settings import Report, Setting, Written, written
from .log import RefusalLog

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

    from .core.settings import PolicyOptions

WHOLE_APPLICATION: Final = "the whole application"

# A 204 has no body and so no Content-Length (RFC 9110, 8.6); an empty body has a type
# all the same, because PEP 3333's checkers ask for one.
_EMPTY: Final = (("Content-Type", "text/plain"), ("Content-Length", "0"))
_ANSWERS: Final[Mapping[int, tuple[str, tuple[tuple[str, str], ...]]]] = {
    200: ("200 OK", _EMPTY),
    204: ("204 No Content", ()),
    403: ("403 Forbidden", _EMPTY),
}


class CORSMiddleware:
    """Wrap *app* in a CORS policy.

    :param app: any WSGI application.
    :param policy: one policy for all paths, or a mapping of path rules to policies
        (or to the options of one), each of them a rule of ``core.paths``. A path that
        no rule governs is passed through untouched.
    :param options: the options of one policy instead; beside a mapping, what its
        policies inherit.
    :raises PolicyError: with every problem there is, as ``problems``.
    :raises TypeError: where *app* cannot be called.
    """

    def __init__(
        self,
        app: WSGIApplication,
        policy: Policy | Mapping[str, Policy | PolicyOptions] | None = None,
        **options: Unpack[PolicyOptions],
    ) -> None:
        if not callable(app):
            raise TypeError(f"not a WSGI application: {app!r}")
        self.app = app
        self._log = RefusalLog()
        report = Report()
        self._governing = _governing(policy, written(options), report)
        report.raise_problems()
        for caution in report.cautions:
            warnings.warn(str(caution), PolicyWarning, stacklevel=2)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        governed = self._governing(environ.get("PATH_INFO", ""))
        if governed is None:
            return self.app(environ, start_response)
        place, policy = governed.rule, governed.value
        request = cors_request(environ)
        decision = decide(policy, request)
        if decision.reason.refused or decision.error:
            self._log.refused(decision, request, place)
        if decision.status is not None:
            return answer(decision, start_response)
        if is_websocket_upgrade(environ):  # What answers is not HTTP for long.
            return self.app(environ, start_response)

        def governed_start_response(
            status: str, headers: HeaderList, exc_info: Any = None
        ) -> Callable[[bytes], object]:
            headers, removed = apply(decision, headers, policy.compiled.owned)
            if removed:
                self._log.removed(removed, place)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        return self.app(environ, governed_start_response)


def cors_request(environ: WSGIEnvironment) -> CORSRequest:
    """Return the facts of a request that CORS depends on."""
    get = environ.get
    return CORSRequest(
        environ["REQUEST_METHOD"],
        get("HTTP_ORIGIN"),
        get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
        get("HTTP_SEC_FETCH_SITE"),
        environ["wsgi.url_scheme"],
        get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        environ,
    )


def is_websocket_upgrade(environ: WSGIEnvironment) -> bool:
    """Say whether a WebSocket is asked for (RFC 6455, 4.1)."""
    upgrade: str | None = environ.get("HTTP_UPGRADE")
    return (
        upgrade is not None
        and upgrade.strip().lower() == "websocket"
        and environ["REQUEST_METHOD"] == "GET"
    )


def answer(decision: Decision, start_response: StartResponse) -> Iterable[bytes]:
    """Answer in the application's place, as *decision* says, without a body."""
    assert decision.status is not None
    status, headers = _ANSWERS[decision.status]
    start_response(status, apply(decision, headers, frozenset())[0])
    return []


def _governing(
    policy: object, outer: Written, report: Report
) -> Callable[[str], Governed[Policy] | None]:
    """Return the look-up from a path to the policy that governs it."""
    options = Setting(", ".join(outer), "options")
    if isinstance(policy, Mapping):
        ready = [isinstance(value, Policy) for value in policy.values()]
        if outer and ready and all(ready):
            message = "Ready policies inherit nothing from the options beside them."
            hint = "Leave the options out, or write the policies as dicts of options."
            report.problem(options, "conflicting-options", message, hint)
        rules = path_policies(Setting(policy, "policy"), outer, {}, report)
        return PathRules(rules).governing
    if policy is None:
        policy = build(outer, report)
    elif outer:
        message = "Beside a policy there are no options to add."
        hint = "Write policy.replace(...), or the options alone."
        report.problem(options, "conflicting-options", message, hint)
    if isinstance(policy, Policy):
        governed = Governed(WHOLE_APPLICATION, policy)
        return lambda path: governed
    if policy is not None:
        message = f"A {type(policy).__name__} is not a policy."
        hint = 'Write a Policy, a mapping {"/api/*": policy}, or options: origins="..."'
        report.problem(Setting(policy, "policy"), "wrong-type", message, hint)
    return lambda path: None  # Of no use: the report raises.
