"""What an explanation starts from: a page's request that was played to its end.

A :class:`Case` holds what was sent and received, and what is known of the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ...core.answer import Decision
from ...core.errors import Problem, plain
from ...core.fetch_standard import ORIGIN, REQUEST_HEADERS, REQUEST_METHOD
from ...core.policy import Policy
from ...core.reasons import Event, Reason
from ...core.request import CORSRequest
from ...core.settings import Setting
from ..browser.cookies import Cookie, may_be_secure
from ..browser.engines import Engine
from ..browser.outcome import Exchange, Outcome
from ..browser.requests import HeaderPairs, Page, PageRequest, Received, Sent
from ..browser.rules import Step
from ..browser.urls import URL
from ..codes import Code
from .unanswered import Unanswered

BODY: Final = "the body"
QUERY: Final = "the query"

_ROOT: Final = 'Set SESSION_COOKIE_PATH="/".'
_HTTPS: Final = "Serve the API over https."

if TYPE_CHECKING:
    from ..flask_cors_options import FlaskCorsPolicy


class PolicyStatus(Enum):
    """Whether a policy applies to an exchange; if none does, why."""

    UNKNOWN = "nothing is known about the server's policy"
    POLICY = "a policy applies"
    NO_EXTENSION = "the application has no CORS policy"
    EXEMPT = "the route is excluded from every policy"
    NO_PATH_RULE = "no path rule covers the path"
    DENIED = "no policy can be found for the request, and nothing is granted"


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """The cookie by which the API recognises its users.

    :param name: of the cookie.
    :param same_site: its SameSite attribute, in lower case; empty if it has none.
    :param secure: whether it has the attribute Secure.
    :param partitioned: whether it has the attribute Partitioned.
    :param path: its attribute Path.
    """

    name: str
    same_site: str = ""
    secure: bool = False
    partitioned: bool = False
    path: str = "/"

    def unsent_to(self, url: URL, engine: Engine) -> tuple[str, str]:
        """Say why *engine* sends it to *url* from no page, and what to do about it.

        :return: two empty strings if it is sent.
        """
        cookie = Cookie(self.name, "", "", host_only=True, path=self.path)
        if not cookie.is_under(url.path):
            return f"is for the path {plain(self.path)}", _ROOT
        if self.secure and not may_be_secure(url, engine.cookies):
            return "is Secure, and the URL is plain http", _HTTPS
        return "", ""

    def crosses_sites(self, engine: Engine) -> bool:
        """Say whether *engine* may send it for pages of other sites."""
        return self.may_cross_sites(engine) and not engine.cookies.blocks(
            partitioned=self.partitioned
        )

    def may_cross_sites(self, engine: Engine) -> bool:
        """Say whether its SameSite lets *engine* send it for pages of other sites."""
        return engine.cookies.cross_sites(self.same_site, secure=self.secure)

    @property
    def told(self) -> str:
        """Its SameSite as people write it, with what is wrong about it."""
        if not self.same_site:
            return "no SameSite, which counts as Lax"
        told = f"SameSite={self.same_site.capitalize()}"
        if self.same_site == "none" and not self.secure:
            told += " without Secure"
        return told


@dataclass(frozen=True, slots=True)
class LibraryOptions:
    """The options of another CORS library that apply to an exchange.

    :param place: of its policy, for people.
    :param policy: what they mean; ``None`` if no policy covers the path.
    :param spots: option -> file and line where it is written, for people.
    """

    place: str
    policy: FlaskCorsPolicy | None
    spots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What is known about the server behind one exchange.

    :param status: whether a policy applies.
    :param policy: the policy that applies.
    :param place: where its nearest settings are written, for people.
    :param sources: the places of all its settings, from the outside in.
    :param settings: option -> the setting that takes effect, with its place.
    :param own: the options that the nearest source sets itself.
    :param outer: place and policy of what would apply without the sources further in,
        from the inside out.
    :param derives_methods: whether the methods listed are those of the URL's routes.
    :param decision: what the policy alone decides about the request.
    :param route: the URL rule that serves the request; empty if none does.
    :param session: the session cookie, if the application has sessions.
    :param error: what the application raised, for people: type, text and place.
    :param removed: CORS headers that the application set and the policy removed.
    :param library: the name of another CORS library that the application uses.
    :param options: the options of that library, if they are known.
    :param path_rules: the path rules of the application, or the resources of that
        library, if none covers the path.
    :param refused: why ``enforce`` refused the request, if it did.
    :param invalid: why its policies are invalid, so that it answers with errors only.
    :param path: the path as the application sees it, if that is not the URL's.
    :param host: the same of the host.
    :param method: the same of the method.
    :param as_sent: the URL rule that would serve the request as it was sent, if what
        the application sees has none.
    :param lost: headers of the request that did not reach the application as they
        were sent, ``QUERY`` and ``BODY``.
    :param hosts: other hosts at which a route serves the request, if none does here.
    """

    status: PolicyStatus = PolicyStatus.UNKNOWN
    policy: Policy | None = None
    place: str = ""
    sources: tuple[str, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    outer: tuple[tuple[str, Policy], ...] = ()
    derives_methods: bool = False
    decision: Decision | None = None
    route: str = ""
    session: SessionCookie | None = None
    error: str = ""
    removed: tuple[str, ...] = ()
    library: str = ""
    options: LibraryOptions | None = None
    path_rules: tuple[str, ...] = ()
    refused: Reason | None = None
    invalid: tuple[Problem, ...] = ()
    path: str = ""
    host: str = ""
    method: str = ""
    as_sent: str = ""
    lost: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    def place_of(self, option: str) -> str:
        """Return where to change *option* so that no other route changes.

        That is where the nearest source sets it, or else the nearest source.
        """
        if option in self.own:
            return self.settings[option].name
        return self.place


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to correct a problem.

    :param text: what to do, for people.
    :param at: the place of the policy to change; empty if the policy is not to blame.
    :param policy: option -> its new value there. The policy with these values was
        built, and the browser model reads its response.
    :param page: parameter of ``PageRequest`` -> what the page has to write instead.
    :param headers: headers that another server has to send: for the preflight, and for
        the request itself.
    """

    text: str
    at: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    page: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[HeaderPairs, HeaderPairs] = ((), ())


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One cause why a page does not get what it asked for.

    :param cause: the cause: a member of one of the tables of codes.
    :param found: what was found, in one or two sentences.
    :param fixes: what to do, the best first; never empty.
    :param refused: why the obvious change to the policy is not offered, as the checks
        of a policy say it.
    """

    cause: Reason | Code
    found: str
    fixes: tuple[Fix, ...]
    refused: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing that blocks nothing.

    :param code: its code.
    :param text: for people.
    :param fix: what to do if this was not intended.
    :param leading: whether the result may be misread without it.
    """

    code: Reason | Event | Code
    text: str
    fix: Fix | None = None
    leading: bool = False


AsCORSRequest = Callable[[Sent], CORSRequest]
"""Returns what a policy sees of a message."""


def cors_request_of(sent: Sent) -> CORSRequest:
    """Return what a policy sees of *sent*, without an environ."""

    def one(name: str) -> str | None:
        values = sent.values(name)
        return ", ".join(values) if values else None

    return CORSRequest(
        sent.method,
        one(ORIGIN),
        one(REQUEST_METHOD),
        one(REQUEST_HEADERS),
        one("Sec-Fetch-Site"),
        sent.url.scheme,
        sent.url.authority,
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A request to explain.

    :param servers: what is known of the server, for each exchange.
    :param as_cors_request: returns what a policy sees of a message.
    :param cookie: what the browser is said to hold, as Cookie would have it.
    :param unanswered: why the last message was not answered, if that is known.
    """

    page: Page
    request: PageRequest
    outcome: Outcome
    servers: Sequence[ServerInfo] = ()
    as_cors_request: AsCORSRequest = cors_request_of
    cookie: str = ""
    unanswered: Unanswered | None = None

    @property
    def step(self) -> Step:
        """The check that failed; there is one."""
        assert self.outcome.failure is not None
        return self.outcome.failure

    @property
    def exchange(self) -> Exchange | None:
        """The exchange that failed, or else the last one."""
        exchanges = self.outcome.exchanges
        return exchanges[-1] if exchanges else None

    @property
    def received(self) -> Received:
        """The response of that exchange; there is one."""
        exchange = self.exchange
        assert exchange is not None
        assert exchange.received is not None
        return exchange.received

    @property
    def server(self) -> ServerInfo:
        """What is known of the server in that exchange."""
        return self.servers[-1] if self.servers else ServerInfo()

    @property
    def status(self) -> int:
        """The status of its response; 0 if no response came."""
        exchange = self.exchange
        received = None if exchange is None else exchange.received
        return 0 if received is None else received.status

    @property
    def first_url(self) -> str:
        """The URL that the page requested, as it was sent."""
        return str(self.outcome.exchanges[0].sent.url)
