"""Why a request got the answer it got: one code for each way a decision can end."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """The reason of a decision. ``value`` is its stable code.

    ``meaning`` says what happened, ``hint`` what to do where that was not wanted;
    ``refused`` tells whether CORS access is denied: by the policy, or, after the two
    last reasons, by the browser that reads the policy's answer to its preflight.
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
        "the policy is open to every origin",
        "",
    )
    ORIGIN_ALLOWED = (
        "origin-allowed",
        "the policy lists this origin",
        "",
    )
    ORIGIN_NOT_ALLOWED = (
        "origin-not-allowed",
        "the policy does not list this origin",
        "if pages of this origin are yours, add it to origins, exactly as printed",
    )
    ORIGIN_NULL = (
        "origin-null",
        "the origin is null, as that of a sandboxed frame or a data: page",
        "serve the page from an origin of its own; any site can make a null origin",
    )
    ORIGIN_JOINED = (
        "origin-joined",
        "the header holds more than one origin",
        "no browser sends that: look for a proxy that joins headers",
    )
    ORIGIN_TOO_LONG = (
        "origin-too-long",
        "the header is longer than any origin can be",
        "no browser sends that",
    )
    ORIGIN_MALFORMED = (
        "origin-malformed",
        "the header is not an origin as a browser writes it",
        "no browser sends that: look for a client or proxy that edits the header",
    )
    ORIGIN_INSECURE = (
        "origin-insecure",
        "the function or regular expression allowed a plain-http origin, and the "
        "policy has credentials",
        'serve the page over https, or accept_risks=["insecure-origin"]',
    )
    ORIGIN_LOOKUP_FAILED = (
        "origin-lookup-failed",
        "the function given as origins raised an exception",
        "see the traceback; until it is mended such origins are denied",
    )

    PATH_UNSETTLED = (
        "path-unsettled",
        "the path has ., .. or empty segments, so that no path rule governs it, and "
        "there are rules that enforce",
        "ask for the path without them",
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        "the preflight asks for a method that the policy does not list",
        "the browser will refuse it: add the method to methods",
    )
    HEADERS_NOT_ALLOWED = (
        "headers-not-allowed",
        "the preflight asks for a header that the policy does not list",
        "the browser will refuse it: add the header to allow_headers",
    )

    meaning: str
    hint: str

    def __new__(cls, code: str, meaning: str, hint: str) -> Reason:
        member = object.__new__(cls)
        member._value_ = code
        member.meaning = meaning
        member.hint = hint
        return member

    @property
    def refused(self) -> bool:
        """Whether CORS access is denied; each refusal has a hint."""
        return bool(self.hint)
