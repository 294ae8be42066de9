"""The flaws that attacks look for: one table.

Each has been found in a CORS library or in an API, most of them more than once. What is
not dangerous but broken, so that no browser reads the response, is here as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple


class Severity(Enum):
    """How bad a flaw is, the worst first."""

    CRITICAL = "critical"
    """Any site reads what its visitors see when they are logged in."""
    HIGH = "high"
    """A site that is made for it does, or the network."""
    MEDIUM = "medium"
    """What is public leaks from where it is not, or caches answer the wrong page."""
    LOW = "low"
    """No browser can be made to exploit it; it shows that something is wrong."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Flaw(NamedTuple):
    """One row of the table.

    :param severity: where the response has no Access-Control-Allow-Credentials.
    :param with_credentials: where it has.
    :param title: what is wrong, in one sentence.
    :param attack: what an attacker does with it.
    :param fix: what to change, in terms of this library.
    """

    severity: Severity
    with_credentials: Severity
    title: str
    attack: str
    fix: str


_C, _H, _M, _L = Severity

_LOOKALIKE: Final = (
    "Registers such a name and puts a page there; whoever opens it has the API read "
    "out in their name."
)
_LIST: Final = 'List origins whole: origins=["https://app.example.com"]'
_PATTERN: Final = f'{_LIST}, or a pattern: "https://*.example.com".'
_NO_BROWSER: Final = (
    "Nothing by this alone, no browser sends it: the comparison is looser than it "
    "looks, and other values will pass it."
)
_POISON: Final = (
    "Asks first, from a page of theirs: a cache in between then hands the response "
    "for one page to every other, which blocks them, or lets them read."
)
_VARY: Final = (
    "Send Vary: Origin on every response whose headers depend on Origin; "
    "CORSMiddleware and CORS do."
)

FLAWS: Final[Mapping[str, Flaw]] = MappingProxyType(
    {
        "origin-reflected": Flaw(
            _M,
            _C,
            "Every origin is allowed, by repeating it.",
            "Puts a page on any site: it reads the API as whoever visits it.",
            f'{_LIST}. For a public API, without credentials: origins="*".',
        ),
        "origin-from-referer": Flaw(
            _M,
            _C,
            "Where there is no Origin, that of Referer is allowed.",
            "Opens the API to any site, through requests that caches keep.",
            "Decide by Origin alone, as CORSMiddleware and CORS do.",
        ),
        "null-allowed": Flaw(
            _M,
            _C,
            "The origin null is allowed.",
            "Puts a sandboxed frame into a page of any site: its origin is null.",
            'Leave "null" out of origins; give the page an origin of its own.',
        ),
        "suffix-matched": Flaw(
            _M,
            _H,
            "An origin that begins as a trusted one does is allowed.",
            _LOOKALIKE,
            f"The comparison has no end (re.match, startswith). {_PATTERN}",
        ),
        "prefix-matched": Flaw(
            _M,
            _H,
            "An origin that ends as a trusted one does is allowed.",
            _LOOKALIKE,
            f"The comparison has no beginning (endswith). {_PATTERN}",
        ),
        "dot-unescaped": Flaw(
            _M,
            _H,
            "A dot of a trusted origin stands for any character.",
            _LOOKALIKE,
            f"It is taken as a regular expression. {_PATTERN}",
        ),
        "special-character": Flaw(
            _M,
            _H,
            "A special character is taken for the end of a trusted host.",
            "Serves all names below a domain of theirs: some browsers open pages "
            "under names with such characters.",
            _PATTERN,
        ),
        "public-suffix": Flaw(
            _M,
            _C,
            "Another name below the same public suffix is allowed.",
            "Registers a name there, as anybody can.",
            f"{_LIST}: no pattern over a suffix such as com or github.io.",
        ),
        "scheme-downgrade": Flaw(
            _L,
            _H,
            "The plain-http origin of a trusted https one is allowed.",
            "Answers for it on a network they control: plain http has no proof of "
            "who answers.",
            "List https:// origins only.",
        ),
        "subdomain-allowed": Flaw(
            _L,
            _M,
            "A subdomain that is not among the trusted origins is allowed.",
            "Takes over a forgotten subdomain, or finds one that lets scripts in.",
            f"{_LIST}; or add the pattern to trusted, if it is meant.",
        ),
        "port-ignored": Flaw(
            _L,
            _M,
            "Another port of a trusted host is allowed.",
            "Uses any service on that host that lets scripts in.",
            f'{_LIST}; ":*" is for localhost. Or add the pattern to trusted.',
        ),
        "port-malformed": Flaw(
            _L, _L, "A port that no browser writes is allowed.", _NO_BROWSER, _PATTERN
        ),
        "userinfo-allowed": Flaw(
            _L,
            _L,
            "A trusted origin in the place of a user name is allowed.",
            _NO_BROWSER,
            _PATTERN,
        ),
        "delimiter-swallowed": Flaw(
            _L,
            _L,
            "An origin with a path or fragment that ends as a trusted one is allowed.",
            _NO_BROWSER,
            _PATTERN,
        ),
        "origin-normalised": Flaw(
            _L,
            _L,
            "A trusted origin is allowed in a spelling that is not its own.",
            _NO_BROWSER,
            "Compare byte for byte, as Policy does.",
        ),
        "joined-reflected": Flaw(
            _L,
            _L,
            "A list of origins is repeated when one of them is trusted.",
            _NO_BROWSER,
            "Compare the header as a whole, as Policy does.",
        ),
        "malformed-reflected": Flaw(
            _L,
            _L,
            "What is no origin at all is allowed.",
            _NO_BROWSER,
            "Compare byte for byte, as Policy does.",
        ),
        "open-on-error": Flaw(
            _M,
            _H,
            "Errors are open to origins that the URL itself refuses.",
            "Reads error pages, which tell of users and of the inside.",
            "Put the policy around the whole application; CORSMiddleware and CORS "
            "give errors the policy of their route.",
        ),
        "open-by-path": Flaw(
            _H,
            _C,
            "The same resource, under another spelling of its path, is open.",
            "Has the page ask under that spelling.",
            'Write path rules of whole segments: {"/api/*": ...}; refuse paths with '
            "dot segments before they are routed.",
        ),
        "vary-missing": Flaw(
            _M,
            _M,
            "A response that depends on Origin has no Vary: Origin.",
            _POISON,
            _VARY,
        ),
        "vary-missing-on-miss": Flaw(
            _M,
            _M,
            "The response to an origin that is not allowed has no Vary: Origin.",
            _POISON,
            _VARY,
        ),
        "vary-missing-without-origin": Flaw(
            _M,
            _M,
            "The response to a request without Origin has no Vary: Origin.",
            _POISON,
            _VARY,
        ),
        "vary-missing-on-preflight": Flaw(
            _L,
            _L,
            "The answer to a preflight depends on Origin and has no Vary: Origin.",
            "Little: few caches keep answers to OPTIONS, and those that do hand them "
            "to the wrong page.",
            _VARY,
        ),
        "vary-copied": Flaw(
            _L,
            _L,
            "The Vary of a request comes back in its response.",
            "Fills a cache with copies, or keeps it from keeping any.",
            "Make Vary from the policy and the response alone.",
        ),
        "wildcard-with-credentials": Flaw(
            _L,
            _L,
            "Access-Control-Allow-Credentials stands beside *.",
            "Nothing, browsers refuse it. Whoever wrote it wanted to allow any site "
            "what its visitors may do, and will find the way that works.",
            f"{_LIST} with supports_credentials=True.",
        ),
        "credentials-malformed": Flaw(
            _L,
            _L,
            "Access-Control-Allow-Credentials is something else than true.",
            "Nothing: browsers take it for absent.",
            "supports_credentials=True, or leave it out.",
        ),
        "origin-list": Flaw(
            _L,
            _L,
            "Access-Control-Allow-Origin is a list, or is there twice.",
            "Nothing: browsers refuse it, so that no page can read the response.",
            "Let one place set it, the policy, and take it out of the rest.",
        ),
        "preflight-runs-view": Flaw(
            _M,
            _H,
            "A preflight is answered with the body of a view.",
            "Sends one by hand: views that let OPTIONS through without logging in "
            "then answer it with the data.",
            "Answer preflights before routing, as CORSMiddleware and CORS do.",
        ),
        "preflight-echoes-garbage": Flaw(
            _L,
            _L,
            "The answer to a preflight repeats what is neither method nor header.",
            "Hopes for a cache or a log that believes what it reads.",
            'List methods and allow_headers, or "*".',
        ),
        "header-injected": Flaw(
            _H,
            _H,
            "A request header, decoded, adds headers to the response.",
            "Sets cookies and CORS headers of their own choice.",
            "Never repeat a request header that was decoded.",
        ),
        "method-substring": Flaw(
            _L,
            _L,
            "A piece of the list of methods is taken for a method.",
            _NO_BROWSER,
            "Compare methods whole, as Policy does.",
        ),
        "trace-listed": Flaw(
            _L,
            _L,
            "A preflight allows CONNECT, TRACE or TRACK.",
            "Nothing from a page, no browser sends them.",
            "Take it out of methods.",
        ),
        "method-override": Flaw(
            _H,
            _H,
            "A parameter of the URL changes the method.",
            "Has a page send what needs no preflight, as any method they like.",
            "Take the override away, or take it from a header that needs a preflight.",
        ),
        "private-network-allowed": Flaw(
            _M,
            _M,
            "A preflight opens a private network.",
            "Reaches, in an older browser, what only the inside should.",
            "Leave Access-Control-Allow-Private-Network out; Policy never sends it.",
        ),
        "timing-reflected": Flaw(
            _L,
            _L,
            "Every origin may read detailed timings, by repeating it.",
            "Tells from timings what the visitor sees.",
            "timing_allow_origin=True tells the allowed origins only.",
        ),
        "max-age-malformed": Flaw(
            _L,
            _L,
            "Access-Control-Max-Age is not a number of seconds.",
            "Nothing: browsers ignore it, and preflight each request.",
            "Write seconds: max_age=600.",
        ),
        "request-crashes": Flaw(
            _M,
            _M,
            "A request that is no more than odd makes the server fail.",
            "Sends it, from anywhere.",
            "Parse nothing of a header that need not be parsed; Policy never raises.",
        ),
    }
)
"""Stable id -> the flaw."""
