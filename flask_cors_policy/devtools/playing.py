"""Plays a page's request against a WSGI application, to explain the result."""

from __future__ import annotations

import logging
import os.path
import sysconfig
import traceback
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..core.decision import decide, decide_denied, strictest
from ..core.errors import plain
from ..core.fetch_standard import ORIGIN, REQUEST_HEADERS, REQUEST_METHOD
from ..core.paths import PathRules, is_ambiguous
from ..core.policy import Policy
from ..core.reasons import Event, Reason
from ..core.settings import Setting
from ..handler import cors_request
from ..log import logger
from ..wsgi import CORSMiddleware, is_preflight, path_of
from .browser.cache import PreflightCache
from .browser.fetching import drive, fetch
from .browser.requests import Page, PageRequest, Received, Sent
from .explaining import (
    BODY,
    QUERY,
    Case,
    Explanation,
    PolicyStatus,
    ServerInfo,
    SessionCookie,
    explained,
)
from .wsgi_client import environ_key, environ_of, send_to

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication

    from ..core.request import CORSRequest

MIDDLEWARE: Final = "CORSMiddleware"

_ROUTING: Final = (
    "SCRIPT_NAME",
    "PATH_INFO",
    "REQUEST_METHOD",
    "HTTP_HOST",
    "wsgi.url_scheme",
)
"""Keys of environ that may decide which route serves a request."""
_READ: Final = (ORIGIN, REQUEST_METHOD, REQUEST_HEADERS, "Authorization", "Cookie")
"""Headers that decide about the response."""

_DEPTH: Final = 16
"""How many wrappers of an application are looked through."""
# Code that does not belong to the application.
_FOREIGN: Final = (
    os.path.dirname(os.path.dirname(__file__)),
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
)


class SeenRequest(NamedTuple):
    """What an application sees of a message that has passed what is in front of it.

    :param environ: the changed values of environ that may decide about the route.
    :param lost: headers of the message that are missing or have another value,
        ``QUERY`` and ``BODY``.
    """

    environ: Mapping[str, str] = {}
    lost: tuple[str, ...] = ()

    @classmethod
    def of(cls, sent: Sent, environ: Mapping[str, Any]) -> SeenRequest:
        """Compare *environ*, as the application gets it, with *sent*."""
        before = environ_of(sent)
        changed = {
            key: environ.get(key, "")
            for key in _ROUTING
            if environ.get(key, "") != before[key]
        }
        lost = (
            name
            for name in _READ
            if environ.get(environ_key(name)) != before.get(environ_key(name))
        )
        parts = {
            QUERY: bool(sent.url.query) and not environ.get("QUERY_STRING"),
            BODY: _has_lost_body(sent, environ),
        }
        return cls(changed, (*lost, *(part for part in parts if parts[part])))


def _has_lost_body(sent: Sent, environ: Mapping[str, Any]) -> bool:
    """Say whether something in front has read or removed the body."""
    stream = environ.get("wsgi.input")
    is_read = isinstance(stream, BytesIO) and stream.tell() == len(sent.body)
    is_removed = environ.get("CONTENT_LENGTH", "") in ("", "0")
    return bool(sent.body) and (is_read or is_removed)


class Knowledge:
    """What is known of a WSGI application, beyond what it answers.

    :param app: the application; ``None`` if it is not in this process.
    """

    def __init__(self, app: WSGIApplication | None = None) -> None:
        self._app = app

    def info(self, sent: Sent, seen: SeenRequest | None = None) -> ServerInfo:
        """Return what is known of the application about *sent*.

        :param seen: what the application has seen of it, if that is known.
        :raises PolicyError: if its policies are invalid.
        """
        return middleware_info(self._app, sent) or ServerInfo()

    def seen(self, sent: Sent) -> AbstractContextManager[list[SeenRequest]]:
        """Note what the application sees of *sent*, each time that it serves it."""
        return nullcontext([])

    @property
    def session(self) -> SessionCookie | None:
        """The session cookie of the application, if that is known."""
        return None

    @property
    def base_url(self) -> str:
        """Where the application is served, as far as it says so."""
        return "http://localhost"

    def methods(self, url: str) -> tuple[str, ...]:
        """Return the methods that have a route at *url*, if that is known."""
        return ()

    def errors(self) -> AbstractContextManager[list[BaseException]]:
        """Note what the application raises and answers itself with an error."""
        return nullcontext([])

    def refusals(self) -> AbstractContextManager[list[Reason]]:
        """Note why ``enforce`` refuses the request, if that is known."""
        return nullcontext([])


class Player:
    """Carries messages to an application, and notes what is known of each answer.

    :param app: the application.
    :param knowledge: what is known of it.
    :param cookie: the value of Cookie, sent if credentials are included.
    """

    def __init__(
        self, app: WSGIApplication, knowledge: Knowledge, cookie: str = ""
    ) -> None:
        self._send = send_to(app)
        self._knowledge = knowledge
        self._cookie = cookie
        self._host = ""
        self._page: Page | None = None
        self._servers: list[ServerInfo] = []

    def explain(self, page: Page, request: PageRequest) -> Explanation:
        """Explain what *page* gets for *request*, which is really made."""
        self._page = page
        fetching = fetch(page, request, PreflightCache(page.engine))
        outcome = drive(fetching, self._carry)

        def as_cors_request(sent: Sent) -> CORSRequest:
            return policy_sees(self._with_cookies(sent, self._cookie))

        servers, cookie = tuple(self._servers), self._cookie
        case = Case(page, request, outcome, servers, as_cors_request, cookie)
        return explained(case)

    def _carry(self, sent: Sent) -> Received | None:
        """Return the answer of the application; ``None`` for another host."""
        self._host = self._host or sent.url.host
        if sent.url.host != self._host:
            self._servers.append(ServerInfo())
            return None
        sent = self._with_cookies(sent, self._sendable(sent))
        knowledge = self._knowledge
        server = knowledge.info(sent)
        with (
            _removed_headers() as removed,
            knowledge.seen(sent) as seen,
            knowledge.errors() as errors,
            knowledge.refusals() as refusals,
        ):
            try:
                received = self._send(sent)
            except Exception as error:
                errors.append(error)
                received = Received(500)  # What a server answers then.
        if seen and seen[0] != SeenRequest():
            server = knowledge.info(sent, seen[0])
        if errors:
            server = replace(server, error=described(errors[0]))
        refused = refusals[0] if refusals else None
        server = replace(server, removed=tuple(removed), refused=refused)
        self._servers.append(server)
        return received

    def _with_cookies(self, sent: Sent, cookie: str) -> Sent:
        if not (sent.credentials and cookie):
            return sent
        return replace(sent, headers=(*sent.headers, ("Cookie", cookie)))

    def _sendable(self, sent: Sent) -> str:
        """Return the cookies without a session cookie that is not sent to the site."""
        session, page = self._knowledge.session, self._page
        if session is None or page is None:
            return self._cookie
        crosses = session.crosses_sites(page.engine)
        reaches = crosses or not page.is_cross_site(sent.url.origin)
        if reaches and not session.unsent_to(sent.url, page.engine)[0]:
            return self._cookie
        pairs = (pair.strip() for pair in self._cookie.split(";"))
        kept = (pair for pair in pairs if pair.partition("=")[0] != session.name)
        return "; ".join(kept)


def policy_sees(sent: Sent, seen: SeenRequest | None = None) -> CORSRequest:
    """Return what a policy sees of *sent*, with its environ.

    :param seen: what has been changed of it. Headers that are lost are there.
    """
    environ = environ_of(sent)
    environ.update(seen.environ if seen is not None else {})
    return cors_request(environ, preflight=is_preflight(environ))


def middleware_info(app: object, sent: Sent) -> ServerInfo | None:
    """Return what is known from a ``CORSMiddleware`` around *app* about *sent*.

    :return: ``None`` if no such middleware can be seen.
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


def _of_policies(policies: Policy | Mapping[str, Policy], sent: Sent) -> ServerInfo:
    request = policy_sees(sent)
    place = MIDDLEWARE
    if isinstance(policies, Policy):
        policy = policies
    else:
        path = path_of(request.environ)
        if is_ambiguous(path):
            enforced = strictest(policy.enforce for policy in policies.values())
            decision = decide_denied(request, Reason.PATH_AMBIGUOUS, enforced)
            return ServerInfo(PolicyStatus.DENIED, place=place, decision=decision)
        found = PathRules(policies).find(path)
        if found is None:
            rules = tuple(policies)
            return ServerInfo(PolicyStatus.NO_PATH_RULE, place=place, path_rules=rules)
        policy, place = found[1], f"{MIDDLEWARE} {found[0]!r}"
    settings = {
        option: Setting(value, f"{place}: {option}")
        for option, value in policy.as_settings().items()
    }
    return ServerInfo(
        PolicyStatus.POLICY,
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
def _removed_headers() -> Iterator[list[str]]:
    """Note which headers a policy removes from a response, as it logs them."""
    removed: list[str] = []

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if getattr(record, "cors_reason", "") == Event.REMOVED_HEADER.value:
                removed.append(getattr(record, "cors_header", ""))

    notes = Notes(logging.WARNING)
    logger.addHandler(notes)
    try:
        yield removed
    finally:
        logger.removeHandler(notes)
