"""What ``decide`` comes to in the few cases that make up almost all requests.

A response to a request without Origin gets the same headers each time; one to an
allowed origin differs from the next in that origin only, and so does the answer to a
preflight. All are prepared here, by asking ``decide`` itself, so that an adapter can
serve them without building a request and a decision for each. Everything else
(functions, refusals, what is echoed) is left to ``decide``.
"""

from __future__ import annotations

from typing import Final

from .compiled import Headers
from .decision import decide, granted, granted_to_preflight
from .fetch_standard import ORIGIN, SAFELISTED_METHODS, VARY, WILDCARD
from .headers import additions
from .origin import OriginSet
from .policy import Policy
from .reasons import Reason
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
    :ivar denied_alike: where ``allows`` says no, an origin is denied, and its response
        then gets what one without Origin gets.
    """

    __slots__ = (
        "_allowed",
        "after_origin",
        "denied_alike",
        "everyone",
        "listed",
        "policy",
        "without_origin",
    )

    def __init__(self, policy: Policy) -> None:
        origins = policy.compiled.origins
        self.policy = policy
        self.without_origin = additions(decide(policy, CORSRequest("GET")))
        self.everyone = origins is None
        self.listed: frozenset[str] = frozenset()
        self.after_origin: Headers = ()
        self.denied_alike = False
        # The origins that can be told without a request. Timing-Allow-Origin repeats
        # the origin a second time; that is not usual.
        self._allowed: OriginSet | None = None
        if origins is None or policy.timing_allow_origin:
            return
        self.listed = origins.exact
        self.denied_alike = origins.is_constant and not policy.enforce
        self._allowed = origins if origins.is_constant else OriginSet(origins.exact)
        self.after_origin = granted(policy)

    def allows(self, origin: str) -> bool:
        """Say whether the response to *origin* is that of a ``listed`` one.

        It is also where a pattern covers *origin*. What functions and regular
        expressions allow, only ``decide`` knows.
        """
        allowed = self._allowed
        if allowed is None:
            return False
        return allowed.verdict(origin, {}) is Reason.ORIGIN_ALLOWED


class UsualPreflight:
    """The answer to the preflight of an allowed origin.

    After ``VARY_ORIGIN`` and an ACAO that repeats the origin comes ``after_origin``.

    :param policy: one that names origins, and echoes nothing that was asked for.
    :param methods: as of ``decide``.
    :ivar after_origin: see above; ``None`` where nothing is usual, because the answer
        does not repeat the origin, or repeats more.
    :ivar methods: what was given as *methods*.
    """

    __slots__ = (
        "_lists",
        "_longest_names",
        "_methods",
        "_names",
        "after_origin",
        "methods",
    )

    def __init__(self, policy: Policy, methods: tuple[str, ...] | None = None) -> None:
        compiled = policy.compiled
        self.methods = methods
        listed = policy.methods if methods is None else methods
        echoes = compiled.echo_headers or (compiled.echo_method and WILDCARD in listed)
        self.after_origin: Headers | None = None
        if compiled.origins is not None and not echoes:
            self.after_origin = granted_to_preflight(policy, listed)
        self._methods = (*listed, *SAFELISTED_METHODS)
        self._names = compiled.header_names
        self._longest_names = compiled.longest_names
        self._lists = compiled.name_lists

    def suffices(self, method: str, names: str | None) -> bool:
        """Say whether the browser, having asked for this, will be content.

        ``False`` also where that takes a closer look, as with a list of names that no
        browser writes so.

        :param method: the Access-Control-Request-Method header.
        :param names: the Access-Control-Request-Headers header.
        """
        if method not in self._methods:  # A tuple: a huge method is not even hashed.
            return False
        if not names or self._names is None:
            return True
        if len(names) > self._longest_names:
            return False
        # To look for a whole list takes a fifth of the time of splitting it.
        return names in self._lists or self._names.issuperset(names.split(","))
