"""Plays a page's request through a WSGI application, to say what it comes to."""

from __future__ import annotations

import logging
import os.path
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..core.decision import decide
from ..core.errors import plain
from ..core.paths import PathRules, is_ambiguous
from ..core.policy import Policy
from ..core.settings import Setting
from ..handler import cors_request
from ..log import logger
from ..wsgi import CORSMiddleware, path_of
from .browser.cache import PreflightCache
from .browser.fetching import drive, fetch
from .browser.requests import Page, PageRequest, Received, Sent
from .explaining import Case, Explanation, Ground, Sighting, explained
from .wsgi_client import environ_of, send_to

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication

    from ..core.request import CORSRequest

Look = Callable[[Sent], Sighting]
"""Returns what governs a message."""

MIDDLEWARE: Final = "CORSMiddleware"

_DEPTH: Final = 16
"""How many layers around an application are looked through."""
# What is not the application's own code.
_FOREIGN: Final = (
    os.path.dirname(os.path.dirname(__file__)),
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
)


class Player:
    """Carries messages to an application, and notes what is behind each answer.

    :param app: the application.
    :param look: returns what governs a message.
    :param cookie: the value of Cookie where credentials are included.
    :ivar errors: what the application raises while it answers; whoever learns of more
        may add it.
    """

    def __init__(self, app: WSGIApplication, look: Look, cookie: str = "") -> None:
        self._send = send_to(app)
        self._look = look
        self._cookie = cookie
        self._host = ""
        self._sightings: list[Sighting] = []
        self.errors: list[BaseException] = []

    def explain(self, page: Page, request: PageRequest) -> Explanation:
        """Explain what *page* gets for *request*, which is really made."""
        fetching = fetch(page, request, PreflightCache(page.engine))
        outcome = drive(fetching, self._carry)
        case = Case(page, request, outcome, tuple(self._sightings), policy_sees)
        return explained(case)

    def _carry(self, sent: Sent) -> Received | None:
        """Return the answer of the application; ``None`` for another host."""
        self._host = self._host or sent.url.host
        if sent.url.host != self._host:
            self._sightings.append(Sighting())
            return None
        sighting = self._look(sent)
        if sent.credentials and self._cookie:
            sent = replace(sent, headers=(*sent.headers, ("Cookie", self._cookie)))
        self.errors.clear()
        with _stray_headers() as removed:
            try:
                received = self._send(sent)
            except Exception as error:
                self.errors.append(error)
                received = Received(500)  # What a server answers then.
        if self.errors:
            sighting = replace(sighting, error=described(self.errors[0]))
        self._sightings.append(replace(sighting, removed=tuple(removed)))
        return received


def policy_sees(sent: Sent) -> CORSRequest:
    """Return what a policy sees of *sent*, with its environ."""
    return cors_request(environ_of(sent))


def middleware_policy(app: object, sent: Sent) -> Sighting | None:
    """Return what governs *sent* by a ``CORSMiddleware`` among the layers of *app*.

    :return: ``None`` where no such layer can be seen.
    """
    for _ in range(_DEPTH):
        if isinstance(app, CORSMiddleware):
            return _of_policies(app.policy, sent)
        app = getattr(app, "app", None) or getattr(app, "wsgi_app", None)
    return None


def described(error: BaseException) -> str:
    """Return type, text and place of what an application raised, in one line."""
    text = plain(" ".join(str(error).split()), 200)
    name = type(error).__name__
    return f"{name}: {text}".rstrip(": ") + _place(error.__traceback__)


def _of_policies(policies: Policy | Mapping[str, Policy], sent: Sent) -> Sighting:
    request = policy_sees(sent)
    place = MIDDLEWARE
    if isinstance(policies, Policy):
        policy = policies
    else:
        path = path_of(request.environ)
        found = None if is_ambiguous(path) else PathRules(policies).find(path)
        if found is None:
            return Sighting(Ground.NO_PATH_RULE, place=place)
        policy, place = found[1], f"{MIDDLEWARE} {found[0]!r}"
    settings = {
        option: Setting(value, f"{place}: {option}")
        for option, value in policy.as_settings().items()
    }
    return Sighting(
        Ground.POLICY,
        policy,
        place,
        (place,),
        settings,
        frozenset(settings),
        decision=decide(policy, request),
    )


def _place(trace: TracebackType | None) -> str:
    """Return the innermost place in the application's own code."""
    frames = [
        frame
        for frame in traceback.extract_tb(trace)
        if not frame.filename.startswith(_FOREIGN)
    ]
    if not frames:
        return ""
    frame = frames[-1]
    return f" ({os.path.basename(frame.filename)}:{frame.lineno}, {frame.name})"


@contextmanager
def _stray_headers() -> Iterator[list[str]]:
    """Note which headers a policy takes out of a response, as it logs them."""
    removed: list[str] = []

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if getattr(record, "cors_reason", "") == "removed-header":
                removed.append(getattr(record, "cors_header", ""))

    notes = Notes(logging.WARNING)
    logger.addHandler(notes)
    try:
        yield removed
    finally:
        logger.removeHandler(notes)
