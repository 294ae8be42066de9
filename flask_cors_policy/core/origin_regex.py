"""Regular expressions for origins: the patterns they stand for, and their traps.

Only ever used where a policy is checked. What is found here is a net and not a proof:
patterns are the way to write origins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .fetch_standard import DEFAULT_PORTS
from .origin import OriginPattern, is_loopback
from .regex_reader import SOME, Branches, Piece, expand, read

MAX_PATTERNS: Final = 12
"""An expression that stands for more patterns is not spelled out."""

_PROBES: Final = tuple(
    f"{scheme}://{host}{port}"
    for scheme in ("https", "http")
    for host in ("probe.invalid", "www.probe.invalid", "probe.test", "a.b.probe.test")
    for port in ("", ":8443")
)
"""Origins of nobody (RFC 6761, 6.2 and 6.4)."""

_ANY_HOST = re.compile(rf"(?:[a-z]+://)?{SOME}(?::(?:{SOME}|\d+))?/?{SOME}?")


def patterns_of(text: object) -> list[str]:
    """Return the origin patterns that the expression *text* stands for.

    :return: nothing if patterns cannot say it.
    """
    found = [_pattern(each) for each in expand(text)] if isinstance(text, str) else []
    patterns = list(dict.fromkeys(filter(None, found)))
    if None in found or len(patterns) > MAX_PATTERNS:
        return []
    # "http://localhost" is one of the origins of "http://localhost:*".
    return [each for each in patterns if f"{each}:*" not in patterns]


def is_for_any_host(text: str) -> bool:
    """Say whether the expression *text* was written to match every host."""
    return any(_ANY_HOST.fullmatch(each) for each in expand(text))


def probe_matched(regex: re.Pattern[str]) -> str:
    """Return an origin of nobody that *regex* matches in full, or ``""``."""
    return next((probe for probe in _PROBES if regex.fullmatch(probe)), "")


def has_open_end(regex: re.Pattern[str]) -> bool:
    """Say whether *regex* ends in what a longer host name matches as well.

    As ``https://example\\.com.*`` does: https://example.com.evil.net.
    """
    return any(_is_open(each, _has_dot(each)) for each in _read(regex))


def unescaped_dot(regex: re.Pattern[str]) -> str:
    """Return a dot of a host that was not escaped, and its neighbours, or ``""``."""
    for sequence in _sequences(_read(regex)):
        for index, piece in enumerate(sequence):
            after = _letters(sequence[index + 1 :])
            if piece.is_dot and after:
                before = _letters(reversed(sequence[:index]))[::-1]
                return f"{before}.{after}"
    return ""


def split_port(authority: str) -> tuple[str, str, str]:
    """Split ``host:port``; a colon inside brackets is part of the host."""
    bracket = authority.rfind("]") + 1
    host, colon, port = authority[bracket:].partition(":")
    if ":" in port:
        return authority, "", ""
    return authority[:bracket] + host, colon, port


def _pattern(text: str) -> str | None:
    """Return the pattern that an expanded *text* is meant as, if there is one."""
    scheme, separator, rest = text.lower().rpartition("://")
    host, _, port = split_port(rest.partition("/")[0])
    labels = re.match(rf"(?:{SOME}\.)*", host)
    start = labels.end() if labels else 0
    wildcard, host = ("*." if start else ""), host[start:]
    if host.endswith(SOME) and not port and is_loopback(host.rstrip(SOME)):
        host, port = host.rstrip(SOME), SOME  # localhost.*
    local = is_loopback(host)
    if SOME in port and (port == SOME or local):
        port = "*"
    if not separator:
        scheme = "http" if local else "https"
    if port == str(DEFAULT_PORTS.get(scheme)):
        port = ""
    written = f"{scheme}://{wildcard}{host}" + (f":{port}" if port else "")
    return written if OriginPattern.parse(written) else None


def _read(regex: re.Pattern[str]) -> Branches:
    return () if regex.flags & re.VERBOSE else read(regex.pattern)


def _sequences(branches: Branches) -> Iterator[tuple[Piece, ...]]:
    for sequence in branches:
        yield sequence
        for piece in sequence:
            yield from _sequences(piece.group)


def _is_open(
    sequence: tuple[Piece, ...], dotted: bool, host_ended: bool = False
) -> bool:
    """Say whether *sequence* may end in more of a host name.

    :param dotted: whether the host name has a dot; a name without one is a name of a
        local network, whatever is appended to it.
    :param host_ended: whether a colon or a slash before it has ended the host name.
    """
    end = 0 if host_ended else _host_end(sequence)
    for index in reversed(range(len(sequence))):
        piece = sequence[index]
        if index < end and _takes_more_of_a_host(piece, dotted):
            return True
        if any(_is_open(inner, dotted, index >= end) for inner in piece.group):
            return True
        if not _may_be_empty(piece):
            return False
    return False


def _has_dot(sequence: tuple[Piece, ...]) -> bool:
    """Say whether the host name in *sequence* may have a dot."""
    return any(
        piece.matches(".") or any(map(_has_dot, piece.group))
        for piece in sequence[: _host_end(sequence)]
    )


def _host_end(sequence: tuple[Piece, ...]) -> int:
    """Return where a colon or a slash ends the host name, other than in ``://``."""
    text = "".join(
        piece.text if piece.least and not piece.is_class and piece.text else SOME
        for piece in sequence
    )
    start = text.find("://") + len("://") if "://" in text else 0
    ends = [at for at in (text.find(":", start), text.find("/", start)) if at >= 0]
    return min(ends, default=len(sequence))


def _may_be_empty(piece: Piece) -> bool:
    return not piece.least or any(
        all(map(_may_be_empty, sequence)) for sequence in piece.group
    )


def _takes_more_of_a_host(piece: Piece, dotted: bool) -> bool:
    if not piece.is_class or piece.most == 1:
        return False
    return any(map(piece.matches, ".aA" if dotted else "."))


def _letters(pieces: Iterator[Piece] | tuple[Piece, ...]) -> str:
    """Return the letters, digits and hyphens that *pieces* begin with."""
    text = ""
    for piece in pieces:
        if piece.is_class or not re.fullmatch(r"[A-Za-z0-9-]", piece.text):
            break
        text += piece.text
    return text
