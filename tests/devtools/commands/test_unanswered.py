"""A server that does not answer: the reason, and that it is no CORS problem."""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected

import pytest

from flask_cors_policy.devtools.commands import main
from flask_cors_policy.devtools.commands.network import unanswered
from flask_cors_policy.devtools.explaining import Unanswered

ERRORS = [
    (socket.gaierror(-2, "Name or service not known"), Unanswered.NAME),
    (ConnectionRefusedError(111, "refused"), Unanswered.REFUSED),
    (ssl.SSLCertVerificationError("self-signed"), Unanswered.CERTIFICATE),
    (ssl.SSLError("wrong version number"), Unanswered.TLS),
    (ConnectionResetError(104, "reset"), Unanswered.CLOSED),
    (RemoteDisconnected("closed"), Unanswered.CLOSED),
    (IncompleteRead(b""), Unanswered.CLOSED),
    (TimeoutError("timed out"), Unanswered.TIMEOUT),
    (BadStatusLine("PRI"), Unanswered.NOT_HTTP),
    (OSError(101, "Network is unreachable"), Unanswered.UNREACHABLE),
]


@pytest.mark.parametrize(("error", "reason"), ERRORS, ids=lambda each: str(each))
def test_each_error_of_a_client_has_a_reason(
    error: Exception, reason: Unanswered
) -> None:
    assert unanswered(error) is reason


def test_the_reason_and_its_fix_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    origin = "https://app.example.com"
    assert main(["explain", "--short", "--url", url, "--origin", origin]) == 1
    printed = capsys.readouterr().out
    assert "Blocked (no-response)." in printed
    assert (
        "The reason: nothing listens at this host and port. This is not a CORS "
        "problem.\n  Fix:  Start the server, or correct host and port in the URL.\n"
    ) in printed
