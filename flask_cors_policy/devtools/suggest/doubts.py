"""What speaks against an origin, as far as its name and its requests tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ...core.fetch_standard import NULL_ORIGIN
from ...core.origin import Origin, OriginPattern, is_ip_address, is_loopback
from ...core.public_suffix import (
    covers_public_suffix,
    is_public_suffix,
    registrable_domain,
)
from .evidence import Asked, refusal
from .observations import SEVERAL
from .quoting import quoted

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Domains with so many characters may differ in one, or in two.
_ONE: Final = 5
_TWO: Final = 9
# What is taken for something else at a glance. Letters with marks are decomposed.
_RESEMBLING: Final = (
    *(("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l")),
    *(("5", "s"), ("-", ""), ("\u0430", "a"), ("\u0435", "e"), ("\u043e", "o")),
    *(("\u0440", "p"), ("\u0441", "c"), ("\u0443", "y"), ("\u0445", "x")),
    *(("\u0455", "s"), ("\u0456", "l"), ("\u0458", "j"), ("\u03bf", "o")),
    *(("\u03b1", "a"), ("\u03bd", "v"), ("\u0131", "l"), ("\u0261", "g")),
)


def doubts(asked: Asked, listed: Iterable[str]) -> Iterator[str]:
    """Yield what a person should look at before the origin is listed.

    :param listed: origins that are yours, or that came more often.
    """
    if asked.origin == NULL_ORIGIN:
        yield "any site can send null"
    origin = Origin.parse(asked.origin)
    if origin is not None:
        yield from _of_host(asked.origin, origin)
        resembled = (
            (_resemblance(origin, Origin.parse(name)), name) for name in listed
        )
        for resemblance, name in resembled:
            if resemblance:
                yield f"{resemblance} {quoted(name)}"
                break
    pattern = OriginPattern.parse(asked.origin)
    if pattern and pattern.subdomains and covers_public_suffix(pattern.host):
        yield f"public suffix: anyone can get a host under {pattern.host}"
    if 0 < asked.requests < SEVERAL:
        # An origin that is not listed came more often, but on one day only.
        yield "noted once" if asked.requests == 1 else "noted twice"
    if asked.requests and not asked.granted:
        yield "refused until now"


def _of_host(text: str, origin: Origin) -> Iterator[str]:
    refused = refusal("origins", text)
    if refused:
        yield refused
    if is_loopback(origin.host):
        yield "this is each visitor's own machine: list it for development only"
    elif origin.scheme == "http":
        yield "plain http: anyone on the network can pose as this origin"
    shared = _shared_suffix(origin.host)
    if shared:
        yield f"public suffix: {shared}"


def _shared_suffix(host: str) -> str:
    """Say whether anyone can get a host next to this one, beside a registry's names."""
    host = host.rstrip(".")
    if is_ip_address(host) or is_loopback(host):
        return ""
    if is_public_suffix(host):
        return "anyone can get a host under this one"
    suffix = _suffixes(False).publicsuffix(host)
    if suffix == _suffixes(True).publicsuffix(host):
        return ""
    return f"anyone can get a host under {suffix}, this one too once it is given up"


@lru_cache(maxsize=2)
def _suffixes(only_registries: bool) -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=only_registries)


def _resemblance(origin: Origin, other: Origin | None) -> str:
    """Say how *origin* resembles *other*, empty if it does not, or is of its site."""
    if other is None or origin == other:
        return ""
    if origin.host == other.host:
        return "differs only in scheme or port from"
    if is_ip_address(origin.host) or is_ip_address(other.host):
        return ""
    domain, known = registrable_domain(origin.host), registrable_domain(other.host)
    if domain is None or known is None or domain == known:
        return ""
    if f".{known}." in f".{origin.host}.":
        return "holds the domain, but is not a host under that, of"
    label, known_label = (each.partition(".")[0] for each in (domain, known))
    if label == known_label:
        return "has the same name under another suffix as"
    skeleton, known_skeleton = _skeleton(label), _skeleton(known_label)
    if skeleton == known_skeleton:
        return "can be taken for"
    length = min(len(skeleton), len(known_skeleton))
    most = (length >= _ONE) + (length >= _TWO)
    if most and _distance(skeleton, known_skeleton, most) <= most:
        return "is spelled almost like"
    return ""


def _skeleton(label: str) -> str:
    """Return what a reader sees in *label*, in plain letters."""
    if label.startswith("xn--"):
        try:
            label = label[4:].encode().decode("punycode")
        except ValueError:
            return label
    text = unicodedata.normalize("NFKD", label)
    text = "".join(char for char in text if not unicodedata.combining(char))
    for seen, meant in _RESEMBLING:
        text = text.replace(seen, meant)
    return text


def _distance(one: str, other: str, most: int) -> int:
    """Return the edit distance (insert, delete, replace, swap neighbours).

    https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance, with swaps of
    neighbours only.

    :param most: a larger distance need not be exact.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    rows = [list(range(len(other) + 1))]
    for i, char in enumerate(one, 1):
        row = [i]
        for j, other_char in enumerate(other, 1):
            cost = char != other_char
            best = min(row[j - 1] + 1, rows[-1][j] + 1, rows[-1][j - 1] + cost)
            swapped = i > 1 and j > 1 and one[i - 2 : i] == other[j - 1] + other[j - 2]
            row.append(min(best, rows[-2][j - 2] + 1) if swapped else best)
        rows.append(row)
    return rows[-1][-1]
