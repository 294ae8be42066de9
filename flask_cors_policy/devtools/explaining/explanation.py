"""An explanation: what happened, why, and what to do; as lines and as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...core.errors import plain
from ..browser.rules import Step
from ..browser.text import as_data, exchange_lines, verdict
from .detectives import diagnose
from .diagnosis import Case, Diagnosis, Fix
from .lines import Line, Role
from .readings import reading
from .remarks import Remark, remarks
from .sighting import Ground, Sighting


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page's request comes to, and why.

    :param case: what was played, and what is known of the server.
    :param diagnosis: the true cause; ``None`` where all is well.
    :param remarks: what is worth knowing besides.
    """

    case: Case
    diagnosis: Diagnosis | None
    remarks: tuple[Remark, ...]

    @property
    def allowed(self) -> bool:
        """Whether the page may read the response."""
        return self.case.outcome.failure is None

    def as_data(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold."""
        case, diagnosis = self.case, self.diagnosis
        return {
            "page": {"origin": case.page.origin, "engine": str(case.page.engine)},
            **as_data(case.outcome),
            "diagnosis": None if diagnosis is None else _diagnosis_data(diagnosis),
            "governed": [_sighting_data(sighting) for sighting in case.sightings],
            "remarks": [
                {
                    "code": remark.code,
                    "text": remark.text,
                    "fix": None if remark.fix is None else _fix_data(remark.fix),
                }
                for remark in self.remarks
            ],
        }


def explained(case: Case) -> Explanation:
    """Explain *case*, which has been played to its end."""
    diagnosis = reading(case) if case.outcome.failure is None else diagnose(case)
    return Explanation(case, diagnosis, remarks(case))


def explanation_lines(explanation: Explanation) -> Iterator[Line]:
    """Yield an explanation for people, message by message, then the verdict."""
    case = explanation.case
    outcome, request = case.outcome, case.request
    what = f"{plain(request.sent_method)} {plain(request.url, 200)}"
    credentials = ", with credentials" if request.credentials == "include" else ""
    yield Line(f"A page of {case.page.origin} asks: {what}{credentials}", Role.HEADING)
    yield from _steps(outcome.steps, None)
    for index, exchange in enumerate(outcome.exchanges):
        yield Line("")
        yield from (_message_line(text) for text in exchange_lines(exchange))
        yield from _steps(outcome.steps, index)
    yield Line("")
    yield from _verdict_lines(explanation)


def verdict_lines(diagnosis: Diagnosis) -> Iterator[Line]:
    """Yield the cause and what to do about it."""
    yield Line(f"  Why:  {diagnosis.found}")
    for number, fix in enumerate(diagnosis.fixes):
        yield Line(f"  {'Or:  ' if number else 'Fix: '} {fix.text}", Role.FIX)


def _verdict_lines(explanation: Explanation) -> Iterator[Line]:
    case, diagnosis = explanation.case, explanation.diagnosis
    if explanation.allowed:
        yield Line(f"Allowed. {verdict(case.outcome)}", Role.PASSED)
        if diagnosis is not None:
            cause = diagnosis.cause.value
            yield Line(f"But not as it should be ({cause}):", Role.FAILED)
    else:
        assert diagnosis is not None
        yield Line(f"Blocked ({diagnosis.cause.value}).", Role.FAILED)
    if diagnosis is not None:
        yield from verdict_lines(diagnosis)
    yield from _policy_lines(case.sighting)
    for remark in explanation.remarks:
        more = f" {remark.fix.text}" if remark.fix is not None else ""
        text = remark.text if more.strip() == remark.text else f"{remark.text}{more}"
        yield Line(f"  Note: {text}", Role.FAINT)


def _policy_lines(sighting: Sighting) -> Iterator[Line]:
    if sighting.ground is not Ground.POLICY:
        return
    outer = [place for place in reversed(sighting.layers) if place != sighting.place]
    inside = f", inside of {', '.join(outer)}" if outer else ""
    yield Line(f"  Policy: {sighting.place}{inside}")
    for option, setting in sighting.settings.items():
        if option not in sighting.own:
            yield Line(f"    {option} comes from {setting.name}")


_MESSAGE_ROLES: Final = {"  >": Role.SENT, "  <": Role.RECEIVED}


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
        "meaning": diagnosis.cause.meaning,
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
    }


def _sighting_data(sighting: Sighting) -> dict[str, Any]:
    decision = sighting.decision
    return {
        "ground": sighting.ground.name.lower().replace("_", "-"),
        "route": sighting.route or None,
        "policy": sighting.place or None,
        "layers": list(sighting.layers),
        "written": {name: each.name for name, each in sighting.settings.items()},
        "reason": None if decision is None else decision.reason.value,
        "error": sighting.error or None,
    }


def jsonable(value: object) -> Any:
    """Return *value*, of settings, as what JSON can hold."""
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(item) for item in value]
    return repr(value)
