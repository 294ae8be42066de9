"""What is known of the server behind an exchange, beside what it has sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ...core.answer import Decision
from ...core.policy import Policy
from ...core.settings import Setting
from ..browser.engines import Engine


class Ground(Enum):
    """Whether a policy governs the exchange; where none does, why not."""

    UNKNOWN = "the server says nothing about its policy"
    POLICY = "a policy governs this"
    NO_EXTENSION = "the application has no CORS policy at all"
    EXEMPT = "the route is taken out of every policy"
    NO_PATH_RULE = "no path rule covers the path"


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie by which the API knows its users.

    :param name: of the cookie.
    :param same_site: its SameSite attribute, in lower case; empty where it has none.
    :param secure: whether it has the attribute Secure.
    """

    name: str
    same_site: str = ""
    secure: bool = False

    def goes_to_other_sites(self, engine: Engine) -> bool:
        """Say whether its SameSite lets *engine* send it for pages of other sites."""
        return engine.cookies.cross_sites(self.same_site, secure=self.secure)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known about the server's side of one exchange.

    :param ground: whether a policy governs it.
    :param policy: the one that does.
    :param place: where the nearest layer of it stands, for people.
    :param layers: where all of its layers stand, from the outside in.
    :param settings: option -> the setting that decides about it, with its place.
    :param own: which of the options the nearest layer says itself.
    :param around: place and policy of what would govern without the layers further
        in, from the inside out.
    :param derives_methods: whether the methods listed are those of the URL's routes.
    :param decision: what the policy alone does with the request.
    :param route: the URL rule that serves the request, for people; empty if none does.
    :param session: the cookie that holds the session, where there are sessions.
    :param error: what the application raised, for people: type, text and place.
    :param removed: CORS headers of the application's own, which the policy took out.
    """

    ground: Ground = Ground.UNKNOWN
    policy: Policy | None = None
    place: str = ""
    layers: tuple[str, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    around: tuple[tuple[str, Policy], ...] = ()
    derives_methods: bool = False
    decision: Decision | None = None
    route: str = ""
    session: Cookie | None = None
    error: str = ""
    removed: tuple[str, ...] = ()

    def written_at(self, option: str) -> str:
        """Return where *option* is to be changed, so that nothing else changes.

        That is where the nearest layer says it already, or else the nearest layer.
        """
        if option in self.own:
            return self.settings[option].name
        return self.place
