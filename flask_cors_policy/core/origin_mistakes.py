"""What is wrong with a string that is not an origin pattern, and what to write.

Only ever runs on a string that ``OriginPattern.parse`` refused. The checks go from
left to right through the string, the first one that applies is reported, and the
hint shows the string with *everything* corrected, where that can be done without a
guess.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from .fetch_standard import DEFAULT_PORTS, NULL_ORIGIN
from .origin import MAX_HOST, MAX_ORIGIN, OriginPattern, canonical_ipv6

EXAMPLE: Final = 'Write scheme, host and port only, such as "https://app.example.com".'

# Why a scheme of PAGELESS_SCHEMES is there, and what to do instead.
_PAGELESS: Final = {
    "about": 'Such pages have the origin "null".',
    "blob": "Write the origin of the page that made the blob.",
    "data": 'Such pages have the origin "null".',
    "file": 'Such pages have the origin "null": serve them from a local web server.',
    "ftp": "Browsers open no ftp pages.",
    "javascript": "Write the origin of the page that runs the script.",
    "ws": "A page that opens a WebSocket has an http origin.",
    "wss": "A page that opens a WebSocket has an https origin.",
}
_PAGE_SCHEME: Final = {"ws": "http", "wss": "https"}

_LOOKS_LIKE_REGEX = re.compile(
    r"[\\^$|(){}+]|//\.\*|\.\*(?!\.)|\*\*|\[[^\]]*\][*?+]|https\?"
)
_PARTS = re.compile(r"(?:([^:/?#\[]*):)?//([^/?#]*)(.*)", re.DOTALL)
# https://www.unicode.org/reports/tr46/#Table_Data_File_Format: what is mapped to a dot,
# and what is ignored (invisible characters, which get in by copy and paste).
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_IGNORED = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)


# Letters of host names of their own, which case folding would replace.
_UNFOLDED = "\u00df\u1e9e\u03c2"


class Mistake(NamedTuple):
    """Why a string is not an origin pattern; the fields of a ``Problem``."""

    reason: str
    message: str
    hint: str


def diagnose(text: str) -> Mistake:
    """Return the first mistake in *text*, with what to write instead.

    :param text: a string that ``OriginPattern.parse`` refused.
    """
    return _whole(text) or _scheme(text) or _authority(text)


def corrected(text: str) -> str | None:
    """Return the pattern *text* was meant to be, ``None`` where that is a guess."""
    candidate = _IGNORED.sub("", text).strip().translate(_DOTS)
    if not candidate.isprintable():
        return None
    if _LOOKS_LIKE_REGEX.search(candidate):
        candidate = _from_regex(candidate)
    parts = _PARTS.match(candidate)
    if parts is None or not parts[1]:
        return None
    scheme = parts[1].lower()
    scheme = _PAGE_SCHEME.get(scheme, scheme)
    host, _, port = _split_port(parts[2].rpartition("@")[2])
    if host.startswith("[") and host.endswith("]"):
        host = f"[{canonical_ipv6(host[1:-1])}]"
    else:
        host = to_ascii(host).removesuffix(".")
    if port.isdecimal() and port.isascii():
        port = port.lstrip("0")
        if port == str(DEFAULT_PORTS.get(scheme)):
            port = ""
    written = f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
    return written if OriginPattern.parse(written) else None


def to_ascii(host: str) -> str:
    """Return *host* in the ASCII form browsers send, as far as tables allow.

    UTS 46, non-transitional (https://url.spec.whatwg.org/#concept-domain-to-ascii),
    for what people type: case folded (but for the letters that stay), compatibility
    forms, punycode.
    """
    composed = unicodedata.normalize("NFKC", host)
    folded = "".join(c.lower() if c in _UNFOLDED else c.casefold() for c in composed)
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in unicodedata.normalize("NFKC", folded).split(".")
    )


def _from_regex(text: str) -> str:
    """Undo the usual ways to write an origin as a regular expression."""
    text = text.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    text = re.sub(r":(\\d|\[0-9\]|\.)[*+]", ":*", text).replace("https?", "https")
    text = re.sub(r"(\.[*+]|\[[^\]]*\][*+]|\\w\+)(\\?\.)", "*.", text)
    return text.replace("\\", "")


def _hint(text: str, otherwise: str = EXAMPLE) -> str:
    better = corrected(text)
    return f'Write "{better}".' if better else otherwise


def _whole(text: str) -> Mistake | None:
    """Look for what makes the whole string something else than an origin."""
    if not text.strip():
        return Mistake("origin-whitespace", "This is empty.", EXAMPLE)
    if "," in text or ";" in text:
        message = "This is more than one origin in one item of a list."
        hint = 'Write each as an item of its own: ["https://a.com", "https://b.com"].'
        return Mistake("origin-list", message, hint)
    if len(text) > MAX_ORIGIN:
        message = f"No origin has more than {MAX_ORIGIN} characters."
        return Mistake("origin-too-long", message, EXAMPLE)
    if any(c.isspace() or not c.isprintable() for c in text):
        message = "An origin holds no whitespace and no control characters."
        return Mistake("origin-whitespace", message, _hint(text))
    if _LOOKS_LIKE_REGEX.search(text):
        message = "This looks like a regular expression; strings are never taken so."
        otherwise = (
            'Write the origins out, or a pattern such as "https://*.example.com", or '
            're.compile(...) with accept_risks=["regex-origin"].'
        )
        return Mistake("origin-regex", message, _hint(text, otherwise))
    return None


def _scheme(text: str) -> Mistake | None:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _no_scheme(text)
    if "*" in scheme:
        message = "A wildcard cannot stand for the scheme."
        hint = _hint(f"https{separator}{rest}")
        return Mistake("origin-wildcard-place", message, hint)
    if scheme.lower() in _PAGELESS:
        message = f"No page has an origin under {scheme.lower()}:."
        fitting = _PAGE_SCHEME.get(scheme.lower())
        better = corrected(f"{fitting}{separator}{rest}") if fitting else None
        hint = _PAGELESS[scheme.lower()]
        return Mistake(
            "origin-scheme", message, f'{hint} Write "{better}".' if better else hint
        )
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]{0,63}", scheme):
        return Mistake("origin-scheme", "This is not a scheme.", EXAMPLE)
    return None


def _no_scheme(text: str) -> Mistake:
    if text.lower() == NULL_ORIGIN:
        message = "Browsers send null in lower case, and any site can have it sent."
        hint = 'Leave it out, or write "null" with accept_risks=["null-origin"].'
        return Mistake("origin-null", message, hint)
    slashes = re.match(r"(https?)(?::/?|//)(?!\d)", text, re.IGNORECASE)
    if slashes:
        completed = f"{slashes[1]}://{text[slashes.end() :]}"
        message = 'Between scheme and host stands "://".'
        return Mistake("origin-scheme-missing", message, _hint(completed))
    bare = text.removeprefix("//")
    local = bare.startswith(("localhost", "127.", "[::1]"))
    completed = f"{'http' if local else 'https'}://{bare}"
    message = "The scheme is missing: an origin begins with it."
    return Mistake("origin-scheme-missing", message, _hint(completed))


def _authority(text: str) -> Mistake:
    """Look at what follows the scheme, user, host, port, path: the mistake is there."""
    scheme, _, rest = text.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        message = "An origin holds no user name and no password."
        return Mistake("origin-userinfo", message, _hint(text))
    if authority != rest:
        message = "An origin ends after host and port: no path, not even a slash."
        return Mistake("origin-path", message, _hint(text))
    host, _, port = _split_port(authority)
    mistake = _host(text, host)
    if mistake is not None:
        return mistake
    if scheme != scheme.lower():
        message = "Browsers send the scheme in lower case."
        return Mistake("origin-upper-case", message, _hint(text))
    if port.isdecimal() and int(port) == DEFAULT_PORTS.get(scheme):
        message = f"Browsers leave out port {int(port)}, the default of {scheme}."
        return Mistake("origin-default-port", message, _hint(text))
    message = "A port is a number from 1 to 65535, without leading zeros, or *."
    return Mistake("origin-port", message, _hint(text))


def _host(text: str, host: str) -> Mistake | None:
    if not host:
        return Mistake("origin-host", "The host is missing.", EXAMPLE)
    if host == "*":
        message = "A wildcard cannot stand for the whole host."
        hint = 'Write "*" alone to allow every origin, or "https://*.example.com".'
        return Mistake("origin-wildcard-place", message, hint)
    bare = host.removeprefix("*.")
    if "*" in bare:
        message = "A wildcard stands only for whole labels on the left of the host."
        hint = 'Write it as in "https://*.example.com".'
        return Mistake("origin-wildcard-place", message, hint)
    if not host.isascii():
        message = "Browsers send host names in ASCII (punycode)."
        return Mistake("origin-unicode", message, _hint(text))
    if "[" in bare or "]" in bare or ":" in bare:
        return _ipv6(text, host, bare)
    return _name(text, host, bare)


def _name(text: str, host: str, bare: str) -> Mistake | None:
    if bare != bare.lower():
        message = "Browsers send the host in lower case."
        return Mistake("origin-upper-case", message, _hint(text))
    if not re.fullmatch(r"[a-z0-9._-]+", bare):
        message = "A host consists of letters, digits, hyphens, underscores and dots."
        return Mistake("origin-host", message, EXAMPLE)
    if bare.endswith("."):
        message = "The host ends in a dot."
        return Mistake("origin-host", message, _hint(text))
    labels = bare.split(".")
    if not all(0 < len(label) <= 63 for label in labels) or len(host) > MAX_HOST:
        message = (
            "Between its dots a host has labels of 1 to 63 characters, "
            f"{MAX_HOST} in all."
        )
        return Mistake("origin-host", message, EXAMPLE)
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return _ipv4(host, bare)
    return None


def _ipv6(text: str, host: str, bare: str) -> Mistake | None:
    if host != bare:
        return _wildcard_before_address()
    if not bare.startswith("["):
        message = "An IPv6 address stands in brackets."
        return Mistake("origin-ipv6", message, 'Write it as in "http://[::1]:3000".')
    canonical = canonical_ipv6(bare[1:-1])
    if canonical is None or not bare.endswith("]"):
        message = "This is not an IPv6 address."
        return Mistake("origin-ipv6", message, 'Write it as in "http://[::1]:3000".')
    if bare != f"[{canonical}]":
        message = "Browsers send IPv6 addresses compressed and in lower case."
        return Mistake("origin-ipv6", message, _hint(text))
    return None


def _ipv4(host: str, bare: str) -> Mistake | None:
    octet = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    if not re.fullmatch(rf"{octet}(?:\.{octet}){{3}}", bare):
        message = (
            "A host that ends in a number is an IPv4 address, "
            "which browsers send as four decimal numbers from 0 to 255."
        )
        return Mistake("origin-ipv4", message, 'Write it as in "http://192.168.0.7".')
    return _wildcard_before_address() if host != bare else None


def _wildcard_before_address() -> Mistake:
    message = "An IP address has no subdomains."
    return Mistake("origin-wildcard-place", message, "Leave out the *. before it.")


def _split_port(authority: str) -> tuple[str, str, str]:
    """Split ``host:port``; a colon inside brackets is part of the host."""
    bracket = authority.rfind("]") + 1
    host, colon, port = authority[bracket:].partition(":")
    if ":" in port:
        return authority, "", ""
    return authority[:bracket] + host, colon, port
