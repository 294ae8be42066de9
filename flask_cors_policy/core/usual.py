"""What ``decide`` comes to in the two cases that make up almost all requests.

A response to a request without Origin gets the same headers each time; one to an
origin that is listed exactly differs from the next in that origin only. Both are
prepared here, by asking ``decide`` itself, so that an adapter can serve them without
building a request and a decision for each. Everything else (preflights, patterns,
functions, refusals) is left to ``decide``.
"""

from __future__ import annotations

from typing import Final

from .decision import decide
from .fetch_standard import ALLOW_ORIGIN, ORIGIN, VARY
from .headers import additions
from .policy import Headers, Policy
from .request import CORSRequest

VARY_ORIGIN: Final = (VARY, ORIGIN)


class Usual:
    """The usual additions to a response that has no Vary and no CORS headers yet.

    :param policy: the policy that governs the response.
    :ivar without_origin: what is added where there is no Origin.
    :ivar everyone: that is added to every other response too.
    :ivar listed: the origins whose responses get ``VARY_ORIGIN``, an ACAO that
        repeats the origin, and then ``after_origin``.
    :ivar after_origin: see ``listed``.
    :ivar denied_alike: an origin that is not in ``listed`` is denied, and its response
        then gets what one without Origin gets.
    """

    __slots__ = (
        "after_origin",
        "denied_alike",
        "everyone",
        "listed",
        "without_origin",
    )

    def __init__(self, policy: Policy) -> None:
        origins = policy.compiled.origins
        self.without_origin = additions(decide(policy, CORSRequest("GET")))
        self.everyone = origins is None
        self.listed: frozenset[str] = frozenset()
        self.after_origin: Headers = ()
        # Timing-Allow-Origin repeats the origin a second time; that is not usual.
        if origins is not None and not policy.timing_allow_origin:
            self.listed = origins.exact
        for origin in self.listed:
            vary, allowed, *rest = additions(decide(policy, CORSRequest("GET", origin)))
            assert (vary, allowed) == (VARY_ORIGIN, (ALLOW_ORIGIN, origin))
            self.after_origin = tuple(rest)
            break  # The others differ in nothing but the origin.
        self.denied_alike = (
            origins is not None
            and origins.only_exact
            and not policy.timing_allow_origin
            and not policy.enforce
        )
