"""An outcome for people and for programs: HTTP messages, checks, and a verdict.

What came over the wire is escaped and cut, so that it can be printed to any terminal.
Values of Authorization and of cookies are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ...core.errors import plain
from .outcome import Exchange, Outcome, Readable
from .requests import HeaderPairs, status_text
from .rules import Step
from .secret_values import without_secrets

_LONGEST: Final = 200
"""Characters printed of one header's value, and of a body."""
_MOST: Final = 60
"""Headers printed of one message."""
_LONGEST_DATA: Final = 2000
"""Characters of one header's value in data for programs."""


def explanation(outcome: Outcome) -> str:
    """Return the whole story of *outcome*, message by message and check by check."""
    lines = [line for step in _steps_about(outcome, None) for line in step_lines(step)]
    for index, exchange in enumerate(outcome.exchanges):
        lines += ["", *exchange_lines(exchange)]
        for step in _steps_about(outcome, index):
            lines += step_lines(step)
    return "\n".join([*lines, "", verdict(outcome)]).strip("\n")


def verdict(outcome: Outcome) -> str:
    """Return in one sentence what the page gets."""
    readable, failure = outcome.readable, outcome.failure
    if failure is not None:
        return f"Blocked ({failure.rule.code.value}): {failure.found}"
    assert readable is not None
    if readable.kind in ("opaque", "opaqueredirect"):
        return "The page gets a response that it can read nothing of."
    spared = " An earlier preflight covered it." if outcome.preflight_spared else ""
    hidden = missed(readable)
    headers = f" Hidden from it: {', '.join(map(plain, hidden))}." if hidden else ""
    status = status_text(readable.status)
    return f"The page reads the response ({status}).{spared}{headers}"


def missed(readable: Readable) -> list[str]:
    """Return the names of hidden headers that a page may miss, in lower case."""
    return sorted(readable.hidden - _PROTOCOL)


def exchange_lines(exchange: Exchange) -> Iterator[str]:
    """Yield an exchange as HTTP messages, what is sent after ``>``, received ``<``."""
    sent, received = exchange.sent, exchange.received
    yield "Preflight:" if sent.preflight else "Request:"
    yield f"  > {plain(sent.method)} {plain(sent.url.target, _LONGEST)} HTTP/1.1"
    yield f"  > Host: {sent.url.authority}"
    yield from _header_lines("  > ", sent.headers)
    if received is None:
        yield "  < (no response)"
        return
    yield f"  < HTTP/1.1 {received.status_text}"
    yield from _header_lines("  < ", received.headers)


def step_lines(step: Step) -> Iterator[str]:
    """Yield a check and its result; if it failed, how to correct it."""
    if step.passed:
        yield f"  ok  {step.rule.text}"
        return
    yield f"  NO  {step.rule.text}"
    yield f"      {step.found}"
    yield f"      Fix: {step.fix}"
    yield f"      See {step.rule.section}"


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Return *outcome* as what JSON can hold; bodies as text."""
    failure = outcome.failure
    return {
        "verdict": verdict(outcome),
        "allowed": failure is None,
        "reason": None if failure is None else failure.rule.code.value,
        "preflight_spared": outcome.preflight_spared,
        "readable": _readable(outcome.readable),
        "exchanges": [exchange_data(exchange) for exchange in outcome.exchanges],
        "steps": [_step(step) for step in outcome.steps],
    }


# What hides from pages without anybody missing it.
_PROTOCOL: Final = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "access-control-max-age",
        "connection",
        "date",
        "server",
        "set-cookie",
        "vary",
    }
)


def _steps_about(outcome: Outcome, exchange: int | None) -> Iterator[Step]:
    return (step for step in outcome.steps if step.exchange == exchange)


def _header_lines(prefix: str, headers: HeaderPairs) -> Iterator[str]:
    for name, value in headers[:_MOST]:
        yield f"{prefix}{plain(name)}: {plain(without_secrets(name, value), _LONGEST)}"
    if len(headers) > _MOST:
        yield f"{prefix}[{len(headers) - _MOST} more headers]"


def header_data(headers: HeaderPairs) -> list[list[str]]:
    """Return headers as what JSON can hold, without secrets, cut."""
    return [
        [name[:_LONGEST], without_secrets(name, value)[:_LONGEST_DATA]]
        for name, value in headers
    ]


def _readable(readable: Readable | None) -> dict[str, Any] | None:
    if readable is None:
        return None
    return {
        "type": readable.kind,
        "status": readable.status,
        "headers": header_data(readable.headers),
        "hidden": sorted(readable.hidden),
    }


def exchange_data(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as what JSON can hold."""
    sent, received = exchange.sent, exchange.received
    return {
        "preflight": sent.preflight,
        "request": {
            "method": sent.method,
            "url": str(sent.url),
            "headers": header_data(sent.headers),
            "credentials": sent.credentials,
        },
        "response": None
        if received is None
        else {
            "status": received.status,
            "headers": header_data(received.headers),
        },
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "rule": step.rule.code.value,
        "text": step.rule.text,
        "section": step.rule.section,
        "setting": step.rule.setting,
        "passed": step.passed,
        "found": step.found,
        "fix": step.fix,
        "exchange": step.exchange,
    }
