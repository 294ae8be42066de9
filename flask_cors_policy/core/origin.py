"""Origins: what one is, which pattern covers which, and whether a set allows one.

Rule 1. A request's Origin matches an allowed origin when the two are equal byte for
        byte. Nothing is decoded, lower-cased, trimmed or parsed to make them equal.
Rule 2. ``*.`` before a host stands for one or more whole labels, never for none.
Rule 3. ``:*`` after a host stands for any port, and for no port.
Rule 4. Patterns, regular expressions and functions only ever see a valid origin.
Rule 5. A match costs a bounded number of hash look-ups per label of the longest
        pattern, whatever the number of allowed origins and the length of the host:
        tuples and strings in sets, no tree and no joined regular expression.
"""

# Without ``from __future__ import annotations``: see ``compiled``.

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Final, Literal, NamedTuple

from .fetch_standard import DEFAULT_PORTS, NULL_ORIGIN, PAGELESS_SCHEMES
from .reasons import Reason

MAX_HOST: Final = 253
"""Characters of the longest host name (RFC 1035, 2.3.4, less the trailing dot)."""
MAX_ORIGIN: Final = 64 + len("://") + MAX_HOST + len(":65535")
"""Characters of the longest origin this library takes for one."""
ANY_PORT: Final = "*"

Port = int | None | Literal["*"]
OriginLookup = Callable[[str, Mapping[str, Any]], bool]
"""Says whether an origin is allowed, given the request's environ as well."""

_LABEL = r"[a-z0-9_-]{1,63}"
_SCHEME = r"([a-z][a-z0-9+.-]{0,63})://"
_HOST = rf"(?:{_LABEL}\.)*{_LABEL}"
_IPV6 = r"\[[0-9a-f:]{2,39}\]"
_HEX_DIGITS = frozenset("0123456789abcdef")


# These two are compiled when they are first used: that takes 0.5 ms, of an import's 15.
@cache
def _serialised() -> re.Pattern[str]:
    """What browsers send.

    The dot after the last label is theirs too: a page opened at https://example.com./
    has an origin of its own.
    """
    return re.compile(rf"{_SCHEME}({_HOST}\.?|{_IPV6})(?::([1-9][0-9]{{0,4}}))?")


@cache
def _written() -> re.Pattern[str]:
    """What a policy may say."""
    return re.compile(rf"{_SCHEME}(\*\.)?({_HOST}|{_IPV6})(?::([1-9][0-9]{{0,4}}|\*))?")


class Origin(NamedTuple):
    """A tuple origin (https://html.spec.whatwg.org/#concept-origin-tuple)."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> "Origin | None":
        """Return the origin that *text* is the ASCII serialisation of, else ``None``.

        https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
        """
        return _parsed(text) if len(text) <= MAX_ORIGIN else None


# The same origins ask again and again: to know them takes a tenth of the time. There is
# one table for all policies, so that nobody can fill the memory with origins of theirs.
@lru_cache(maxsize=1024)
def _parsed(text: str) -> Origin | None:
    match = _serialised().fullmatch(text)
    if match is None:
        return None
    scheme, host, digits = match.groups()
    port = int(digits) if digits else None
    if not (is_host(host) and is_port(port, scheme)):
        return None
    return Origin(scheme, host, port)


class OriginPattern(NamedTuple):
    """An origin as a policy writes it: exact, or with ``*.`` or ``:*`` or both."""

    scheme: str
    host: str
    port: Port
    subdomains: bool

    @classmethod
    def parse(cls, text: str) -> "OriginPattern | None":
        """Return the pattern written as *text*, ``None`` where it is not one."""
        if len(text) > MAX_ORIGIN:
            return None
        match = _written().fullmatch(text)
        if match is None:
            return None
        scheme, wildcard, host, written_port = match.groups()
        port: Port = ANY_PORT
        if written_port != ANY_PORT:
            port = int(written_port) if written_port else None
            if not is_port(port, scheme):
                return None
        if scheme in PAGELESS_SCHEMES or not is_host(host):
            return None
        if wildcard and (is_ip_address(host) or len(host) + 2 > MAX_HOST):
            return None
        return cls(scheme, host, port, wildcard is not None)

    @property
    def is_exact(self) -> bool:
        """Whether this stands for one origin only."""
        return not self.subdomains and self.port != ANY_PORT

    @property
    def is_loopback(self) -> bool:
        """Whether all it covers is this machine (``#is-origin-potentially-trustworthy``
        of https://w3c.github.io/webappsec-secure-contexts/).
        """
        return is_loopback(self.host)


def is_port(port: int | None, scheme: str) -> bool:
    """Say whether a browser would write *port* after a host: not the default one."""
    return port is None or (port < 65536 and DEFAULT_PORTS.get(scheme) != port)


def is_host(host: str) -> bool:
    """Say whether *host*, of the right characters, is as the URL standard writes it.

    https://url.spec.whatwg.org/#host-serializing: a host whose last label is a number
    (``#ends-in-a-number-checker``) is an IPv4 address.
    """
    if host[0] == "[":
        return canonical_ipv6(host[1:-1]) == host[1:-1]
    if len(host) > MAX_HOST + host.endswith("."):
        return False
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdecimal() or (last[:2] == "0x" and _HEX_DIGITS.issuperset(last[2:])):
        return is_ipv4(host)
    return True


def is_ipv4(host: str) -> bool:
    """Say whether *host* is an IPv4 address of four plain decimal numbers."""
    from ipaddress import (  # Here: 1 ms of an import's 15.
        AddressValueError,
        IPv4Address,
    )

    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def is_ip_address(host: str) -> bool:
    """Say whether *host* is an address, where it could have no subdomains."""
    return host.startswith("[") or is_ipv4(host)


def is_loopback(host: str) -> bool:
    """Say whether *host* is this machine: a localhost name or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return host == "[::1]" or (host.startswith("127.") and is_ipv4(host))


def canonical_ipv6(text: str) -> str | None:
    """Return the IPv6 address *text* as browsers write it, ``None`` if it is not one.

    https://url.spec.whatwg.org/#concept-ipv6-serializer: unlike :mod:`ipaddress` on
    newer Pythons, it knows no dotted form for mapped IPv4 addresses.
    """
    from ipaddress import AddressValueError, IPv6Address

    try:
        address = IPv6Address(text)
    except AddressValueError:
        return None
    if address.scope_id is not None:
        return None
    number = int(address)
    pieces = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -16, -16)]
    # The first of the longest runs of two or more zero pieces becomes "::".
    flags = "".join("0" if piece == "0" else "1" for piece in pieces)
    zeros = max(re.findall("00+", flags), key=len, default="")
    if not zeros:
        return ":".join(pieces)
    start = flags.index(zeros)
    return ":".join(pieces[:start]) + "::" + ":".join(pieces[start + len(zeros) :])


def is_origin(text: str) -> bool:
    """Say whether *text* is what a browser sends as Origin: a serialised origin.

    https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin, ``null`` included.
    """
    return text == NULL_ORIGIN or Origin.parse(text) is not None


def classify_unmatched(origin: str) -> Reason:
    """Say why *origin*, which nothing allows, was refused."""
    if len(origin) > MAX_ORIGIN:
        return Reason.ORIGIN_TOO_LONG
    if origin == NULL_ORIGIN:
        return Reason.ORIGIN_NULL
    if "," in origin or " " in origin:
        return Reason.ORIGIN_JOINED
    if Origin.parse(origin) is None:
        return Reason.ORIGIN_MALFORMED
    return Reason.ORIGIN_NOT_ALLOWED


class OriginSet:
    """The compiled origins of a policy; never changed after it was built.

    :param exact: serialised origins (and ``null`` where its risk was accepted).
    :param patterns: what has a wildcard in it.
    :param regexes: regular expressions, matched in full.
    :param lookups: functions asked when nothing else has matched, in order.
    :param refuse_insecure: deny plain-http origins, other than loopback ones, that a
        regular expression or a function allows. (Written origins were checked when
        the policy was built; these cannot be.)
    :ivar exact: the serialised origins.
    :ivar only_exact: nothing else allows an origin.
    :ivar is_constant: nothing else but patterns does, so that an origin is always
        allowed, or never.
    """

    __slots__ = (
        "_any_port",
        "_below",
        "_lookups",
        "_most_labels",
        "_refuse_insecure",
        "_regexes",
        "exact",
        "is_constant",
        "only_exact",
    )

    def __init__(
        self,
        exact: Iterable[str],
        patterns: Iterable[OriginPattern] = (),
        regexes: Iterable[re.Pattern[str]] = (),
        lookups: Iterable[OriginLookup] = (),
        *,
        refuse_insecure: bool = False,
    ) -> None:
        self.exact = frozenset(exact)
        below: dict[str, set[tuple[str, Port]]] = {}
        any_port: set[tuple[str, str]] = set()
        for pattern in patterns:
            if pattern.subdomains:
                ends = below.setdefault(pattern.host, set())
                ends.add((pattern.scheme, pattern.port))
            else:
                any_port.add((pattern.scheme, pattern.host))
        self._below = {host: frozenset(ends) for host, ends in below.items()}
        self._most_labels = max((host.count(".") + 1 for host in below), default=0)
        self._any_port = frozenset(any_port)
        self._regexes = tuple(regexes)
        self._lookups = tuple(lookups)
        self.is_constant = not (self._regexes or self._lookups)
        self.only_exact = self.is_constant and not (self._below or self._any_port)
        self._refuse_insecure = refuse_insecure

    def match(self, origin: str, environ: Mapping[str, Any]) -> Reason:
        """Say whether *origin* is allowed, and why (not).

        :param origin: the value of the Origin header, whatever it holds.
        :param environ: handed on to the functions, not looked into.
        :return: ``Reason.ORIGIN_ALLOWED`` or a reason that is ``refused``.
        :raises Exception: whatever a function raises.
        """
        return self.verdict(origin, environ) or classify_unmatched(origin)

    def verdict(self, origin: str, environ: Mapping[str, Any]) -> Reason | None:
        """Say the same as ``match``, but ``None`` where nothing allows *origin*."""
        if len(origin) > MAX_ORIGIN:  # A huge string is not even hashed.
            return None
        if origin in self.exact:
            return Reason.ORIGIN_ALLOWED
        if self.only_exact:
            return None
        parsed = Origin.parse(origin)
        if parsed is None:
            return None
        if self._covered(parsed):
            return Reason.ORIGIN_ALLOWED
        if not self._judged(origin, environ):
            return None
        insecure = parsed.scheme == "http" and not is_loopback(parsed.host)
        if insecure and self._refuse_insecure:
            return Reason.ORIGIN_INSECURE
        return Reason.ORIGIN_ALLOWED

    def _covered(self, origin: Origin) -> bool:
        """Say whether a pattern covers *origin*."""
        scheme, host, port = origin
        if (scheme, host) in self._any_port:
            return True
        dot = len(host)  # From the right, as far as the longest pattern goes.
        for _ in range(self._most_labels):
            dot = host.rfind(".", 0, dot)
            if dot == -1:
                return False
            ends = self._below.get(host[dot + 1 :])
            if ends and ((scheme, port) in ends or (scheme, ANY_PORT) in ends):
                return True
        return False

    def _judged(self, origin: str, environ: Mapping[str, Any]) -> bool:
        """Say whether a regular expression or a function allows *origin*."""
        if any(regex.fullmatch(origin) for regex in self._regexes):
            return True
        return any(lookup(origin, environ) is True for lookup in self._lookups)
