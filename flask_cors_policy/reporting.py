"""Opt-in reports: what a stricter policy would refuse, and what is asked at all.

``report_only`` is a second policy that is decided after the real one. What it would
refuse, or no longer grant, is logged and told to ``on_refused``; no response changes.

``report_file`` gets a line of JSON for everything different that was asked, from which
``flask cors suggest`` derives a policy. Both are for the weeks before a policy is
tightened: while they are on, no decision is kept for the next request.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from .core.answer import Memo
from .core.fetch_standard import ALLOW_CREDENTIALS
from .core.inheritance import inherit, read_policies
from .core.origin_rights import check_inherited
from .core.policy import Policy
from .core.reasons import Reason
from .core.request import RequestKind
from .core.settings import RawOptions, Report, Setting, raw_options
from .handler import PolicyHandler, Route, cors_request
from .log import RefusalLog
from .report_file import ReportFile

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .core.answer import Decision
    from .core.decision import URLMethods
    from .core.request import CORSRequest


_files: Final[WeakKeyDictionary[RefusalLog, ReportFile]] = WeakKeyDictionary()
"""The file that an application reports to."""


class Reporting:
    """What an application reports on.

    :param report_only: the options of the second policy, as typed; ``None`` if there is
        none.
    :param report_file: the path of the file, as typed; ``None`` if there is none.
    :param log: where the refusals of the real policy go.
    :param report: takes what is wrong.
    :ivar options: the options of the second policy.
    :ivar log: where its refusals go.
    """

    def __init__(
        self,
        report_only: Setting | None,
        report_file: Setting | None,
        log: RefusalLog,
        report: Report,
    ) -> None:
        self.options: RawOptions | None = None
        self.log = RefusalLog(log.on_refused, report_only=True)
        self._real_log = log
        self._file: ReportFile | None = None
        if report_only is not None:
            self.options = _read_options(report_only, report)
        if report_file is not None:
            self._file = _read_file(report_file, log, report)

    def policies(
        self, policy: object, options: RawOptions, report: Report
    ) -> Mapping[str, Policy]:
        """Return the second policies of an application that is no Flask one.

        :param policy: what was given as the real policy.
        :param options: the options beside it.
        :return: path rule -> policy; "" stands for all paths.
        """
        if self.options is None:
            return {}
        if isinstance(policy, Policy):
            options, policy = raw_options(policy.as_settings()), None
        check_inherited(self.options, options.get("origins"), report)
        found = read_policies(policy, inherit(self.options, options), report)
        return {"": found} if isinstance(found, Policy) else found

    def around(self, handler: PolicyHandler, second: Policy | None) -> PolicyHandler:
        """Return *handler*, reported on.

        :param second: the policy under ``report_only`` at the same place.
        """
        stricter = None
        if second is not None and second != handler.policy:
            stricter = StricterHandler(second, handler.place, self.log)
        if stricter is None and self._file is None:
            return handler
        return ReportingHandler(handler, self._real_log, stricter, self._file)


class ReportingHandler(PolicyHandler):
    """A policy that is reported on.

    :param handler: the policy.
    :param log: where the policy's refusals go.
    :param stricter: the policy under ``report_only`` at the same place.
    :param file: where requests are noted.
    """

    __slots__ = ("_file", "_stricter")

    def __init__(
        self,
        handler: PolicyHandler,
        log: RefusalLog,
        stricter: StricterHandler | None,
        file: ReportFile | None,
    ) -> None:
        super().__init__(handler.policy, handler.place, log)
        self.memo = _NoMemo()
        self._stricter = stricter
        self._file = file

    def decide_actual(
        self,
        environ: WSGIEnvironment,
        method: str = "",
        route: Route = str,
        late: bool = False,
    ) -> Decision:
        """Decide about a request that is no preflight, and report on it."""
        decision = super().decide_actual(environ, method, route, late)
        self._report(decision, cors_request(environ, method), None, route)
        return decision

    def decide_preflight(
        self,
        environ: WSGIEnvironment,
        url: URLMethods | None = None,
        route: Route = str,
    ) -> Decision:
        """Decide about a preflight, and report on it."""
        decision = super().decide_preflight(environ, url, route)
        self._report(decision, cors_request(environ, preflight=True), url, route)
        return decision

    def _report(
        self,
        decision: Decision,
        request: CORSRequest,
        url: URLMethods | None,
        route: Route,
    ) -> None:
        try:
            if self._stricter is not None:
                self._stricter.report_stricter(decision, request, url, route)
            if self._file is not None and request.origin is not None:
                rule = _rule(route(), self.place)
                self._file.note(self.policy, decision, request, rule)
        except Exception as error:
            sentence = "a report could not be made; no response is affected"
            self._log.failed("report-failed", sentence, error)


class StricterHandler(PolicyHandler):
    """The policy under ``report_only`` at a place: it only ever reports."""

    __slots__ = ()

    def report_stricter(
        self,
        decision: Decision,
        request: CORSRequest,
        url: URLMethods | None,
        route: Route,
    ) -> None:
        """Report what this policy would deny, and the real *decision* does not."""
        candidate = self._decide(request, url)
        if _is_denied_more(candidate, decision):
            self._note(candidate, request, route, late=False)
        elif (
            candidate.kind is RequestKind.ACTUAL
            and request.has_cookies
            and _has_credentials(decision)
            and not _has_credentials(candidate)
            and not candidate.reason.denied
        ):
            lost = candidate._replace(reason=Reason.CREDENTIALS_NOT_ALLOWED)
            self._note(lost, request, route, late=False)


class _NoMemo(Memo):
    """Keeps nothing, so that every request is decided and reported."""

    __slots__ = ()

    def keep_actual(self, origin: str | None, decision: Decision) -> None:
        """Keep nothing."""

    def keep_preflight(self, key: object, asked: object, decision: Decision) -> None:
        """Keep nothing."""


def _is_denied_more(candidate: Decision, decision: Decision) -> bool:
    """Say whether *candidate* denies what *decision* grants, or stops a view."""
    if not candidate.reason.denied:
        return False
    if candidate.kind is RequestKind.PREFLIGHT:
        return not decision.reason.denied
    stops = candidate.status is not None and decision.status is None
    return stops or not decision.reason.denied


def _has_credentials(decision: Decision) -> bool:
    return any(name == ALLOW_CREDENTIALS for name, _ in decision.headers)


def _rule(route: str, place: str) -> str:
    """Return the URL rule of a route, or else the path rule; empty if there is none."""
    _, slash, rest = route.partition("/")
    return slash + rest or (place if place.startswith("/") else "")


def _read_options(report_only: Setting, report: Report) -> RawOptions:
    if isinstance(report_only.value, Mapping):
        return raw_options(report_only.value, report_only.name)
    message = "This is no mapping of options."
    hint = 'Write {"origins": "https://app.example.com"}.'
    report.problem(report_only, "wrong-type", message, hint)
    return {}


def _read_file(report_file: Setting, log: RefusalLog, report: Report) -> ReportFile:
    path = report_file.value
    if not isinstance(path, str | os.PathLike):
        report.problem(report_file, "wrong-type", "This is no path.", "Write a string.")
        path = ""
    elif not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        message = "The folder of this file does not exist."
        hint = "Create the folder, or write the path of another."
        report.problem(report_file, "report-file-folder", message, hint)
    path = os.path.abspath(path)
    file = _files.get(log)
    if file is None or file.path != path:  # New policies go on with the same counts.
        file = _files[log] = ReportFile(path, log)
    return file
