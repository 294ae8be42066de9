"""CORS for any WSGI application.

.. code-block:: python

    from flask_cors_policy import CORSMiddleware, Policy

    app = CORSMiddleware(app, origins="https://app.example.com")
    app = CORSMiddleware(app, Policy(origins="*"))
    app = CORSMiddleware(app, {"/api/*": Policy(origins="*"), "/me": {...}})
    app.policy = Policy(origins="https://new.example.com")   # while it serves

A preflight is answered here and never reaches the application. Any other request
does, and its response, whatever it is, gets the headers of the policy: put this
outside of everything that may answer in the application's place.

This is the one module that knows environ and ``start_response`` (PEP 3333). It
translates; what is answered is decided in ``core.decision``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from .core.decision import Decision, decide, decide_unsettled
from .core.errors import PolicyWarning
from .core.fetch_standard import ALLOW_ORIGIN
from .core.headers import HeaderList, PlainNames, additions, apply, merge
from .core.inheritance import build, path_policies
from .core.origin import MAX_ORIGIN
from .core.paths import Governed, PathRules, is_unsettled
from .core.policy import Headers, Policy
from .core.request import CORSRequest
from .core.settings import Report, Setting, Written, written
from .core.usual import VARY_ORIGIN, Usual
from .log import RefusalLog

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

    from .core.settings import PolicyOptions

WHOLE_APPLICATION: Final = "the whole application"
UNSETTLED_PATHS: Final = "paths that no rule can govern"

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
        self._plain = PlainNames()
        self._in_force = _in_force(policy, written(options))

    @property
    def policy(self) -> Policy | Mapping[str, Policy]:
        """The policy of all paths, or the policies of the path rules.

        It may be set while requests are served, to whatever the constructor takes as
        ``policy``: what is set is checked first, and then takes the place of all that
        was there, options included, for every thread at once. A request keeps the
        policy that it began with, up to the headers of its response.

        :raises PolicyError: (when set) with every problem there is, as ``problems``;
            the policy then stays as it was.
        """
        return self._in_force.policies

    @policy.setter
    def policy(self, policy: Policy | Mapping[str, Policy | PolicyOptions]) -> None:
        self._in_force = _in_force(policy, {})

    # One flat function: each call within it would be paid for on every request.
    def __call__(  # noqa: C901
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        # Read once: the policy may be set anew while this request is under way.
        in_force = self._in_force
        governed = in_force.everywhere or in_force.rules.governing(
            environ.get("PATH_INFO", "")
        )
        if governed is None:
            return self._ungoverned(in_force, environ, start_response)
        # The two usual cases, and a flood of refusals, without building a request and
        # a decision (tests hold what comes out against what ``decide`` says).
        usual = governed.value.usual
        origin = environ.get("HTTP_ORIGIN")
        added: Headers | None = None
        if environ["REQUEST_METHOD"] == "OPTIONS" or "HTTP_UPGRADE" in environ:
            pass
        elif origin is None or usual.everyone:
            added = usual.without_origin
        elif len(origin) <= MAX_ORIGIN and origin in usual.listed:
            added = (VARY_ORIGIN, (ALLOW_ORIGIN, origin), *usual.after_origin)
        elif usual.denied_alike and self._log.flooded(governed.rule):
            added = usual.without_origin
        if added is None:
            decision = self._decide(governed, environ)
            if decision.status is not None:
                return answer(decision, start_response)
            if is_websocket_upgrade(environ):  # What answers is not HTTP for long.
                return self.app(environ, start_response)
            added = additions(decision)
        plain = self._plain.names

        def usual_start_response(
            status: str, headers: HeaderList, exc_info: Any = None
        ) -> Callable[[bytes], object]:
            for header in headers:
                if header[0] not in plain:
                    headers = self._merged(governed, added, headers)
                    break
            else:
                headers = [*headers, *added]
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        return self.app(environ, usual_start_response)

    def _ungoverned(
        self,
        in_force: InForce,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Pass a request through, unless its path leads past rules that enforce."""
        if in_force.rules_enforce and is_unsettled(environ.get("PATH_INFO") or "/"):
            request = cors_request(environ)
            decision = decide_unsettled(request)
            if decision.status is not None:
                self._log.refused(decision, request, UNSETTLED_PATHS)
                return answer(decision, start_response)
        return self.app(environ, start_response)

    def _decide(
        self, governed: Governed[Prepared], environ: WSGIEnvironment
    ) -> Decision:
        """Ask the policy; log it if the policy says no."""
        request = cors_request(environ)
        decision = decide(governed.value.policy, request)
        if decision.reason.refused or decision.error:
            self._log.refused(decision, request, governed.rule)
        return decision

    def _merged(
        self, governed: Governed[Prepared], added: Headers, headers: HeaderList
    ) -> HeaderList:
        """Return the response headers under a policy; report what was taken out."""
        merged, removed = merge(added, headers, governed.value.policy.compiled.owned)
        if removed:
            self._log.removed(removed, governed.rule)
        self._plain.learn(headers)
        return merged


class Prepared:
    """A policy, and what it usually comes to."""

    __slots__ = ("policy", "usual")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.usual = Usual(policy)


class InForce:
    """All that depends on the policies: one object, so that they change as one.

    :param policies: one for all paths, or path rule to policy.
    """

    __slots__ = ("everywhere", "policies", "rules", "rules_enforce")

    def __init__(self, policies: Policy | dict[str, Policy]) -> None:
        self.everywhere: Governed[Prepared] | None = None
        self.policies: Policy | Mapping[str, Policy]
        self.rules: PathRules[Prepared] = PathRules({})
        self.rules_enforce = False
        if isinstance(policies, Policy):
            self.policies = policies
            self.everywhere = Governed(WHOLE_APPLICATION, Prepared(policies))
        else:
            self.policies = MappingProxyType(policies)
            self.rules = PathRules(
                {rule: Prepared(policy) for rule, policy in policies.items()}
            )
            self.rules_enforce = any(policy.enforce for policy in policies.values())


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


def _in_force(policy: object, options: Written) -> InForce:
    """Check and prepare what was written; warn at the line that wrote it."""
    report = Report()
    policies = _policies(policy, options, report)
    report.raise_problems()
    for caution in report.cautions:
        warnings.warn(str(caution), PolicyWarning, stacklevel=3)
    return InForce(policies)


def _policies(
    policy: object, outer: Written, report: Report
) -> Policy | dict[str, Policy]:
    """Return the policy of the whole application, or those of its path rules."""
    options = Setting(", ".join(outer), "options")
    if isinstance(policy, Mapping):
        ready = [isinstance(value, Policy) for value in policy.values()]
        if outer and ready and all(ready):
            message = "Ready policies inherit nothing from the options beside them."
            hint = "Leave the options out, or write the policies as dicts of options."
            report.problem(options, "conflicting-options", message, hint)
        return path_policies(Setting(policy, "policy"), outer, report)
    if policy is None:
        return build(outer, report) or {}
    if outer:
        message = "Beside a policy there are no options to add."
        hint = "Write policy.replace(...), or the options alone."
        report.problem(options, "conflicting-options", message, hint)
    if isinstance(policy, Policy):
        return policy
    message = f"A {type(policy).__name__} is not a policy."
    hint = 'Write a Policy, a mapping {"/api/*": policy}, or options: origins="..."'
    report.problem(Setting(policy, "policy"), "wrong-type", message, hint)
    return {}
