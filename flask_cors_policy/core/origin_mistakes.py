"""What is wrong with a string that is not an origin pattern, and what to write.

Only ever runs on a string that ``OriginPattern.parse`` refused. The checks go from
left to right through the string, the first one that applies is reported, and the
hint shows the string with *everything* corrected, where that can be done without a
guess.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .fetch_standard import DEFAULT_PORTS, FILE_ORIGIN, NULL_ORIGIN
from .origin import (
    MAX_HOST,
    MAX_ORIGIN,
    OriginPattern,
    canonical_ipv6,
    is_ipv4,
    is_loopback,
)
from .origin_regex import is_for_any_host, patterns_of, split_port
from .punycode import is_punycode, to_ascii
from .regex_reader import SOME, expand
from .settings import UNSET, quoted

_ANY_ORIGIN: Final = 'List yours; "*" is for public data, without credentials.'
EXAMPLE: Final = 'Write scheme, host and port only, such as "https://app.example.com".'

# Why a scheme of PAGELESS_SCHEMES is there, and what to do instead.
_PAGELESS: Final = {
    "about": 'Such pages have the origin "null".',
    "blob": "Write the origin of the page that made the blob.",
    "data": 'Such pages have the origin "null".',
    "file": "Serve the pages from a local web server, and write its origin.",
    "ftp": "Browsers open no ftp pages.",
    "javascript": "Write the origin of the page that runs the script.",
    "ws": "A page that opens a WebSocket has an http origin.",
    "wss": "A page that opens a WebSocket has an https origin.",
}
_PAGE_SCHEME: Final = {"ws": "http", "wss": "https"}

_LOOKS_LIKE_REGEX = re.compile(
    r"[\\^$|(){}+]|//\.\*|\.\*(?!\.)|\*\*|\[[^\]]*\][*?+]|https\?"
)
# A name in the place of its value: ${HOST}, {host}, %(host)s, <host>; or None itself.
_VARIABLE = re.compile(
    r"\$\{?[A-Za-z_]\w*|\{(?:[A-Za-z_][\w.]*)?\}|%s|%\(\w+\)s|%[A-Z_]+%|<[\w-]+>"
    r"|(?:^|://|[:.])(?:None|undefined)(?=[:/.]|$)"
)
# A list in a variable, with its brackets and quotes, is split at the comma.
_QUOTED = re.compile(r"[\[(]*[\"'`].*|.*[\"'`][\])]*|\[[a-z]+://.*", re.DOTALL)
_QUOTES = "\"'`[]() "
_PARTS = re.compile(r"(?:([^:/?#\[]*):)?//([^/?#]*)(.*)", re.DOTALL)
# https://www.unicode.org/reports/tr46/#Table_Data_File_Format: what is mapped to a dot,
# and what is ignored (invisible characters, which get in by copy and paste).
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_IGNORED = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)


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


def meant(text: str) -> list[str]:
    """Return the patterns that a string with a mistake was meant as, if it is clear."""
    if _LOOKS_LIKE_REGEX.search(text):
        return patterns_of(text)
    better = corrected(text) or corrected(text.strip(_QUOTES))
    return [better] if better else []


def corrected(text: str) -> str | None:
    """Return the pattern *text* was meant to be, ``None`` where that is a guess."""
    candidate = _IGNORED.sub("", text).strip().translate(_DOTS)
    if not candidate.isprintable() or _LOOKS_LIKE_REGEX.search(candidate):
        return None
    parts = _PARTS.match(candidate)
    if parts is None or not parts[1]:
        return None
    scheme = parts[1].lower()
    scheme = _PAGE_SCHEME.get(scheme, scheme)
    host, _, port = split_port(parts[2].rpartition("@")[2])
    if host.startswith("[") and host.endswith("]"):
        host = f"[{canonical_ipv6(host[1:-1])}]"
    else:
        host = to_ascii(host)
        if is_ipv4(host[:-1]):  # Of an address browsers leave out the dot at the end.
            host = host[:-1]
    if port.isdecimal() and port.isascii():
        port = port.lstrip("0")
        if port == str(DEFAULT_PORTS.get(scheme)):
            port = ""
    written = f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
    return written if OriginPattern.parse(written) else None


def _hint(text: str, otherwise: str = EXAMPLE) -> str:
    better = corrected(text)
    return f'Write "{better}".' if better else otherwise


def _items(text: str) -> str:
    """Return the origins that are written in *text*, as items of a list."""
    parts = re.split(r"[,;\s]+", text[: 4 * MAX_ORIGIN])
    written = [corrected(part.strip(_QUOTES)) for part in parts if part.strip(_QUOTES)]
    known = list(dict.fromkeys(each for each in written if each is not None))
    whole = known and None not in written and len(text) <= 4 * MAX_ORIGIN
    return quoted(known) if whole else '"...", "..."'


def _whole(text: str) -> Mistake | None:
    """Look for what makes the whole string something else than an origin."""
    if not text.strip():
        return Mistake("origin-whitespace", "This is empty.", f"{EXAMPLE} {UNSET}")
    if "," in text or ";" in text:
        message = "This is more than one origin in one item of a list."
        hint = f"Write each as an item of its own: [{_items(text)}]."
        return Mistake("origin-list", message, hint)
    if len(text) > MAX_ORIGIN:
        message = f"No origin has more than {MAX_ORIGIN} characters."
        return Mistake("origin-too-long", message, EXAMPLE)
    if _VARIABLE.search(text):
        message = "A variable in this text was not replaced by a value."
        return Mistake("origin-unset", message, f"{EXAMPLE} {UNSET}")
    if _QUOTED.fullmatch(text):
        message = "The quotation marks or brackets are part of this text."
        return Mistake("origin-quotes", message, _hint(text.strip(_QUOTES)))
    if any(c.isspace() or not c.isprintable() for c in text):
        message = "An origin holds no whitespace and no control characters."
        return Mistake("origin-whitespace", message, _hint(text))
    if _LOOKS_LIKE_REGEX.search(text):
        message = (
            "This looks like a regular expression; strings are never treated as one."
        )
        return Mistake("origin-regex", message, _regex_hint(text))
    return None


def _regex_hint(text: str) -> str:
    """Return the patterns that an expression stands for, or what can be done."""
    patterns = patterns_of(text)
    if len(patterns) == 1:
        return f'Write "{patterns[0]}".'
    if patterns:
        return f"Write [{quoted(patterns)}]."
    if is_for_any_host(text):
        return f"It matches every site. {_ANY_ORIGIN}"
    texts = expand(text)
    if len(texts) == 1 and SOME in texts[0].partition("://")[2]:
        return _wildcard_hint(texts[0].replace(SOME, "*"))
    return (
        'Write the origins out, or a pattern such as "https://*.example.com", or '
        're.compile(...) with accept_risks=["regex-origin"].'
    )


def _scheme(text: str) -> Mistake | None:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _no_scheme(text)
    if "*" in scheme:
        message = "A wildcard cannot stand for the scheme."
        hint = _hint(f"https{separator}{rest}")
        return Mistake("origin-wildcard-place", message, hint)
    if text == FILE_ORIGIN:
        message = "Any file on the user's disk has this origin."
        return Mistake("origin-null", message, _PAGELESS["file"])
    if scheme.lower() in _PAGELESS:
        message = f"No site has an origin under {scheme.lower()}:."
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
    if text.lower() in ("all", "any"):
        return Mistake("origin-scheme-missing", "This is not an origin.", _ANY_ORIGIN)
    bare = text.removeprefix("//")
    local = bare.startswith(("localhost", "127.", "[::1]"))
    completed = f"{'http' if local else 'https'}://{bare}"
    message = "The scheme is missing: an origin begins with it."
    hint = _hint(completed)
    if is_loopback(bare):
        hint = f'{hint} For any port it is "{completed}:*".'
    return Mistake("origin-scheme-missing", message, hint)


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
    host, _, port = split_port(authority)
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
    if "*" in port and is_loopback(host):
        text = f"{scheme}://{host}:*"
    return Mistake("origin-port", message, _hint(text))


def _host(text: str, host: str) -> Mistake | None:
    if not host:
        return Mistake("origin-host", "The host is missing.", EXAMPLE)
    if host == "*":
        message = "A wildcard cannot stand for the whole host."
        hint = _any_host_hint(text.partition("://")[0].lower())
        return Mistake("origin-wildcard-place", message, hint)
    bare = host.removeprefix("*.")
    if "*" in bare:
        message = "A wildcard stands only for whole labels on the left of the host."
        return Mistake("origin-wildcard-place", message, _wildcard_hint(text))
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
    labels = bare.removesuffix(".").split(".")
    longest = MAX_HOST + bare.endswith(".")
    if not all(0 < len(label) <= 63 for label in labels) or len(host) > longest:
        message = (
            "Between its dots a host has labels of 1 to 63 characters, "
            f"{MAX_HOST} in all."
        )
        return Mistake("origin-host", message, EXAMPLE)
    if not is_punycode(bare):
        message = "After xn-- a label is Punycode, and this is none."
        hint = "Write the name in its own letters: the error then shows the Punycode."
        return Mistake("origin-punycode", message, hint)
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return _ipv4(text, host, bare)
    return None


def _any_host_hint(scheme: str) -> str:
    """Return what to write for every host of *scheme*."""
    if scheme in DEFAULT_PORTS:
        return f'Write it as in "https://*.example.com". {_ANY_ORIGIN}'
    function = f'lambda origin, environ: origin.startswith("{scheme}://")'
    return f"Write the host, or a function as an item of origins: {function}"


def _wildcard_hint(text: str) -> str:
    """Return what to write for a wildcard that is not whole labels on the left."""
    from .public_suffix import is_public_suffix  # Here: its list takes a second.

    scheme, _, rest = text.partition("://")
    name = rest.removeprefix("*")
    if name != rest and "*" not in name and name[:1].isalnum():
        both = [f"{scheme}://*.{name}", f"{scheme}://{name}"]
        host = split_port(name)[0]
        if all(map(OriginPattern.parse, both)) and not is_public_suffix(host):
            return f"Write [{quoted(both)}]."
    suffix = split_port(rest.rpartition("*")[2])[0].partition(".")[2]
    if not suffix or is_public_suffix(suffix):
        under = f" under {suffix}" if suffix else ""
        return (
            f"Anybody can have such a name{under}: list yours, or write a function "
            "that knows them: def allowed(origin, environ)."
        )
    expression = re.escape(text).replace(r"\*", "[a-z0-9-]+").replace(r"\-", "-")
    return f'Write re.compile(r"{expression}") with accept_risks=["regex-origin"].'


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


def _ipv4(text: str, host: str, bare: str) -> Mistake | None:
    if is_ipv4(bare[:-1]) and bare[-1] == ".":
        message = "Of an address browsers leave out the dot at the end."
        return Mistake("origin-ipv4", message, _hint(text))
    if not is_ipv4(bare):
        message = (
            "A host that ends in a number is an IPv4 address, "
            "which browsers send as four decimal numbers from 0 to 255."
        )
        return Mistake("origin-ipv4", message, 'Write it as in "http://192.168.0.7".')
    return _wildcard_before_address() if host != bare else None


def _wildcard_before_address() -> Mistake:
    message = "An IP address has no subdomains."
    return Mistake("origin-wildcard-place", message, "Leave out the *. before it.")
