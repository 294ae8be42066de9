"""Origins: what one is, which pattern covers which, and what an origin is allowed.

Rule 1. A request's Origin matches an allowed origin when the two are equal byte for
        byte. Nothing is decoded, lower-cased, trimmed or parsed to make them equal.
Rule 2. ``*.`` before a host stands for one or more whole labels, never for none.
Rule 3. ``:*`` after a host stands for any port, and for no port.
Rule 4. Patterns, regular expressions and functions only ever see a valid origin, and
        never one that any page can have (``null``, ``file://``).
Rule 5. A match costs a bounded number of hash look-ups per label of the longest
        pattern, whatever the number of allowed origins and the length of the host:
        tuples and strings in dicts, no tree and no joined regular expression.
Rule 6. Exact origins come before patterns, of which the longest wins; then regular
        expressions and functions, as they were written; ``*`` comes last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from .fetch_standard import (
    DEFAULT_PORTS,
    FILE_ORIGIN,
    NULL_ORIGIN,
    PAGELESS_SCHEMES,
)
from .punycode import is_punycode
from .reasons import Reason

MAX_HOST: Final = 253
"""Characters of the longest host name (RFC 1035, 2.3.4, less the trailing dot)."""
MAX_ORIGIN: Final = 64 + len("://") + MAX_HOST + len(":65535")
"""Characters of the longest origin this library takes for one."""
ANY_PORT: Final = "*"

Port = int | None | Literal["*"]
OriginLookup = Callable[[str, Mapping[str, Any]], bool]
"""Says whether an origin is allowed, given the request's environ as well."""
T = TypeVar("T")

_LABEL = r"[a-z0-9_-]{1,63}"
_SCHEME = r"([a-z][a-z0-9+.-]{0,63})://"
_HOST = rf"(?:{_LABEL}\.)*{_LABEL}"
_IPV6 = r"\[[0-9a-f:]{2,39}\]"
_HEX_DIGITS = frozenset("0123456789abcdef")

# A page opened at https://example.com./ has an origin of its own, so the host may end
# in a dot. Applications with a scheme of their own send app://. or qrc://.
_ANY_HOST = rf"{_HOST}\.?|{_IPV6}|\.?"
# What browsers send.
_SERIALISED = re.compile(rf"{_SCHEME}({_ANY_HOST})(?::([1-9][0-9]{{0,4}}))?")
# What a policy may say.
_PATTERN = re.compile(rf"{_SCHEME}(\*\.)?({_ANY_HOST})(?::([1-9][0-9]{{0,4}}|\*))?")


class Origin(NamedTuple):
    """A tuple origin (https://html.spec.whatwg.org/#concept-origin-tuple)."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Origin | None:
        """Return the origin that *text* is the ASCII serialisation of, else ``None``.

        https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
        """
        if len(text) > MAX_ORIGIN:
            return None
        match = _SERIALISED.fullmatch(text)
        if match is None:
            return None
        scheme, host, digits = match.groups()
        port = int(digits) if digits else None
        if host in ("", "."):
            bare = port is None and (text == FILE_ORIGIN or is_custom_scheme(scheme))
            return cls(scheme, host, None) if bare else None
        if not (is_host(host) and is_port(port, scheme)):
            return None
        return cls(scheme, host, port)


class OriginPattern(NamedTuple):
    """An origin as a policy writes it: exact, or with ``*.`` or ``:*`` or both."""

    scheme: str
    host: str
    port: Port
    subdomains: bool

    @classmethod
    def parse(cls, text: str) -> OriginPattern | None:
        """Return the pattern written as *text*, ``None`` where it is not one."""
        if len(text) > MAX_ORIGIN:
            return None
        match = _PATTERN.fullmatch(text)
        if match is None:
            return None
        scheme, wildcard, host, written_port = match.groups()
        port: Port = ANY_PORT
        if written_port != ANY_PORT:
            port = int(written_port) if written_port else None
            if not is_port(port, scheme):
                return None
        if host in ("", "."):
            bare = port is None and not wildcard and is_custom_scheme(scheme)
            return cls(scheme, host, None, False) if bare else None
        if scheme in PAGELESS_SCHEMES or not (is_host(host) and is_punycode(host)):
            return None
        longest = MAX_HOST - 2 + host.endswith(".")
        if wildcard and (is_ip_address(host) or len(host) > longest):
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


def is_custom_scheme(scheme: str) -> bool:
    """Say whether *scheme* is an application's own, where a host may be anything."""
    return scheme not in DEFAULT_PORTS and scheme not in PAGELESS_SCHEMES


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
    name = host.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return host == "[::1]" or (host.startswith("127.") and is_ipv4(host))


def canonical_ipv6(text: str) -> str | None:
    """Return the IPv6 address *text* as browsers write it, ``None`` if it is not one.

    https://url.spec.whatwg.org/#concept-ipv6-serializer: unlike :mod:`ipaddress` on
    newer Pythons, it knows no dotted form for mapped IPv4 addresses.
    """
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


class OriginMatch(NamedTuple):
    """What was found for one origin.

    :param reason: a reason that is ``denied``, or why the origin is allowed.
    :param rights: what the origin gets; ``None`` if it is denied.
    :param is_constant: whether every request of this origin gets the same, because no
        function and no regular expression was asked.
    """

    reason: Reason
    rights: Any = None
    is_constant: bool = False


class Judge(NamedTuple):
    """A regular expression or a function among the origins of a policy.

    :param allows: matched in full; or called with the origin and the environ.
    :param rights: what the origins get that it allows.
    :param refuse_insecure: deny plain-http origins that it allows, other than loopback
        ones. (Written origins were checked when the policy was built.)
    """

    allows: re.Pattern[str] | OriginLookup
    rights: Any
    refuse_insecure: bool = False


class OriginMatcher(Generic[T]):
    """The compiled origins of a policy; never changed after it was built.

    :param exact: serialised origins, each with its rights. ``null`` and ``file://`` are
        among them where their risk was accepted.
    :param patterns: patterns with a wildcard, each with its rights.
    :param judges: regular expressions and functions, in the order written.
    :param any_origin: the rights of ``"*"``; ``None`` if it was not written.
    """

    __slots__ = (
        "_any_origin",
        "_any_port",
        "_below",
        "_exact",
        "_is_exact",
        "_judges",
        "_labels",
    )

    def __init__(
        self,
        exact: Mapping[str, T],
        patterns: Iterable[tuple[OriginPattern, T]] = (),
        judges: Iterable[Judge] = (),
        any_origin: T | None = None,
    ) -> None:
        self._exact = dict(exact)
        self._below: dict[str, dict[tuple[str, Port], T]] = {}
        self._any_port: dict[tuple[str, str], T] = {}
        for pattern, rights in patterns:
            if pattern.subdomains:
                ends = self._below.setdefault(pattern.host, {})
                ends[pattern.scheme, pattern.port] = rights
            else:
                self._any_port[pattern.scheme, pattern.host] = rights
        self._labels = max((host.count(".") + 1 for host in self._below), default=0)
        self._judges = tuple(judges)
        self._any_origin = any_origin
        self._is_exact = not (self._below or self._any_port or self._judges)

    def match(self, origin: str, environ: Mapping[str, Any]) -> OriginMatch:
        """Say whether *origin* is allowed, with which rights, or why not.

        :param origin: the value of the Origin header, whatever it holds.
        :param environ: passed to the functions, not read here.
        :raises Exception: whatever a function raises.
        """
        if len(origin) > MAX_ORIGIN:  # A huge string is not even hashed.
            return OriginMatch(Reason.ORIGIN_TOO_LONG)
        rights = self._exact.get(origin)
        if rights is not None:
            return OriginMatch(Reason.ORIGIN_ALLOWED, rights, True)
        parsed = Origin.parse(origin)
        if parsed is not None and not self._is_exact:
            rights = self._covering(parsed)
            if rights is not None:
                return OriginMatch(Reason.ORIGIN_ALLOWED, rights, True)
            judges = self._judges if origin != FILE_ORIGIN else ()
            for judge in judges:
                if _allows(judge.allows, origin, environ):
                    insecure = parsed.scheme == "http" and not is_loopback(parsed.host)
                    if insecure and judge.refuse_insecure:
                        return OriginMatch(Reason.ORIGIN_INSECURE)
                    return OriginMatch(Reason.ORIGIN_ALLOWED, judge.rights)
        if self._any_origin is not None and (parsed or origin == NULL_ORIGIN):
            constant = not self._judges
            return OriginMatch(Reason.ANY_ORIGIN_ALLOWED, self._any_origin, constant)
        return OriginMatch(_why_unmatched(origin, parsed))

    def is_exact(self, origin: str) -> bool:
        """Say whether *origin* is written out, and not only covered by a pattern."""
        return origin in self._exact

    def _covering(self, origin: Origin) -> T | None:
        """Return the rights of the longest pattern that covers *origin*."""
        scheme, host, port = origin
        found = self._any_port.get((scheme, host))
        if found is not None:
            return found
        dot = len(host)  # From the right, as far as the longest pattern goes.
        for _ in range(self._labels):
            dot = host.rfind(".", 0, dot)
            if dot == -1:
                break
            ends = self._below.get(host[dot + 1 :])
            if ends:
                found = ends.get((scheme, port), ends.get((scheme, ANY_PORT), found))
        return found


def _allows(
    judge: re.Pattern[str] | OriginLookup, origin: str, environ: Mapping[str, Any]
) -> bool:
    if isinstance(judge, re.Pattern):
        return judge.fullmatch(origin) is not None
    return judge(origin, environ) is True


def _why_unmatched(origin: str, parsed: Origin | None) -> Reason:
    if parsed is not None:
        return Reason.ORIGIN_NOT_ALLOWED
    if origin == NULL_ORIGIN:
        return Reason.ORIGIN_NULL
    if "," in origin or " " in origin:
        return Reason.ORIGIN_JOINED
    return Reason.ORIGIN_MALFORMED
