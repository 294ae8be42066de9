"""Messages of consoles that look like CORS, or follow from something else."""

from __future__ import annotations

import json

import pytest

from flask_cors_policy.devtools.pasted import PastedError
from flask_cors_policy.devtools.pasted.console import read_console
from flask_cors_policy.devtools.pasted.har import cross_origin, read_har
from flask_cors_policy.devtools.recorded import explain_har, explain_message

A = "https://app.example.com"
URL = "https://api.example.com/items"
FIREFOX = (
    "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote "
    "resource at {}. (Reason: {})."
)

MESSAGES = {
    f"GET {URL} net::ERR_NAME_NOT_RESOLVED": "the name of the host is not known",
    f"GET {URL} net::ERR_CONNECTION_REFUSED": "nothing listens at this host and port",
    f"GET {URL} net::ERR_CERT_AUTHORITY_INVALID": "is not trusted",
    f"GET {URL} net::ERR_SSL_PROTOCOL_ERROR": "https does not work at this host",
    f"GET {URL} net::ERR_CONNECTION_RESET": "the connection was closed before",
    f"GET {URL} net::ERR_EMPTY_RESPONSE": "the connection was closed before",
    f"GET {URL} net::ERR_CONNECTION_TIMED_OUT": "the server did not answer in time",
    f"GET {URL} net::ERR_HTTP2_PROTOCOL_ERROR 200": "does not speak HTTP/1.1",
    f"GET {URL} net::ERR_ADDRESS_UNREACHABLE": "no connection is possible",
    f"GET {URL} net::ERR_INTERNET_DISCONNECTED": "no connection is possible",
    f"GET {URL} net::ERR_UNSAFE_PORT": "browsers send nothing to this port",
    f"GET {URL} net::ERR_BLOCKED_BY_CLIENT": "such as an ad blocker",
    f"GET {URL} net::ERR_BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS": "has refused",
    "A preload for 'https://cdn.example.com/f.woff2' is found, but is not used because "
    "the request credentials mode does not match.": "at <link rel=preload>",
    f"GET {URL} net::ERR_BLOCKED_BY_ORB": "without CORS, as an image or a script",
    f"GET {URL} net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin 200 (OK)": (
        "Cross-Origin-Resource-Policy stops the response"
    ),
    f"Refused to connect to '{URL}' because it violates the following Content Security "
    "Policy directive: \"connect-src 'self'\".": "own Content-Security-Policy forbids",
    "Content-Security-Policy: The page\u2019s settings blocked the loading of a "
    f"resource (connect-src) at {URL}": "own Content-Security-Policy forbids",
    "Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but "
    "requested an insecure resource 'http://api.example.com/items'.": (
        "a page served over https requests plain http"
    ),
    "WebSocket connection to 'wss://api.example.com/ws' failed: Error during WebSocket "
    "handshake: Unexpected response code: 403": "WebSockets do not use CORS",
    'EventSource\'s response has a MIME type ("text/html") that is not '
    '"text/event-stream". Aborting the connection.': "the page opens an EventSource",
    "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON": (
        "it is no JSON, often an HTML page"
    ),
    "SyntaxError: JSON.parse: unexpected character at line 1 column 1": (
        "it is no JSON, often an HTML page"
    ),
    "Cookie \u201cid\u201d has been rejected because it is in a cross-site context": (
        "with --credentials include"
    ),
    "Uncaught SecurityError: Failed to execute 'toDataURL' on 'HTMLCanvasElement': "
    "Tainted canvases may not be exported.": "Write <img crossorigin>",
    "Failed to find a valid digest in the 'integrity' attribute for resource "
    "'https://cdn.example.com/x.js'": "whose hash the page names",
    f'Blocked a frame with origin "{A}" from accessing a cross-origin frame.': (
        "Use postMessage()"
    ),
    "Uncaught (in promise) TypeError: Failed to fetch": "does not tell the reason",
    "TypeError: Load failed": "does not tell the reason",
    "TypeError: NetworkError when attempting to fetch resource.": (
        "does not tell the reason"
    ),
    "AxiosError: Network Error": "does not tell the reason",
    f"Fetch API cannot load {URL} due to access control checks.": (
        "does not tell the reason"
    ),
    f"GET {URL} net::ERR_FAILED 200 (OK)": "does not tell the reason",
    "Access to script at 'file:///C:/site/m.js' from origin 'null' has been blocked by "
    "CORS policy: Cross origin requests are only supported for protocol schemes: "
    "chrome, data, http, https.": "python -m http.server",
    FIREFOX.format("file:///home/ada/m.js", "CORS request not http"): (
        "python -m http.server"
    ),
    FIREFOX.format(URL, "CORS request did not succeed"): (
        "no server answered, or the browser has stopped the request"
    ),
    f"Access to fetch at 'http://192.168.1.5/items' from origin '{A}' has been blocked "
    "by CORS policy: Permission was denied for this request to access the `unknown` "
    "address space.": "the user has refused",
}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_about_something_else_is_explained(message: str) -> None:
    with pytest.raises(PastedError) as caught:
        read_console(message)
    assert MESSAGES[message] in str(caught.value)


def test_of_two_lines_the_one_about_cors_counts() -> None:
    said = (
        f"Access to fetch at '{URL}' from origin '{A}' has been blocked by CORS "
        "policy: No 'Access-Control-Allow-Origin' header is present on the requested "
        "resource.\n"
        f"GET {URL} net::ERR_FAILED 200 (OK)\nTypeError: Failed to fetch"
    )
    diagnosis = explain_message(read_console(said)).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "allow-origin-missing"


def test_names_are_quoted_as_in_ascii() -> None:
    why = "CORS header \u2018Access-Control-Allow-Origin\u2019 missing"
    diagnosis = explain_message(read_console(FIREFOX.format(URL, why), A)).diagnosis
    assert diagnosis is not None
    assert "CORS header 'Access-Control-Allow-Origin' missing." in diagnosis.found


def har(error: object) -> str:
    headers = [{"name": "Origin", "value": A}]
    request = {"method": "GET", "url": URL, "headers": headers}
    response = {"status": 0, "headers": [], "_error": error}
    entries = [{"request": request, "response": response}]
    return json.dumps({"log": {"entries": entries}})


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("net::ERR_BLOCKED_BY_CLIENT", "such as an ad blocker"),
        ("net::ERR_CERT_DATE_INVALID", "the certificate of the server is not trusted"),
        ("net::ERR_FAILED", "browsers leave out what they have blocked"),
        ("something else", "browsers leave out what they have blocked"),
        (None, "browsers leave out what they have blocked"),
    ],
)
def test_a_har_file_tells_why_there_is_no_answer(error: object, says: str) -> None:
    entries = read_har(har(error))
    with pytest.raises(PastedError) as caught:
        explain_har(entries, cross_origin(entries))
    assert f"GET {URL}" in str(caught.value)
    assert says in str(caught.value)
