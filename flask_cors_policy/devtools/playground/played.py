"""Plays a case in every engine, and explains it: all that is asked of the engine.

The rest of the playground knows neither the browser model nor the explanation.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from ...core.decision import URLMethods, decide
from ...core.errors import PolicyError, Problem
from ...core.inheritance import inherit
from ...core.policy import Policy
from ...core.settings import UNWRITTEN, Setting
from ...log import logger
from ..browser import ENGINES, Engine, Sent
from ..explaining import Explanation, PolicyStatus, ServerInfo
from ..inspector.sequence import Entry, Message, Reason, Sequence, sequence
from ..playing import Knowledge, Player, SeenRequest, policy_sees
from .fields import PlayedCase
from .literals import PolicyTextError
from .policy_text import APPLICATION, PolicyPart, WrittenPolicy, read_policy
from .server import served

STANDARD: Final = "standard"

# Refusals are shown on the page. Where nobody listens, Python prints them.
logger.addHandler(logging.NullHandler())


def play(case: PlayedCase) -> dict[str, Any]:
    """Return what becomes of *case*, as data for the page.

    ``mistakes`` where there is no policy to play; else ``engines``, the standard first:
    verdict, cause, fixes and the exchange as each of them has it.
    """
    try:
        written = read_policy(case.policy)
        policy, warnings = _policy(written.parts)
    except PolicyTextError as error:
        return {"mistakes": [_text_mistake(error)]}
    except PolicyError as error:
        return {"mistakes": [_mistake(problem) for problem in error.problems]}
    url = _url_methods(written, case)
    path = unquote_to_bytes(urlsplit(case.form.request.url).path).decode("latin-1")
    app = served(case.server, policy, url, path)
    server = PlayedServer(written, policy, url)
    engines = []
    for name, engine in ENGINES.items():
        page = replace(case.form.page, engine=engine)
        player = Player(app, server, case.form.cookie)
        explanation = player.explain(page, case.form.request)
        engines.append(_engine_data(name, engine, explanation))
    return {
        "warnings": [_mistake(problem) for problem in warnings],
        "engines": engines,
    }


def _policy(parts: tuple[PolicyPart, ...]) -> tuple[Policy | None, list[Problem]]:
    """Return the policy of *parts*, and what is worth a warning.

    :raises PolicyError: where it holds a mistake.
    """
    if not parts:
        return None, []
    settings: dict[str, Setting] = {}
    for part in parts:
        settings = inherit(part.options, settings)
    return Policy.from_settings(settings)


def _url_methods(written: WrittenPolicy, case: PlayedCase) -> URLMethods | None:
    """Return the methods of the URL, which a policy in Flask knows."""
    if not written.in_flask:
        return None
    return URLMethods(case.server.methods)


class PlayedServer(Knowledge):
    """What is known of the server of a case: the policy that was written."""

    def __init__(
        self, written: WrittenPolicy, policy: Policy | None, url: URLMethods | None
    ) -> None:
        self._policy = policy
        self._url = url
        self._info = _server_info(written, policy, url)

    def info(self, sent: Sent, seen: SeenRequest | None = None) -> ServerInfo:
        """Return what is known about *sent*, with what the policy decides."""
        if self._policy is None:
            return self._info
        url = self._url if sent.preflight else None
        decision = decide(self._policy, policy_sees(sent), url)
        return replace(self._info, decision=decision)


def _server_info(
    written: WrittenPolicy, policy: Policy | None, url: URLMethods | None
) -> ServerInfo:
    if policy is None:
        return ServerInfo(PolicyStatus.NO_EXTENSION)
    nearest = written.parts[-1]
    settings: dict[str, Setting] = {}
    for part in written.parts:
        settings = inherit(part.options, settings)
    outer: tuple[tuple[str, Policy], ...] = ()
    if len(written.parts) > 1:
        found = _outer_policy(written.parts[0])
        outer = () if found is None else ((APPLICATION, found),)
    return ServerInfo(
        PolicyStatus.POLICY,
        policy,
        nearest.place,
        tuple(part.place for part in written.parts),
        settings,
        frozenset(nearest.options),
        outer,
        derives_methods=url is not None and policy.methods is UNWRITTEN,
    )


def _outer_policy(part: PolicyPart) -> Policy | None:
    try:
        return _policy((part,))[0]
    except PolicyError:  # It may be incomplete without the options of the decorator.
        return None


def _engine_data(name: str, engine: Engine, explanation: Explanation) -> dict[str, Any]:
    case, diagnosis = explanation.case, explanation.diagnosis
    data = explanation.as_data()
    fixes = [] if diagnosis is None else [fix.text for fix in diagnosis.fixes]
    why = None
    if diagnosis is not None:
        lines = (diagnosis.found, *(f"Fix: {text}" for text in fixes[:1]))
        why = Reason(diagnosis.cause.value, lines)
    drawn = sequence(case.page, case.request, case.outcome, why)
    return {
        "engine": name,
        "name": str(engine),
        "allowed": explanation.allowed,
        "verdict": data["verdict"],
        "cause": None if diagnosis is None else diagnosis.cause.value,
        "found": "" if diagnosis is None else diagnosis.found,
        "fixes": fixes,
        "notes": [note["text"] for note in data["notes"]],
        "sequence": _sequence_data(drawn),
        "checks": [
            {key: step[key] for key in ("text", "section", "passed", "found")}
            for step in data["steps"]
        ],
    }


def _sequence_data(drawn: Sequence) -> dict[str, Any]:
    return {
        "page": drawn.page,
        "server": drawn.server,
        "entries": [_entry_data(entry) for entry in drawn.entries],
    }


def _entry_data(entry: Entry) -> dict[str, Any]:
    """Return a step of the exchange; a note has the same lane twice."""
    message = isinstance(entry, Message)
    return {
        "from": entry.source.value if isinstance(entry, Message) else entry.lane.value,
        "to": entry.target.value if isinstance(entry, Message) else entry.lane.value,
        "kind": "message" if message else "note",
        "title": entry.title,
        "lines": list(entry.lines),
        "more": entry.more if isinstance(entry, Message) else 0,
        "failed": entry.failed,
    }


def _mistake(problem: Problem) -> dict[str, str]:
    return {
        "setting": problem.setting,
        "message": problem.message,
        "hint": problem.hint,
        "reason": problem.reason,
    }


def _text_mistake(error: PolicyTextError) -> dict[str, str]:
    return {
        "setting": error.setting,
        "message": error.message,
        "hint": error.hint,
        "reason": "",
    }
