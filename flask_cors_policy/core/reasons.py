"""Reasons: one code for each way a decision can end, with its sentence and its fix.

This is the one table of what serving code can say about a request. The log prints it;
the developer tools start from it.
"""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """The reason of a decision. ``value`` is its stable code.

    ``sentence`` says what happened, ``fix`` what to change if access was wanted;
    ``denied`` tells whether CORS access is denied. After ``METHOD_NOT_ALLOWED`` and
    ``HEADER_NOT_ALLOWED`` it is the browser that denies it.
    """

    NOT_CORS = (
        "not-cors",
        "the request has no Origin header",
        "",
    )
    SAME_ORIGIN = (
        "same-origin",
        "the request comes from the API's own origin",
        "",
    )
    ANY_ORIGIN_ALLOWED = (
        "any-origin-allowed",
        "the policy allows every origin",
        "",
    )
    ORIGIN_ALLOWED = (
        "origin-allowed",
        "the policy allows this origin",
        "",
    )
    ORIGIN_NOT_ALLOWED = (
        "origin-not-allowed",
        "the policy does not list this origin",
        "If its pages are yours, add it to origins",
    )
    ORIGIN_NULL = (
        "origin-null",
        "the origin is null, as for sandboxed frames and data: URLs",
        "Serve the page from an origin of its own; any site can send null",
    )
    ORIGIN_JOINED = (
        "origin-joined",
        "the Origin header holds more than one origin",
        "No browser sends this: look for a proxy that joins headers",
    )
    ORIGIN_TOO_LONG = (
        "origin-too-long",
        "the Origin header is longer than any origin",
        "No browser sends this",
    )
    ORIGIN_MALFORMED = (
        "origin-malformed",
        "the Origin header is not an origin",
        "No browser sends this: look for a client or proxy that edits the header",
    )
    ORIGIN_INSECURE = (
        "origin-insecure",
        "a function or regular expression allowed a plain-http origin",
        'Serve the page over https, or write accept_risks=["insecure-origin"]',
    )
    ORIGIN_LOOKUP_FAILED = (
        "origin-lookup-failed",
        "the function given as origins raised an exception",
        "See the error in the log; until the function works, such origins are denied",
    )
    ORIGIN_MISSING = (
        "origin-missing",
        "another site sent this request without an Origin header",
        "Have the page send the request with fetch(), which adds the header",
    )
    CREDENTIALS_NOT_ALLOWED = (
        "credentials-not-allowed",
        "the request carries cookies, which the policy does not allow",
        "Set supports_credentials=True, or have the page omit credentials",
    )
    PATH_AMBIGUOUS = (
        "path-ambiguous",
        "the path has a doubled slash or a dot segment, so no path rule applies",
        "Remove the doubled slash, the . or the .. from the URL",
    )
    ROUTE_UNKNOWN = (
        "route-unknown",
        "Flask could not tell which view serves this request",
        "Look for a URL converter that raises, a Host outside of TRUSTED_HOSTS, "
        "or a session store that fails",
    )
    POLICY_INVALID = (
        "policy-invalid",
        "the policy of this route, added while serving, is invalid",
        "See the error in the log, and call cors.check() in the factory",
    )
    METHOD_MALFORMED = (
        "method-malformed",
        "the preflight asks for something that is not an HTTP method",
        "No browser sends this",
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        "the preflight asks for a method that the policy does not list",
        "Add it to methods",
    )
    HEADER_NOT_ALLOWED = (
        "header-not-allowed",
        "the preflight asks for a header that the policy does not list",
        "Add it to allow_headers",
    )

    sentence: str
    fix: str

    def __new__(cls, code: str, sentence: str, fix: str) -> Reason:
        member = object.__new__(cls)
        member._value_ = code
        member.sentence = sentence
        member.fix = fix
        return member

    @property
    def denied(self) -> bool:
        """Whether CORS access is denied; each of these reasons has a fix."""
        return bool(self.fix)

    @property
    def by_browser(self) -> bool:
        """Whether the server answers and the browser then denies access."""
        return self in (Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED)


class Event(Enum):
    """What the log says about the application. ``value`` is the stable code.

    These are not reasons of decisions, and change none.
    """

    REMOVED_HEADER = (
        "removed-header",
        "the application set a CORS header itself, and the policy removed it",
        "Remove the header from the application",
    )
    MATCHING_FAILED = (
        "matching-failed",
        "Flask could not match a request, or a teardown function raised",
        "See the traceback: a URL converter or the store of the sessions failed",
    )
    PREFLIGHT_FAILED = (
        "preflight-failed",
        "middleware or a function of the application raised during a preflight",
        "See the traceback; the policy's answer was sent",
    )
    ON_REFUSED_FAILED = (
        "on-refused-failed",
        "on_refused, or a receiver of cors_refused, raised",
        "See the traceback; the answer to the request did not change",
    )
    REFUSAL_RESPONSE_FAILED = (
        "refusal-response-failed",
        "refusal_response raised",
        "See the traceback; the refused request got an empty answer",
    )
    CLOSE_FAILED = (
        "close-failed",
        "closing the response that a policy replaced raised",
        "See the traceback; the policy's answer was sent",
    )
    REPORT_FAILED = (
        "report-failed",
        "report_only or report_file could not report a request",
        "See the traceback; the answer to the request did not change",
    )
    REPORT_FILE_FAILED = (
        "report-file-failed",
        "the file of report_file cannot be written",
        "Make the file writable; this is logged again only after it was",
    )

    sentence: str
    fix: str

    def __new__(cls, code: str, sentence: str, fix: str) -> Event:
        member = object.__new__(cls)
        member._value_ = code
        member.sentence = sentence
        member.fix = fix
        return member
