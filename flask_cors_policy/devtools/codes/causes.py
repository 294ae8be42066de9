"""Codes of explanations: why a page is blocked, and what else is worth knowing.

Where serving code can know the cause too, its code stands in ``core.reasons``, and
explanations use that one.
"""

from __future__ import annotations

from .code import Code


class Cause(Code):
    """What an explanation can say beyond the reasons of ``core.reasons``."""

    # A header of the response is missing or wrong.
    ALLOW_ORIGIN_MISSING = (
        "allow-origin-missing",
        "the response has no Access-Control-Allow-Origin: no policy applies to it, or "
        "the policy does not list the page's origin",
        "Have the server allow the page's origin",
    )
    ALLOW_ORIGIN_MISMATCH = (
        "allow-origin-mismatch",
        "Access-Control-Allow-Origin is not the page's origin",
        "Have the server send the origin of the page that asks",
    )
    ALLOW_ORIGIN_LIST = (
        "allow-origin-list",
        "Access-Control-Allow-Origin lists several origins, and browsers accept one",
        "Have the server send the origin of the page that asks, and no other",
    )
    WILDCARD_WITH_CREDENTIALS = (
        "wildcard-with-credentials",
        "the response allows every origin (*), which browsers do not accept with "
        "credentials",
        "List the origin with credentials, or have the page leave credentials out",
    )
    LIST_MALFORMED = (
        "list-malformed",
        "a header of the preflight's answer is not a list of names",
        "Write names, separated by commas only",
    )
    HEADER_TWICE = (
        "header-twice",
        "the response has the same CORS header more than once",
        "Let one place set the header, and remove it from the other",
    )

    ERROR_WITHOUT_HEADERS = (
        "error-without-headers",
        "an error response has no CORS headers, so that the page cannot see the error",
        "Send the CORS headers with error responses, too",
    )
    CACHED_RESPONSE = (
        "cached-response",
        "a cache answered with the response for another origin",
        "Send Vary: Origin with every response, and clear the cache",
    )

    # No policy applies.
    NO_POLICY = (
        "no-policy",
        "the application has no CORS policy for this response",
        "Add CORS(app, origins=[...])",
    )
    EXEMPT = (
        "exempt",
        "@cors_exempt excludes the route from every policy",
        "Remove @cors_exempt, or have the view set the headers itself",
    )
    NO_PATH_RULE = (
        "no-path-rule",
        "no path rule of resources covers this path",
        "Add a path rule for the path",
    )
    POLICY_ERROR = (
        "policy-error",
        "a policy is invalid, and the application answers every request with an error",
        "Correct the settings that the error names",
    )

    # Something other than the policy is wrong.
    SERVER_ERROR = (
        "server-error",
        "the server failed while it answered the request",
        "Find the error in the server's log and correct it",
    )
    PREFLIGHT_AUTHENTICATED = (
        "preflight-authenticated",
        "authentication answers the preflight, which never carries credentials",
        "Answer preflights before authentication",
    )
    PREFLIGHT_UNHANDLED = (
        "preflight-unhandled",
        "nothing at this URL answers OPTIONS",
        "Apply a CORS policy to the URL: it answers preflights",
    )
    PREFLIGHT_REFUSED = (
        "preflight-refused",
        "the answer to the preflight does not have a status of 200 to 299",
        "Answer preflights with 204 or 200",
    )
    PREFLIGHT_REDIRECTED = (
        "preflight-redirected",
        "the preflight is redirected, and browsers do not follow that",
        "Have the page request the final URL",
    )
    TRAILING_SLASH = (
        "trailing-slash",
        "the URL and the route differ in a slash at the end",
        "Have the page request the URL of the route",
    )
    REDIRECTED_AWAY = (
        "redirected-away",
        "the API redirects to another origin, which does not allow the page",
        "Have the page request the final URL",
    )
    REDIRECT_TO_HTTP = (
        "redirect-to-http",
        "the API is served over https and redirects to plain http",
        "Tell the application that it is served over https (ProxyFix)",
    )
    REDIRECT_FAILED = (
        "redirect-failed",
        "the browser cannot follow the redirect",
        "Have the page request the final URL",
    )
    CHANGED_IN_FRONT = (
        "changed-in-front",
        "something in front of the policy answers instead, or changes a request or an "
        "answer",
        "Have the policy outermost, or correct what is in front of it",
    )
    NO_RESPONSE = (
        "no-response",
        "the server sent no response",
        "Check that the server is running, and look into its log",
    )
    MIXED_CONTENT = (
        "mixed-content",
        "a page served over https requests a URL of plain http",
        "Serve the API over https",
    )
    PORT_BLOCKED = (
        "port-blocked",
        "browsers send nothing to this port",
        "Serve the API on another port",
    )
    REQUEST_INVALID = (
        "request-invalid",
        "browsers do not send the request that the page makes",
        "Change the request in the page",
    )

    # The page can read the response, but the response is not what it needs.
    CLIENT_ERROR = (
        "client-error",
        "the page can read the response, which says that the request is wrong or not "
        "permitted",
        "Correct the request, as the response says",
    )
    NOT_SIGNED_IN = (
        "not-signed-in",
        "the page can read the response, which says that nobody is signed in",
        "Send the cookie or the token that the API expects",
    )
    TOKEN_REJECTED = (
        "token-rejected",
        "the page sent Authorization, and the API did not accept it",
        "Have the page send a valid token",
    )
    COOKIE_NOT_SENT = (
        "cookie-not-sent",
        "the browser does not send the cookie to another site",
        "Serve the page and the API from one site",
    )
    COOKIE_NOT_STORED = (
        "cookie-not-stored",
        "the browser does not store the cookie that the response sets",
        'Have the page use credentials: "include", and serve it from the API\'s site',
    )
    OPAQUE_RESPONSE = (
        "opaque-response",
        'with mode "no-cors" the page can read nothing of the response',
        'Remove mode: "no-cors" from the page',
    )
    NO_ROUTE = (
        "no-route",
        "no route of the application serves the request",
        "Correct the path or the method in the page, or add the route",
    )

    # Notes: nothing is blocked because of these.
    ASSUMED = (
        "assumed",
        "what was given does not tell all of the request",
        "Tell the rest with options",
    )
    HEADER_DROPPED = (
        "header-dropped",
        "the page sets a header that browsers do not let it set",
    )
    PREFLIGHT_SENT = (
        "preflight-sent",
        "the browser sends a preflight, because the request is not a simple one",
    )
    REDIRECTED = (
        "redirected",
        "the request was redirected",
        "Have the page request the final URL",
    )
    LOCAL_NETWORK = (
        "local-network",
        "browsers ask the user before a page of the public web may contact a local "
        "network or this machine",
        "Serve page and API from the same network; no header helps",
    )
    THIRD_PARTY_COOKIES = (
        "third-party-cookies",
        "the browser treats cookies of another site in a way of its own",
        "Serve the page and the API from one site",
    )
