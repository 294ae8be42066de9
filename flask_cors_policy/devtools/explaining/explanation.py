"""An explanation: what happened, why, and what to do; as lines and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...core.errors import PolicyError, plain
from ..browser.rules import Step
from ..browser.text import as_data, exchange_lines, verdict
from ..codes import Cause
from ..lines import Line, Role
from .blocked import diagnose
from .case import Case, Diagnosis, Fix, Note, PolicyStatus, ServerInfo
from .notes import notes
from .readable import diagnose_readable

_MESSAGE_ROLES: Final = {"  >": Role.SENT, "  <": Role.RECEIVED}
_ANSWERS_NOTHING: Final = (
    "The application answers every request with an error until this is corrected."
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The result of a page's request, and the reason for it.

    :param case: what was played, and what is known of the server.
    :param causes: what is wrong, the likeliest first; empty if all is well.
    :param notes: what else is worth knowing.
    """

    case: Case
    causes: tuple[Diagnosis, ...]
    notes: tuple[Note, ...]

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The likeliest cause; ``None`` if all is well."""
        return self.causes[0] if self.causes else None

    @property
    def allowed(self) -> bool:
        """Whether the page may read the response."""
        return self.case.outcome.failure is None

    @property
    def is_error(self) -> bool:
        """Whether the page reads an error: a status of 400 or above."""
        readable = self.case.outcome.readable
        return readable is not None and readable.status >= 400

    def exit_status(self, fail_on_error: bool = False) -> int:
        """Return the exit status of a command: 0 if the page may read the response.

        :param fail_on_error: whether an error that the page reads counts as a failure.
        """
        return int(not self.allowed or (fail_on_error and self.is_error))

    @property
    def verdict(self) -> str:
        """The result in one line."""
        diagnosis = self.diagnosis
        if not self.allowed:
            assert diagnosis is not None
            return f"Blocked ({diagnosis.cause.value})."
        told = verdict(self.case.outcome)
        if self.is_error:
            return f"Allowed, but the response is an error. {told}"
        return f"Allowed. {told}"

    def as_data(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold."""
        case, diagnosis = self.case, self.diagnosis
        return {
            "page": {"origin": case.page.origin, "engine": str(case.page.engine)},
            **as_data(case.outcome),
            **({} if self.allowed else {"reason": diagnosis and diagnosis.cause.value}),
            "diagnosis": None if diagnosis is None else _diagnosis_data(diagnosis),
            "causes": [_diagnosis_data(each) for each in self.causes],
            "servers": [_server_data(server) for server in case.servers],
            "notes": [
                {
                    "code": note.code.value,
                    "text": note.text,
                    "fix": None if note.fix is None else _fix_data(note.fix),
                }
                for note in self.notes
            ],
        }


def explained(case: Case) -> Explanation:
    """Explain *case*, which has been played to its end."""
    if case.outcome.failure is not None:
        return Explanation(case, diagnose(case), notes(case))
    problem = diagnose_readable(case)
    causes = () if problem is None else (problem,)
    return Explanation(case, causes, notes(case))


def explanation_lines(explanation: Explanation) -> Iterator[Line]:
    """Yield an explanation for people, message by message, then the verdict."""
    case = explanation.case
    outcome, request = case.outcome, case.request
    asked = f"{plain(request.sent_method)} {plain(request.url, 200)}"
    credentials = ", with credentials" if request.credentials == "include" else ""
    head = f"A page of {case.page.origin} requests: {asked}{credentials}"
    yield Line(head, Role.HEADING)
    yield from _steps(outcome.steps, None)
    for index, exchange in enumerate(outcome.exchanges):
        yield Line("")
        yield from (_message_line(text) for text in exchange_lines(exchange))
        yield from _steps(outcome.steps, index)
    yield Line("")
    yield from _verdict_lines(explanation)


def short_lines(explanation: Explanation) -> Iterator[Line]:
    """Yield the verdict, the likeliest cause and its fix."""
    yield from _head_lines(explanation)
    yield from cause_lines(explanation, most=1)


def cause_lines(explanation: Explanation, most: int = 9) -> Iterator[Line]:
    """Yield what is wrong and what to do about it, at most *most* fixes."""
    for number, diagnosis in enumerate(explanation.causes[:most]):
        if number:
            head = f"  Also ({diagnosis.cause.value}): {diagnosis.found}"
            yield Line(head)
        elif explanation.allowed:
            head = f"There is a problem ({diagnosis.cause.value}):"
            yield Line(head, Role.FAILED)
            yield Line(f"  Why:  {diagnosis.found}")
        else:
            yield Line(f"  Why:  {diagnosis.found}")
        for index, fix in enumerate(diagnosis.fixes[:most]):
            yield Line(f"  {'Or:  ' if index else 'Fix: '} {fix.text}", Role.FIX)


def invalid_policy_lines(error: PolicyError) -> Iterator[Line]:
    """Yield what is wrong with the policies of an application."""
    yield Line(f"Blocked ({Cause.POLICY_ERROR.value}).", Role.FAILED)
    yield Line(f"  Why:  {_ANSWERS_NOTHING}")
    for problem in error.problems:
        where = problem.setting
        yield Line(f"  In {where}: {problem.message} [{problem.reason}]")
        yield Line(f"  Fix:  {problem.hint}", Role.FIX)


def invalid_policy_data(error: PolicyError) -> dict[str, Any]:
    """Return the same as what JSON can hold."""
    problems = [
        {
            "setting": problem.setting,
            "reason": problem.reason,
            "message": problem.message,
            "fix": problem.hint,
        }
        for problem in error.problems
    ]
    diagnosis = {
        "cause": Cause.POLICY_ERROR.value,
        "meaning": Cause.POLICY_ERROR.sentence,
        "found": _ANSWERS_NOTHING,
        "problems": problems,
    }
    return {"allowed": False, "diagnosis": diagnosis}


def jsonable(value: object) -> Any:
    """Return *value*, of settings, as what JSON can hold."""
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(item) for item in value]
    return repr(value)


def _verdict_lines(explanation: Explanation) -> Iterator[Line]:
    yield from _head_lines(explanation)
    yield from cause_lines(explanation)
    yield from policy_lines(explanation.case.server)
    for note in explanation.notes:
        if not note.leading:
            yield _note_line(note, Role.FAINT)


def _head_lines(explanation: Explanation) -> Iterator[Line]:
    """Yield the verdict, with what it would be misread without."""
    role = Role.PASSED if explanation.allowed else Role.FAILED
    yield Line(explanation.verdict, role)
    for note in explanation.notes:
        if note.leading:
            yield _note_line(note, Role.FIX)


def _note_line(note: Note, role: Role) -> Line:
    more = f" {note.fix.text}" if note.fix is not None else ""
    text = note.text if more.strip() == note.text else f"{note.text}{more}"
    return Line(f"  Note: {text}", role)


def policy_lines(server: ServerInfo) -> Iterator[Line]:
    """Yield the place of the policy that applies, and of what it inherits."""
    if server.status is not PolicyStatus.POLICY:
        return
    outer = [place for place in reversed(server.sources) if place != server.place]
    inside = f", inside {', '.join(outer)}" if outer else ""
    yield Line(f"  Policy: {server.place}{inside}")
    if server.decision is not None and server.decision.item:
        yield Line(f"  Item of origins: {plain(server.decision.item)}")
    for option, setting in server.settings.items():
        if option not in server.own:
            yield Line(f"    {option} comes from {setting.name}")


def _message_line(text: str) -> Line:
    return Line(text, _MESSAGE_ROLES.get(text[:3], Role.HEADING))


def _steps(steps: tuple[Step, ...], exchange: int | None) -> Iterator[Line]:
    for step in steps:
        if step.exchange != exchange:
            continue
        if step.passed:
            yield Line(f"  ok  {step.rule.text}", Role.PASSED)
        else:
            yield Line(f"  NO  {step.rule.text}", Role.FAILED)
            yield Line(f"      {step.found}")
            yield Line(f"      See {step.rule.section}", Role.FAINT)


def _diagnosis_data(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "cause": diagnosis.cause.value,
        "meaning": diagnosis.cause.sentence,
        "found": diagnosis.found,
        "fixes": [_fix_data(fix) for fix in diagnosis.fixes],
        "refused": [
            {"setting": problem.setting, "reason": problem.reason, "text": str(problem)}
            for problem in diagnosis.refused
        ],
    }


def _fix_data(fix: Fix) -> dict[str, Any]:
    return {
        "text": fix.text,
        "at": fix.at or None,
        "policy": jsonable(fix.policy),
        "page": jsonable(fix.page),
        "headers": [[list(header) for header in part] for part in fix.headers],
    }


def _server_data(server: ServerInfo) -> dict[str, Any]:
    decision = server.decision
    return {
        "ground": server.status.name.lower().replace("_", "-"),
        "route": server.route or None,
        "policy": server.place or None,
        "sources": list(server.sources),
        "written": {name: each.name for name, each in server.settings.items()},
        "reason": None if decision is None else decision.reason.value,
        "item": None if decision is None else decision.item or None,
        "error": server.error or None,
    }
