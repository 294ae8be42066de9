"""Why a server does not answer, whatever clients and consoles call it.

A page learns nothing of it, and its ``fetch()`` fails as if CORS had refused it.
"""

from __future__ import annotations

from enum import Enum


class Unanswered(Enum):
    """A reason, as the end of a sentence, and what to do about it."""

    NAME = (
        "the name of the host is not known",
        "Correct the host in the URL, or its entry in DNS.",
    )
    REFUSED = (
        "nothing listens at this host and port",
        "Start the server, or correct host and port in the URL.",
    )
    CERTIFICATE = (
        "the certificate of the server is not trusted",
        "Install a certificate for this host that browsers trust; in development, have "
        "the browser trust your own.",
    )
    TLS = (
        "https does not work at this host and port",
        "Correct the scheme or the port in the URL, or serve https there.",
    )
    CLOSED = (
        "the connection was closed before the response was complete",
        "Look into the server's log: it may have failed, or expect https.",
    )
    TIMEOUT = (
        "the server did not answer in time",
        "Look at what the server waits for; a firewall may drop the request, too.",
    )
    NOT_HTTP = (
        "the server does not speak HTTP/1.1",
        "Correct the port in the URL.",
    )
    UNREACHABLE = (
        "no connection is possible",
        "Check the network, and correct host and port in the URL.",
    )

    text: str
    fix: str

    def __init__(self, text: str, fix: str) -> None:
        self.text = text
        self.fix = fix
