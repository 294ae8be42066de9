"""Why a page does not get what it asked for: one code for each true cause.

A step of the protocol says what the browser saw. The cause says what has to change:
behind one and the same missing header there may be a policy without the origin, a
failing view, a login in front, or no policy at all.
"""

from __future__ import annotations

from enum import Enum


class Cause(Enum):
    """The true cause. ``value`` is its stable code, ``meaning`` says it in a line."""

    # The policy says no.
    ORIGIN_NOT_ALLOWED = (
        "origin-not-allowed",
        "the policy does not list the page's origin",
    )
    ORIGIN_DIFFERS = (
        "origin-differs",
        "the policy lists an origin that is nearly the page's: another scheme, port, "
        "name of this machine, or subdomain",
    )
    ORIGIN_NULL = (
        "origin-null",
        "the page's origin is null: a file, a sandboxed frame, a data: URL",
    )
    WILDCARD_WITH_CREDENTIALS = (
        "wildcard-with-credentials",
        "the page includes credentials, and the policy is open to every origin",
    )
    CREDENTIALS_NOT_ALLOWED = (
        "credentials-not-allowed",
        "the page includes credentials, which the policy does not allow",
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        "the policy does not list the method",
    )
    METHOD_CASE = (
        "method-case",
        "methods are compared with case, and the page writes another one",
    )
    HEADER_NOT_ALLOWED = (
        "header-not-allowed",
        "the policy does not list a request header that the page sets",
    )
    JSON_NOT_ALLOWED = (
        "json-not-allowed",
        "a JSON content type needs a preflight, and the policy does not list "
        "Content-Type",
    )
    LIST_MALFORMED = (
        "list-malformed",
        "a list that the server sends is not a list of names",
    )
    OVERRIDDEN = (
        "overridden",
        "a policy further out allows this; a nearer one, which wins, does not",
    )

    # There is no policy there.
    NO_POLICY = (
        "no-policy",
        "nothing puts a CORS policy on this response",
    )
    EXEMPT = (
        "exempt",
        "@cors_exempt takes the route out of every policy",
    )
    PATH_NOT_GOVERNED = (
        "path-not-governed",
        "no path rule of resources covers this path",
    )
    POLICY_ERROR = (
        "policy-error",
        "the policies of the application hold a mistake, so that it answers nothing",
    )

    # It is not the policy.
    SERVER_ERROR = (
        "server-error",
        "the server failed; that no page can read the response is a consequence",
    )
    PREFLIGHT_AUTHENTICATED = (
        "preflight-authenticated",
        "authentication answers the preflight, which never carries credentials",
    )
    PREFLIGHT_UNHANDLED = (
        "preflight-unhandled",
        "nothing at this URL answers OPTIONS",
    )
    PREFLIGHT_REFUSED = (
        "preflight-refused",
        "the server refuses the preflight with a status of its own",
    )
    PREFLIGHT_REDIRECTED = (
        "preflight-redirected",
        "the preflight is redirected, which no browser follows",
    )
    TRAILING_SLASH = (
        "trailing-slash",
        "the URL and the route differ in a slash at the end, and the redirect between "
        "them is not readable",
    )
    REDIRECTED_AWAY = (
        "redirected-away",
        "the API redirects to another server, where the page may not read",
    )
    HEADER_TWICE = (
        "header-twice",
        "the response has the same CORS header more than once",
    )
    CHANGED_IN_FRONT = (
        "changed-in-front",
        "something in front of the policy answers in its place, or changes its answer",
    )
    NO_RESPONSE = (
        "no-response",
        "no response came",
    )
    MIXED_CONTENT = (
        "mixed-content",
        "a page that came over https asks for a URL of plain http",
    )
    PAGE_REQUEST = (
        "page-request",
        "no browser sends what the page asks for",
    )
    PROTOCOL = (
        "protocol",
        "a rule of the protocol that no policy decides about",
    )

    # The page can read the response, and does not like what is in it.
    NOT_SIGNED_IN = (
        "not-signed-in",
        "the page may read the response, which says that nobody is signed in",
    )
    COOKIE_NOT_SENT = (
        "cookie-not-sent",
        "the browser keeps the cookie back, because of its SameSite attribute",
    )

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Cause:
        member = object.__new__(cls)
        member._value_ = code
        member.meaning = meaning
        return member
