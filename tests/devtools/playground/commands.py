"""What ``python -m flask_cors_policy explain`` says about the ten cases."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from flask_cors_policy.core.errors import PolicyError

from .apps import ASKED

ROOT = Path(__file__).parents[3]


class Said(NamedTuple):
    """An answer, less what only a program of one's own has: names of its modules."""

    allowed: bool
    cause: str | None
    found: str
    fixes: tuple[str, ...]
    statuses: tuple[int | None, ...] = ()


def said_by_command(title: str, engine: str) -> Said:
    """Return what the command says of the case *title* in *engine*."""
    app, options = ASKED[title]
    target = f"tests.devtools.playground.apps:{app.__name__}()"
    command = [sys.executable, "-W", "ignore", "-m", "flask_cors_policy", "explain"]
    done = subprocess.run(
        [
            *command,
            "--json",
            "--engine",
            engine,
            "--app",
            target,
            *shlex.split(options),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    data = json.loads(done.stdout)
    diagnosis = data["diagnosis"] or {"cause": None, "found": "", "fixes": []}
    return Said(
        data["allowed"],
        diagnosis["cause"],
        plain(diagnosis["found"]),
        tuple(plain(fix["text"]) for fix in diagnosis["fixes"]),
        tuple(
            exchange["response"] and exchange["response"]["status"]
            for exchange in data["exchanges"]
        ),
    )


def mistakes_of_program(title: str) -> list[str]:
    """Return the mistakes that the application of *title* raises at its start."""
    try:
        ASKED[title].app()
    except PolicyError as error:
        return [f"{problem.message} {problem.hint}" for problem in error.problems]
    return []


def plain(text: str) -> str:
    """Return *text* without the module of a decorated view."""
    return re.sub(r"@cross_origin on [\w.<>]+\w", "@cross_origin", text)


def said_by_playground(answer: dict[str, Any], engine: str) -> Said:
    """Return what an answer of the playground says of *engine*."""
    (found,) = [each for each in answer["engines"] if each["engine"] == engine]
    titles = [
        entry["title"]
        for entry in found["sequence"]["entries"]
        if entry["from"] == "server"
    ]
    return Said(
        found["allowed"],
        found["cause"],
        plain(found["found"]),
        tuple(map(plain, found["fixes"])),
        tuple(int(title[:3]) for title in titles),
    )
