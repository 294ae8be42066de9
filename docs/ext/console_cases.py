"""Ways in which a cross-origin request fails, to be seen in the consoles of browsers.

Each case is a server that answers in one wrong way, and the call of ``fetch`` that runs
into it. ``tests/docs/console_messages.py`` plays them in real browsers and writes what
their consoles say into ``docs/data/console_messages.json``, which the page on
troubleshooting prints.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PAGE: Final = "https://app.example.com"
"""What stands in the messages for the origin of the page ..."""
API: Final = "https://api.example.com"
"""... for that of the server it asks ..."""
OTHER: Final = "https://other.example.com"
"""... and for that of a third one."""

MESSAGES: Final = Path(__file__).parents[1] / "data" / "console_messages.json"

ENGINES: Final[Mapping[str, str]] = {
    "chromium": "Chromium",
    "firefox": "Firefox",
    "webkitgtk": "WebKit (Safari)",
}
"""Engine -> what people call it."""


@dataclass(frozen=True)
class Answer:
    """The status and the headers of a response; ``PAGE`` and the like stand in them."""

    status: int = 200
    headers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


ALLOWED: Final = {"Access-Control-Allow-Origin": PAGE}


@dataclass(frozen=True)
class Case:
    """One way to fail.

    :param actual: the answer to the request itself.
    :param preflight: the answer to its preflight.
    :param init: the second argument of ``fetch``.
    :param listens: whether there is a server at all.
    """

    actual: Answer = Answer(200, ALLOWED)
    preflight: Answer = Answer(204, ALLOWED)
    init: Mapping[str, Any] = field(default_factory=dict)
    listens: bool = True


PUT: Final = {"method": "PUT"}
COOKIES: Final = {"credentials": "include"}
METHODS: Final = {**ALLOWED, "Access-Control-Allow-Methods": "PUT"}

CASES: Final[Mapping[str, Case]] = {
    "not-allowed": Case(Answer()),
    "error-500": Case(Answer(500)),
    "another-origin": Case(Answer(200, {"Access-Control-Allow-Origin": OTHER})),
    "slash": Case(Answer(200, {"Access-Control-Allow-Origin": f"{PAGE}/"})),
    "twice": Case(Answer(200, {"Access-Control-Allow-Origin": (PAGE, PAGE)})),
    "wildcard-credentials": Case(
        Answer(200, {"Access-Control-Allow-Origin": "*"}), init=COOKIES
    ),
    "no-credentials": Case(init=COOKIES),
    "preflight-not-allowed": Case(preflight=Answer(403), init=PUT),
    "preflight-401": Case(preflight=Answer(401), init=PUT),
    "preflight-405": Case(preflight=Answer(405, ALLOWED), init=PUT),
    "preflight-redirect": Case(
        preflight=Answer(308, {**ALLOWED, "Location": f"{API}/items/"}), init=PUT
    ),
    "method": Case(init=PUT),
    "patch": Case(
        preflight=Answer(204, {**ALLOWED, "Access-Control-Allow-Methods": "PATCH"}),
        init={"method": "patch"},
    ),
    "header": Case(init={"headers": {"X-Token": "t0ken"}}),
    "content-type": Case(
        init={
            "method": "POST",
            "headers": {"Content-Type": "application/json"},
            "body": "{}",
        }
    ),
    "invalid-list": Case(
        preflight=Answer(
            204, {**ALLOWED, "Access-Control-Allow-Headers": "X-Token; X-B"}
        ),
        init={"headers": {"X-Token": "t0ken"}},
    ),
    "redirect": Case(Answer(302, {**ALLOWED, "Location": f"{OTHER}/landed"})),
    "no-server": Case(listens=False),
}
"""Name of a case -> the case."""


def observed() -> dict[str, Any]:
    """Return engine -> its version, and its message for each case."""
    content: dict[str, Any] = json.loads(MESSAGES.read_text(encoding="utf-8"))
    return content
