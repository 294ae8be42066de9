"""Codes of attacks: misconfigurations that were found in libraries and in APIs."""

from __future__ import annotations

from typing import Final

from .code import Code

_LIST: Final = 'List whole origins: origins=["https://app.example.com"]'
_PATTERN: Final = f'{_LIST}, or a pattern: "https://*.example.com"'
_COMPARE: Final = "Compare the header byte for byte, as Policy does"
_VARY: Final = (
    "Send Vary: Origin on every response whose headers depend on Origin, as "
    "CORSMiddleware and CORS do"
)


class FlawCode(Code):
    """What an attack can find."""

    ORIGIN_REFLECTED = (
        "origin-reflected",
        "every origin is allowed: the server repeats it",
        f'{_LIST}. For a public API, without credentials: origins="*"',
    )
    ORIGIN_FROM_REFERER = (
        "origin-from-referer",
        "without Origin, the server allows the origin of Referer",
        "Decide by Origin alone, as CORSMiddleware and CORS do",
    )
    NULL_ALLOWED = (
        "null-allowed",
        "the origin null is allowed, which any site can have",
        'Remove "null" from origins, and give the page an origin of its own',
    )
    SUFFIX_MATCHED = (
        "suffix-matched",
        "an origin that begins like a trusted one is allowed",
        f"The comparison does not check the end (re.match, startswith). {_PATTERN}",
    )
    PREFIX_MATCHED = (
        "prefix-matched",
        "an origin that ends like a trusted one is allowed",
        f"The comparison does not check the beginning (endswith). {_PATTERN}",
    )
    DOT_UNESCAPED = (
        "dot-unescaped",
        "a dot of a trusted origin matches any character",
        f"The origin is used as a regular expression. {_PATTERN}",
    )
    SPECIAL_CHARACTER = (
        "special-character",
        "a special character is taken for the end of a trusted host",
        _PATTERN,
    )
    PUBLIC_SUFFIX = (
        "public-suffix",
        "another name below the same public suffix is allowed",
        f"{_LIST}, and no pattern over a suffix such as com or github.io",
    )
    SCHEME_DOWNGRADE = (
        "scheme-downgrade",
        "the plain-http origin of a trusted https origin is allowed",
        "List https:// origins only",
    )
    SUBDOMAIN_ALLOWED = (
        "subdomain-allowed",
        "a subdomain that is not among the trusted origins is allowed",
        f"{_LIST}; or add the pattern to trusted, if it is intended",
    )
    PORT_IGNORED = (
        "port-ignored",
        "another port of a trusted host is allowed",
        f'{_LIST}; use ":*" for localhost only, or add the pattern to trusted',
    )
    WILDCARD_ALLOWED = (
        "wildcard-allowed",
        "every origin is allowed (*), and not only the trusted ones",
        f"{_LIST}, if not every site may read this",
    )
    LOCAL_ALLOWED = (
        "local-allowed",
        "pages of this machine or of a local network are allowed that are not trusted",
        f'{_LIST}; allow "http://localhost:*" in development only',
    )
    APP_ALLOWED = (
        "app-allowed",
        "pages of any installed app, or of any local file, are allowed",
        f"{_LIST}; have the app send a token instead of cookies",
    )
    EXTENSION_ALLOWED = (
        "extension-allowed",
        "every browser extension is allowed",
        'List the extension by its whole id: origins=["chrome-extension://..."]',
    )
    HOST_REFLECTED = (
        "host-reflected",
        "the origin is compared with Host or X-Forwarded-Host, which the client sends",
        f"{_LIST}; compare with no header of the request",
    )
    PORT_MALFORMED = (
        "port-malformed",
        "a port that no browser sends is allowed",
        _PATTERN,
    )
    USERINFO_ALLOWED = (
        "userinfo-allowed",
        "a trusted origin in the place of a user name is allowed",
        _PATTERN,
    )
    DELIMITER_SWALLOWED = (
        "delimiter-swallowed",
        "an origin with a path or fragment that ends like a trusted one is allowed",
        _PATTERN,
    )
    ORIGIN_NORMALISED = (
        "origin-normalised",
        "a trusted origin in another spelling is allowed",
        _COMPARE,
    )
    JOINED_REFLECTED = (
        "joined-reflected",
        "a list of origins is repeated if one of them is trusted",
        _COMPARE,
    )
    MALFORMED_REFLECTED = (
        "malformed-reflected",
        "a value that is not an origin is allowed",
        _COMPARE,
    )
    OPEN_ON_ERROR = (
        "open-on-error",
        "error responses allow origins that the URL itself refuses",
        "Apply the policy to the whole application; CORSMiddleware and CORS give "
        "errors the policy of their route",
    )
    OPEN_BY_PATH = (
        "open-by-path",
        "the same resource allows every origin under another spelling of its path",
        'Write path rules of whole segments: {"/api/*": ...}; refuse paths with dot '
        "segments before they are routed",
    )
    VARY_MISSING = (
        "vary-missing",
        "a response that depends on Origin has no Vary: Origin",
        _VARY,
    )
    VARY_MISSING_ON_MISS = (
        "vary-missing-on-miss",
        "the response to an origin that is not allowed has no Vary: Origin",
        _VARY,
    )
    VARY_MISSING_WITHOUT_ORIGIN = (
        "vary-missing-without-origin",
        "the response to a request without Origin has no Vary: Origin",
        _VARY,
    )
    VARY_MISSING_ON_PREFLIGHT = (
        "vary-missing-on-preflight",
        "the answer to a preflight depends on Origin and has no Vary: Origin",
        _VARY,
    )
    VARY_COPIED = (
        "vary-copied",
        "the Vary header of a request is copied to its response",
        "Make Vary from the policy and the response alone",
    )
    CREDENTIALS_MALFORMED = (
        "credentials-malformed",
        "Access-Control-Allow-Credentials is something other than true",
        "Set supports_credentials=True, or do not send the header",
    )
    PREFLIGHT_RUNS_VIEW = (
        "preflight-runs-view",
        "a preflight is answered with the body of a view",
        "Answer preflights before routing, as CORSMiddleware and CORS do",
    )
    PREFLIGHT_ECHOES_GARBAGE = (
        "preflight-echoes-garbage",
        "the answer to a preflight repeats text that is no method and no header name",
        'List methods and allow_headers, or write "*"',
    )
    HEADER_INJECTED = (
        "header-injected",
        "a request header is decoded and adds headers to the response",
        "Never repeat a request header that was decoded",
    )
    METHOD_SUBSTRING = (
        "method-substring",
        "a part of the list of methods is accepted as a method",
        "Compare whole methods, as Policy does",
    )
    TRACE_LISTED = (
        "trace-listed",
        "a preflight allows CONNECT, TRACE or TRACK",
        "Remove these from methods",
    )
    METHOD_OVERRIDE = (
        "method-override",
        "a parameter of the URL changes the method",
        "Remove the override, or read it from a header that needs a preflight",
    )
    REQUEST_FORGED = (
        "request-forged",
        "a page of another site can change data with the cookie of its visitor",
        'Set enforce="unsafe"; ignore this if a token in the body is checked',
    )
    WEBSOCKET_FORGED = (
        "websocket-forged",
        "a page of another site can open a WebSocket with the cookie of its visitor",
        'Set enforce="unsafe", or ask policy.allows_origin(origin, credentials=True)',
    )
    PRIVATE_NETWORK_ALLOWED = (
        "private-network-allowed",
        "a preflight allows access to a private network",
        "Do not send Access-Control-Allow-Private-Network; Policy never does",
    )
    TIMING_REFLECTED = (
        "timing-reflected",
        "every origin may read detailed timings: the server repeats it",
        "Set timing_allow_origin=True, which names the allowed origins only",
    )
    MAX_AGE_MALFORMED = (
        "max-age-malformed",
        "Access-Control-Max-Age is not a number of seconds",
        "Write seconds: max_age=600",
    )
    REQUEST_CRASHES = (
        "request-crashes",
        "an unusual request makes the server fail",
        "Parse no request header without need; Policy never raises",
    )
