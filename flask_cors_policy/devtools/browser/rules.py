"""The rules by which a browser sends a request and lets a page read the response.

Each check is a :class:`Step`: the rule, what was found, and, if it failed, what would
correct it. The rules stand here in the order in which browsers apply them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...core.reasons import Reason
from ..codes import Cause, Code

FETCH: Final = "https://fetch.spec.whatwg.org/#"


class Rule(Enum):
    """A rule of the protocol.

    ``code`` says what its failure means, as far as a browser can know; ``section``
    links to where a standard states it, ``text`` says it in one sentence, ``setting``
    names the option of :class:`~flask_cors_policy.Policy` that decides about it, if
    one does.
    """

    REQUEST_VALID = (
        Cause.REQUEST_INVALID,
        FETCH + "dom-request",
        "the page makes a request that browsers send",
    )
    METHOD_NOT_FORBIDDEN = (
        Cause.REQUEST_INVALID,
        FETCH + "forbidden-method",
        "the method is not CONNECT, TRACE or TRACK",
    )
    PORT = (
        Cause.PORT_BLOCKED,
        FETCH + "port-blocking",
        "the port of the URL is not one that browsers block",
    )
    MIXED_CONTENT = (
        Cause.MIXED_CONTENT,
        "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch",
        "a page served over https requests no plain http",
    )
    SAME_ORIGIN_MODE = (
        Cause.REQUEST_INVALID,
        FETCH + "concept-main-fetch",
        'with mode "same-origin" the URL has the page\'s origin',
    )
    STREAM_UPLOAD = (
        Cause.REQUEST_INVALID,
        FETCH + "dom-request",
        "the browser can send a stream as a body",
    )
    ANSWERED = (
        Cause.NO_RESPONSE,
        FETCH + "concept-http-network-fetch",
        "the server sends a whole response",
    )

    ALLOW_ORIGIN = (
        Cause.ALLOW_ORIGIN_MISSING,
        FETCH + "cors-check",
        "the response has Access-Control-Allow-Origin",
        "origins",
    )
    ALLOW_ORIGIN_MATCHES = (
        Cause.ALLOW_ORIGIN_MISMATCH,
        FETCH + "cors-check",
        "Access-Control-Allow-Origin is the page's origin, byte for byte, or * where "
        "no credentials are included",
        "origins",
    )
    ALLOW_CREDENTIALS = (
        Reason.CREDENTIALS_NOT_ALLOWED,
        FETCH + "cors-check",
        "with credentials included, Access-Control-Allow-Credentials is true",
        "supports_credentials",
    )

    PREFLIGHT_NOT_REDIRECTED = (
        Cause.PREFLIGHT_REDIRECTED,
        FETCH + "cors-preflight-fetch",
        "the answer to a preflight is no redirect",
    )
    PREFLIGHT_STATUS = (
        Cause.PREFLIGHT_REFUSED,
        FETCH + "cors-preflight-fetch",
        "the answer to a preflight has a status of 200 to 299",
    )
    ALLOW_METHODS_PARSED = (
        Cause.LIST_MALFORMED,
        FETCH + "cors-preflight-fetch",
        "Access-Control-Allow-Methods is a list of tokens",
        "methods",
    )
    ALLOW_HEADERS_PARSED = (
        Cause.LIST_MALFORMED,
        FETCH + "cors-preflight-fetch",
        "Access-Control-Allow-Headers is a list of tokens",
        "allow_headers",
    )
    METHOD = (
        Reason.METHOD_NOT_ALLOWED,
        FETCH + "cors-preflight-fetch",
        "the method is GET, HEAD or POST, or listed in Access-Control-Allow-Methods",
        "methods",
    )
    AUTHORIZATION = (
        Reason.HEADER_NOT_ALLOWED,
        FETCH + "cors-non-wildcard-request-header-name",
        "Authorization is listed by name in Access-Control-Allow-Headers",
        "allow_headers",
    )
    HEADERS = (
        Reason.HEADER_NOT_ALLOWED,
        FETCH + "cors-preflight-fetch",
        "each header that is not safelisted is listed in Access-Control-Allow-Headers",
        "allow_headers",
    )

    REDIRECT_MODE = (
        Cause.REQUEST_INVALID,
        FETCH + "concept-http-fetch",
        'with redirect mode "error" there is no redirect',
    )
    REDIRECT_TARGET = (
        Cause.REDIRECT_FAILED,
        FETCH + "concept-http-redirect-fetch",
        "a redirect leads to an http or https URL",
    )
    REDIRECT_COUNT = (
        Cause.REDIRECT_FAILED,
        FETCH + "concept-http-redirect-fetch",
        "there are no more than 20 redirects",
    )
    REDIRECT_USERINFO = (
        Cause.REDIRECT_FAILED,
        FETCH + "concept-http-redirect-fetch",
        "a redirect to another origin has no user name or password in its URL",
    )
    REDIRECT_BODY = (
        Cause.REDIRECT_FAILED,
        FETCH + "concept-http-redirect-fetch",
        "a redirect does not ask to send a stream again",
    )

    code: Reason | Code
    section: str
    text: str
    setting: str | None

    def __new__(
        cls, code: Reason | Code, section: str, text: str, setting: str | None = None
    ) -> Rule:
        member = object.__new__(cls)
        member._value_ = text  # No two rules say the same, but several share a code.
        member.code = code
        member.section = section
        member.text = text
        member.setting = setting
        return member


@dataclass(frozen=True, slots=True)
class Step:
    """One check and its result.

    :param rule: what was checked.
    :param passed: whether the request goes on.
    :param found: what the page, or the server, has sent, in one sentence.
    :param fix: what would correct it, in one sentence; empty if it passed.
    :param exchange: which exchange it is about, counted from 0; ``None`` if it
        comes before all of them.
    """

    rule: Rule
    passed: bool
    found: str
    fix: str = ""
    exchange: int | None = None

    def __str__(self) -> str:
        return f"{self.found} {self.fix}".rstrip()
