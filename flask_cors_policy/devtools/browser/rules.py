"""The rules by which a browser lets a request through, and a response be read.

Each check that is made is a :class:`Step`: the rule, what was found, and, where it
failed, what would mend it. The rules stand here in the order in which they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

FETCH: Final = "https://fetch.spec.whatwg.org/#"


class Rule(Enum):
    """A rule of the protocol. ``value`` is the stable code of its failure.

    ``section`` links to where a standard states it, ``text`` says it in one sentence,
    ``setting`` names the option of :class:`~flask_cors_policy.Policy` that decides
    about it, if one does.
    """

    REQUEST_VALID = (
        "request-valid",
        FETCH + "dom-request",
        "the page asks for something that can be sent",
    )
    METHOD_NOT_FORBIDDEN = (
        "method-forbidden",
        FETCH + "forbidden-method",
        "the method is not CONNECT, TRACE or TRACK",
    )
    MIXED_CONTENT = (
        "mixed-content",
        "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch",
        "a page that came over https asks nothing of plain http",
    )
    SAME_ORIGIN_MODE = (
        "same-origin-mode",
        FETCH + "concept-main-fetch",
        'with mode "same-origin" the URL has the page\'s origin',
    )
    STREAM_UPLOAD = (
        "stream-upload",
        FETCH + "dom-request",
        "the browser can send a stream as a body",
    )
    ANSWERED = (
        "answered",
        FETCH + "concept-http-network-fetch",
        "the server answers with a whole response",
    )

    ALLOW_ORIGIN = (
        "allow-origin-missing",
        FETCH + "cors-check",
        "the response has Access-Control-Allow-Origin",
        "origins",
    )
    ALLOW_ORIGIN_MATCHES = (
        "allow-origin-mismatch",
        FETCH + "cors-check",
        "Access-Control-Allow-Origin is the page's origin, byte for byte, or * where "
        "no credentials are included",
        "origins",
    )
    ALLOW_CREDENTIALS = (
        "allow-credentials-missing",
        FETCH + "cors-check",
        "with credentials included, Access-Control-Allow-Credentials is true",
        "supports_credentials",
    )

    PREFLIGHT_NOT_REDIRECTED = (
        "preflight-redirect",
        FETCH + "cors-preflight-fetch",
        "the answer to a preflight is no redirect",
    )
    PREFLIGHT_STATUS = (
        "preflight-status",
        FETCH + "cors-preflight-fetch",
        "the answer to a preflight has a status of 200 to 299",
    )
    ALLOW_METHODS_PARSED = (
        "allow-methods-malformed",
        FETCH + "cors-preflight-fetch",
        "Access-Control-Allow-Methods is a list of tokens",
        "methods",
    )
    ALLOW_HEADERS_PARSED = (
        "allow-headers-malformed",
        FETCH + "cors-preflight-fetch",
        "Access-Control-Allow-Headers is a list of tokens",
        "allow_headers",
    )
    METHOD = (
        "method-not-allowed",
        FETCH + "cors-preflight-fetch",
        "the method is GET, HEAD or POST, or listed in Access-Control-Allow-Methods",
        "methods",
    )
    AUTHORIZATION = (
        "authorization-not-allowed",
        FETCH + "cors-non-wildcard-request-header-name",
        "Authorization is listed by name in Access-Control-Allow-Headers",
        "allow_headers",
    )
    HEADERS = (
        "header-not-allowed",
        FETCH + "cors-preflight-fetch",
        "each header that is not safelisted is listed in Access-Control-Allow-Headers",
        "allow_headers",
    )

    REDIRECT_MODE = (
        "redirect-mode",
        FETCH + "concept-http-fetch",
        'with redirect mode "error" there is no redirect',
    )
    REDIRECT_TARGET = (
        "redirect-target",
        FETCH + "concept-http-redirect-fetch",
        "a redirect leads to an http or https URL",
    )
    REDIRECT_COUNT = (
        "redirect-count",
        FETCH + "concept-http-redirect-fetch",
        "there are no more than 20 redirects",
    )
    REDIRECT_USERINFO = (
        "redirect-userinfo",
        FETCH + "concept-http-redirect-fetch",
        "a redirect across origins leads to no URL with a user name or password",
    )
    REDIRECT_BODY = (
        "redirect-body",
        FETCH + "concept-http-redirect-fetch",
        "a stream was not sent already when it would have to be sent again",
    )

    section: str
    text: str
    setting: str | None

    def __new__(
        cls, code: str, section: str, text: str, setting: str | None = None
    ) -> Rule:
        member = object.__new__(cls)
        member._value_ = code
        member.section = section
        member.text = text
        member.setting = setting
        return member


@dataclass(frozen=True, slots=True)
class Step:
    """One check, as it came out.

    :param rule: what was checked.
    :param passed: whether the request goes on.
    :param found: what the page, or the server, has sent, in one sentence.
    :param fix: what would mend it, in one sentence; empty where it passed.
    :param exchange: which exchange it is about, counted from 0; ``None`` where it
        comes before all of them.
    """

    rule: Rule
    passed: bool
    found: str
    fix: str = ""
    exchange: int | None = None

    def __str__(self) -> str:
        return f"{self.found} {self.fix}".rstrip()
