"""The plain facts of a request that CORS depends on, free of WSGI."""

# Without ``from __future__ import annotations``: see ``compiled``.

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from .fetch_standard import DEFAULT_PORTS


class RequestKind(Enum):
    """What a request is to the CORS protocol."""

    NOT_CORS = "not CORS"
    PREFLIGHT = "preflight"
    ACTUAL = "actual"


class CORSRequest(NamedTuple):
    """What a server can see of a request; ``None`` stands for a header left out.

    :param method: the method, as sent.
    :param origin: the Origin header.
    :param requested_method: the Access-Control-Request-Method header.
    :param requested_headers: the Access-Control-Request-Headers header.
    :param fetch_site: the Sec-Fetch-Site header
        (https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header).
    :param scheme: of the URL the server was asked under.
    :param host: the Host header, or what the server calls itself, maybe with a port.
    :param environ: handed to a function given as ``origins``, never looked into.
    """

    method: str
    origin: str | None = None
    requested_method: str | None = None
    requested_headers: str | None = None
    fetch_site: str | None = None
    scheme: str = ""
    host: str = ""
    environ: Mapping[str, Any] = {}

    @property
    def kind(self) -> RequestKind:
        """What the request is.

        https://fetch.spec.whatwg.org/#http-requests: a CORS request has an Origin
        header; a CORS-preflight request is one with the method OPTIONS that asks for
        a method.
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
        HEAD. Sec-Fetch-Site, which no page can set, tells ("none" is a request that
        the user began); before browsers had it, scheme and Host do.
        """
        if self.fetch_site is not None:
            return self.fetch_site in ("same-origin", "none")
        host = self.host.lower()
        default_port = DEFAULT_PORTS.get(self.scheme)
        if default_port is not None:
            host = host.removesuffix(f":{default_port}")
        return self.origin == f"{self.scheme}://{host}"
