"""The facts of a request that CORS depends on, without WSGI."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from .fetch_standard import DEFAULT_PORTS

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, 9.2.1), other than TRACE."""

_OWN_SITES: Final = ("same-origin", "none")
_OTHER_SITES: Final = ("cross-site", "same-site")


class RequestKind(Enum):
    """What a request is to the CORS protocol."""

    NOT_CORS = "not CORS"
    PREFLIGHT = "preflight"
    ACTUAL = "actual"


class CORSRequest(NamedTuple):
    """What a server can see of a request; ``None`` stands for a missing header.

    :param method: the method, as sent.
    :param origin: the Origin header.
    :param requested_method: the Access-Control-Request-Method header.
    :param requested_headers: the Access-Control-Request-Headers header.
    :param fetch_site: the Sec-Fetch-Site header
        (https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header). A
        value that is not in the specification counts as missing.
    :param scheme: of the URL the server was asked under.
    :param host: the Host header, or the server's own name; it may have a port.
    :param has_cookies: whether there is a Cookie header.
    :param is_websocket: whether this is a WebSocket handshake (RFC 6455, 4.1).
    :param environ: passed to a function given as ``origins``, never read here.
    """

    method: str
    origin: str | None = None
    requested_method: str | None = None
    requested_headers: str | None = None
    fetch_site: str | None = None
    scheme: str = ""
    host: str = ""
    has_cookies: bool = False
    is_websocket: bool = False
    environ: Mapping[str, Any] = {}

    @property
    def kind(self) -> RequestKind:
        """What the request is.

        https://fetch.spec.whatwg.org/#http-requests: a CORS request has an Origin
        header. A CORS-preflight request has the method OPTIONS and asks for a method.
        """
        if self.origin is None:
            return RequestKind.NOT_CORS
        if self.method == "OPTIONS" and self.requested_method is not None:
            return RequestKind.PREFLIGHT
        return RequestKind.ACTUAL

    @property
    def is_same_origin(self) -> bool:
        """Whether the request comes from the API's own origin.

        Browsers send Origin to their own origin too, with methods other than GET and
        HEAD. No page can set Sec-Fetch-Site ("none" is a request that the user
        began). Older browsers do not send it; then scheme and Host decide.
        """
        if self.fetch_site in _OWN_SITES:
            return True
        if self.fetch_site in _OTHER_SITES:
            return False
        host = self.host.lower()
        default_port = DEFAULT_PORTS.get(self.scheme)
        if default_port is not None:
            host = host.removesuffix(f":{default_port}")
        return self.origin == f"{self.scheme}://{host}"

    @property
    def is_unsafe(self) -> bool:
        """Whether the request may change something, or opens a WebSocket.

        A handshake is a GET with cookies and without preflight; what is sent over the
        connection afterwards has no Origin header.
        """
        return self.is_websocket or self.method not in SAFE_METHODS

    @property
    def is_foreign_write(self) -> bool:
        """Whether another site sends a request that may change something."""
        return self.is_unsafe and self.fetch_site in _OTHER_SITES
