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

What is usual is served in ``serving``; what is answered is decided in
``core.decision``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .core.compiled import Headers
from .core.decision import decide_unsettled
from .core.errors import PolicyWarning
from .core.headers import additions
from .core.paths import PathRules, is_unsettled
from .core.policy import Policy, build
from .core.settings import Report, Setting, Written, written
from .log import RefusalLog
from .serving import (
    Governing,
    InForce,
    PolicyLayer,
    answer_decided,
    cors_request,
    is_preflight,
    is_websocket_upgrade,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

    from .core.options import PolicyOptions

WHOLE_APPLICATION: Final = "the whole application"
UNSETTLED_PATHS: Final = "paths that no rule can govern"


class PathPolicies(InForce):
    """All that depends on the policies: one object, so that they change as one.

    :param policies: one for all paths, or path rule to policy.
    """

    __slots__ = ("policies", "rules", "rules_enforce")

    def __init__(self, policies: Policy | dict[str, Policy], log: RefusalLog) -> None:
        super().__init__()
        self.policies: Policy | Mapping[str, Policy]
        self.rules: PathRules[Governing] = PathRules({})
        self.rules_enforce = False
        if isinstance(policies, Policy):
            self.policies = policies
            self.everywhere = Governing(policies, WHOLE_APPLICATION, log)
        else:
            self.policies = MappingProxyType(policies)
            self.rules = PathRules(
                {
                    rule: Governing(policy, rule, log)
                    for rule, policy in policies.items()
                }
            )
            self.by_path = self.rules
            self.rules_enforce = any(policy.enforce for policy in policies.values())


class CORSMiddleware(PolicyLayer[PathPolicies]):
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
        self._log = RefusalLog()
        super().__init__(app, _in_force(policy, written(options), self._log))

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
        return self.in_force.policies

    @policy.setter
    def policy(self, policy: Policy | Mapping[str, Policy | PolicyOptions]) -> None:
        self.in_force = _in_force(policy, {}, self._log)

    def _serve(
        self,
        in_force: PathPolicies,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Serve a request that is not quite as usual, or where path rules govern."""
        governing = in_force.everywhere
        if governing is None:
            governed = in_force.rules.governing(environ.get("PATH_INFO", ""))
            if governed is None:
                return self._ungoverned(in_force, environ, start_response)
            governing = governed.value
        if is_preflight(environ):
            return governing.answer_preflight(environ, start_response)
        added: Headers | None = None
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and "HTTP_UPGRADE" not in environ:
            added = governing.unlisted(origin, environ)
        if added is None:
            decision = governing.decide(cors_request(environ))
            if decision.status is not None:
                return answer_decided(decision, start_response)
            if is_websocket_upgrade(environ):  # What answers is not HTTP for long.
                return self.app(environ, start_response)
            added = additions(decision)
        return self.app(environ, governing.start_response(start_response, added))

    def _ungoverned(
        self,
        in_force: PathPolicies,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Pass a request through, unless its path leads past rules that enforce."""
        if in_force.rules_enforce and is_unsettled(environ.get("PATH_INFO") or "/"):
            request = cors_request(environ)
            decision = decide_unsettled(request)
            if decision.status is not None:
                self._log.refused(decision, request, UNSETTLED_PATHS)
                return answer_decided(decision, start_response)
        return self.app(environ, start_response)


def _in_force(policy: object, options: Written, log: RefusalLog) -> PathPolicies:
    """Check and prepare what was written; warn at the line that wrote it."""
    report = Report()
    policies = _policies(policy, options, report)
    report.raise_problems()
    for caution in report.cautions:
        warnings.warn(str(caution), PolicyWarning, stacklevel=3)
    return PathPolicies(policies, log)


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
        from .core.inheritance import path_policies  # Here: only path rules need it.

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
