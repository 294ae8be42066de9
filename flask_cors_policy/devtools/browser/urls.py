"""URLs as a page writes them and as a browser sends them.

Only what the CORS protocol needs of the URL standard: origins, resolution against a
base, and the form in which a URL is sent.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from ...core.errors import shown
from ...core.fetch_standard import DEFAULT_PORTS
from ...core.origin import Origin, canonical_ipv6, is_loopback
from ...core.punycode import to_ascii

# https://url.spec.whatwg.org/#concept-basic-url-parser: leading and trailing C0
# controls and spaces are stripped, tabs and newlines removed wherever they are.
_STRIPPED: Final = "".join(map(chr, range(0x21)))
_REMOVED: Final = str.maketrans("", "", "\t\n\r")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# https://url.spec.whatwg.org/#ends-in-a-number-checker and #ipv4-number-parser
_ENDS_IN_NUMBER: Final = re.compile(r"(^|\.)([0-9]+|0x[0-9a-f]*)\.?$")
_NUMBER: Final = re.compile(
    r"0x(?P<hexadecimal>[0-9a-f]*)|0(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*)"
)
_DOT: Final = re.compile("%2e", re.IGNORECASE)
# https://url.spec.whatwg.org/#path-percent-encode-set and #special-query-...: what
# stays as it is; "%" too, because what is escaped already is not escaped again.
_PATH_SAFE: Final = "!$%&'()*+,-./:;=@[\\]_|~"
_QUERY_SAFE: Final = "!$%&()*+,-./:;=?@[\\]^_`{|}~"


class URL(NamedTuple):
    """An http or https URL.

    :param userinfo: whether there are a user name or a password in it.
    :param fragment: never sent, and no part of the text this converts to; but URLs
        with different fragments have different entries in the preflight cache.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    query: str | None
    userinfo: bool = False
    fragment: str | None = None

    @property
    def origin(self) -> str:
        """The origin, serialised (``#ascii-serialisation-of-an-origin`` of HTML)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host, and port unless it is the default one: the value of Host."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query, as a request line has them."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def is_trustworthy(self) -> bool:
        """Whether nobody on the network can read what is sent there.

        https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy
        """
        return self.scheme == "https" or is_loopback(self.host)

    def __str__(self) -> str:
        return self.origin + self.target


class NotFetched(ValueError):
    """A URL of a scheme that is not fetched over HTTP."""


def parse_url(text: str, base: URL | None = None) -> URL:
    """Return the URL that *text* stands for, relative to *base*.

    https://url.spec.whatwg.org/#concept-url-parser

    :raises NotFetched: if its scheme is neither http nor https.
    :raises ValueError: if it is no URL, or relative and there is no base.
    """
    text = text.strip(_STRIPPED).translate(_REMOVED)
    head, mark, tail = _split(text)
    found = _SCHEME.match(head)
    scheme = found[1].lower() if found else None
    if scheme is not None and scheme not in DEFAULT_PORTS:
        raise NotFetched(f"{shown(text)} is not fetched over HTTP")
    rest = head[found.end() if found else 0 :].replace("\\", "/")
    relative = scheme is None or (
        base is not None and scheme == base.scheme and not rest.startswith("//")
    )
    if not relative:
        absolute = f"{scheme}://{rest.lstrip('/')}{mark}{tail}"
    elif base is not None:
        absolute = urljoin(str(base), rest + mark + tail)
    else:
        raise ValueError(f"{shown(text)} is relative, and there is no base for it")
    try:
        parts = urlsplit(absolute)
        port = parts.port
        host = _host(parts.hostname or "")
    except ValueError:
        raise ValueError(f"{shown(text)} is not a URL") from None
    if not host:
        raise ValueError(f"{shown(text)} is not a URL: its host is not one")
    # urllib forgets a question mark that nothing follows; it is sent all the same.
    has_query = bool(parts.query) or mark == "?"
    query = quote(parts.query, safe=_QUERY_SAFE) if has_query else None
    return URL(
        parts.scheme,
        host,
        None if port == DEFAULT_PORTS[parts.scheme] else port,
        _path(parts.path),
        query,
        bool(parts.username or parts.password),
        parts.fragment or None,
    )


def _split(text: str) -> tuple[str, str, str]:
    """Return what is before the query or fragment, and the rest."""
    found = re.search("[?#]", text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found[0], text[found.end() :]


def _host(host: str) -> str:
    """Return *host* as browsers write it; empty if it is none."""
    if ":" in host:
        return f"[{canonical_ipv6(host)}]" if canonical_ipv6(host) else ""
    host = to_ascii(unquote(host))
    if _ENDS_IN_NUMBER.search(host):
        return _ipv4(host)
    # A host is good where it makes a good origin.
    return host if Origin.parse(f"https://{host}") else ""


def _ipv4(host: str) -> str:
    """Return the address that *host* stands for, as 127.1 does; empty if none.

    https://url.spec.whatwg.org/#concept-ipv4-parser
    """
    value = 0
    parts = host.removesuffix(".").split(".")
    if len(parts) > 4:
        return ""
    for index, part in enumerate(parts):
        found = _NUMBER.fullmatch(part)
        if found is None:
            return ""
        base = {"hexadecimal": 16, "octal": 8, "decimal": 10}[found.lastgroup or ""]
        number = int(found[found.lastgroup or ""] or "0", base)
        left = 4 - index if index == len(parts) - 1 else 1
        if number >= 256**left:
            return ""
        value = value * 256**left + number
    return str(IPv4Address(value))


def _path(path: str) -> str:
    """Return *path* without dot segments, escaped as it is sent."""
    segments: list[str] = []
    last = ""
    for last in path.split("/")[1:]:
        dots = _DOT.sub(".", last)
        if dots == "..":
            del segments[-1:]
        elif dots != ".":
            segments.append(last)
    if _DOT.sub(".", last) in (".", ".."):
        segments.append("")
    return quote("/" + "/".join(segments), safe=_PATH_SAFE)
