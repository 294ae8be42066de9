"""What each option of a policy takes and what it refuses: one table.

The policy reference prints it, with the messages as they really come, and
``tests/docs/test_policy_lines.py`` runs every line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from flask_cors_policy import Policy, PolicyError, Problem

ORIGIN: Final = 'origins="https://app.example.com"'
"""What stands beside a line that says nothing about origins."""


class Permitted(NamedTuple):
    """Keyword arguments that make a policy, and what they mean."""

    options: str
    meaning: str


class Prohibited(NamedTuple):
    """Keyword arguments that make none, and the reason code of the refusal."""

    options: str
    reason: str


class Lines(NamedTuple):
    """The lines of one option."""

    permitted: tuple[Permitted, ...]
    prohibited: tuple[Prohibited, ...]


def is_customer(origin: str, environ: Mapping[str, Any]) -> bool:
    """Stand for a function that looks an origin up."""
    return origin.endswith(".customer.example")


NAMES: Final[dict[str, Any]] = {
    "is_customer": is_customer,
    "re": re,
    "timedelta": timedelta,
}
"""What the lines may refer to."""


def build(options: str) -> Policy:
    """Return the policy that *options* make.

    :param options: keyword arguments, as typed.
    :raises PolicyError: where they make none.
    """
    if not re.search(r"\borigins\b", options):
        options = f"{ORIGIN}, {options}"
    policy = eval(f"Policy({options})", {**NAMES, "Policy": Policy})
    assert isinstance(policy, Policy)
    return policy


def problems(options: str) -> tuple[Problem, ...]:
    """Return what is wrong with *options*; nothing where they make a policy."""
    try:
        build(options)
    except PolicyError as error:
        return error.problems
    return ()


LINES: Final[Mapping[str, Lines]] = {
    "origins": Lines(
        (
            Permitted('origins="https://app.example.com"', "one origin"),
            Permitted(
                'origins=["https://app.example.com", "http://localhost:5173"]',
                "several; each stands for itself alone",
            ),
            Permitted(
                'origins="https://a.example, https://b.example"',
                "the same, as an environment variable carries a list",
            ),
            Permitted(
                'origins="https://*.example.com"',
                "every host below example.com, at any depth; not example.com itself",
            ),
            Permitted('origins="http://localhost:*"', "any port, and none"),
            Permitted('origins="http://[::1]:3000"', "an IPv6 address, in brackets"),
            Permitted('origins="capacitor://localhost"', "the page of a mobile app"),
            Permitted('origins="app://."', "the page of a desktop app"),
            Permitted('origins="https://example.com."', "a host that ends in a dot"),
            Permitted('origins="*"', "every origin: a public API"),
            Permitted("origins=is_customer", "whom a function says yes to"),
            Permitted(
                'origins={"https://a.example": {"methods": ["PUT"]}, "*": {}}',
                "each with rights of its own",
            ),
            Permitted(
                'origins=[("customers", is_customer, {"methods": ["PUT"]}), "*"]',
                "the same with a function, which gets a name",
            ),
            Permitted(
                'origins=re.compile(r"https://pr-\\d+\\.example\\.com"), '
                'accept_risks="regex-origin"',
                "whatever the expression matches as a whole",
            ),
            Permitted(
                'origins="null", accept_risks="null-origin"',
                "sandboxed frames and the like, which any site can make",
            ),
            Permitted(
                'origins="file://", accept_risks="null-origin"',
                "local files, where a browser was told to give them an origin",
            ),
        ),
        (
            Prohibited("origins=[]", "origins-empty"),
            Prohibited("origins={}", "origins-empty"),
            Prohibited(
                'origins={"https://a.example": {"enforce": True}}', "option-of-policy"
            ),
            Prohibited(
                'origins={"*": {"supports_credentials": True}}',
                "origin-wildcard-credentials",
            ),
            Prohibited(
                'origins=[("https://a.example", {}), "https://a.example"]',
                "origin-duplicate",
            ),
            Prohibited(
                'origins={"https://*.a.example": {}, "https://b.a.example:*": {}}',
                "origin-overlap",
            ),
            Prohibited("origins=None", "origins-required"),
            Prohibited('origins="app.example.com"', "origin-scheme-missing"),
            Prohibited('origins="https://app.example.com/"', "origin-path"),
            Prohibited('origins="https://app.example.com:443"', "origin-default-port"),
            Prohibited('origins="https://App.example.com"', "origin-upper-case"),
            Prohibited('origins="https://bücher.example"', "origin-unicode"),
            Prohibited('origins="https://user@example.com"', "origin-userinfo"),
            Prohibited('origins=["https://ex ample.com"]', "origin-whitespace"),
            Prohibited(
                'origins=["https://a.example, https://b.example"]', "origin-list"
            ),
            Prohibited("origins=['[\"https://a.example\"]']", "origin-quotes"),
            Prohibited('origins="http://None:3000"', "origin-unset"),
            Prohibited('origins="https://app.*.example.com"', "origin-wildcard-place"),
            Prohibited('origins="https://*-team.vercel.app"', "origin-wildcard-place"),
            Prohibited('origins="moz-extension://*"', "origin-wildcard-place"),
            Prohibited('origins="*.example.com"', "origin-scheme-missing"),
            Prohibited(r'origins=r"https://.*\.example\.com"', "origin-regex"),
            Prohibited(r'origins=r"^http://localhost(:\d+)?$"', "origin-regex"),
            Prohibited(r'origins=r"https://(www|api)\.example\.com"', "origin-regex"),
            Prohibited(
                r'origins=re.compile(r"https://pr-\d+\.example\.com")',
                "origin-regex-risk",
            ),
            Prohibited(
                'origins=re.compile("https://.*"), accept_risks="regex-origin"',
                "regex-any-origin",
            ),
            Prohibited(
                r'origins=re.compile(r"https://example\.com.*"), '
                'accept_risks="regex-origin"',
                "regex-open",
            ),
            Prohibited('origins=["*", "https://a.example"]', "origin-wildcard-mixed"),
            Prohibited('origins="null"', "origin-null"),
            Prohibited('origins="file:///home"', "origin-scheme"),
            Prohibited('origins="https://xn--bcher-.example"', "origin-punycode"),
            Prohibited('origins="http://127.1:3000"', "origin-ipv4"),
            Prohibited('origins="http://[0:0::1]:3000"', "origin-ipv6"),
            Prohibited('origins="http://localhost:99999"', "origin-port"),
            Prohibited('origins="https://a..example.com"', "origin-host"),
            Prohibited('origins="https://" + "a" * 400', "origin-too-long"),
            Prohibited("origins=lambda origin: True", "origins-callable"),
            Prohibited("origins=[b'https://a.example']", "wrong-type"),
        ),
    ),
    "methods": Lines(
        (
            Permitted('methods=["PUT", "DELETE"]', "these, and GET, HEAD, POST"),
            Permitted('methods="PUT, PATCH"', "a list in one string"),
            Permitted('methods="*"', "every method"),
            Permitted("methods=[]", "GET, HEAD and POST only"),
        ),
        (
            Prohibited('methods="put"', "method-case"),
            Prohibited('methods="patch"', "method-case"),
            Prohibited('methods="TRACE"', "method-forbidden"),
            Prohibited('methods=["PUT DELETE"]', "method-token"),
            Prohibited('methods=["*", "PUT"]', "wildcard-mixed"),
            Prohibited("methods=7", "wrong-type"),
        ),
    ),
    "allow_headers": Lines(
        (
            Permitted(
                'allow_headers=["Authorization", "Content-Type"]',
                "a token and JSON, the default",
            ),
            Permitted(
                'allow_headers=["Content-Type", "X-CSRF-Token"]',
                "both, in any case, and no token",
            ),
            Permitted("allow_headers=[]", "the safelisted ones only"),
            Permitted('allow_headers="*"', "every header, and Authorization as well"),
            Permitted(
                'allow_headers="*, Authorization"',
                "the same, also for browsers that follow the standard to the letter",
            ),
        ),
        (
            Prohibited('allow_headers="Cookie"', "header-forbidden"),
            Prohibited('allow_headers="Sec-Fetch-Site"', "header-forbidden"),
            Prohibited('allow_headers=["X Token"]', "header-token"),
            Prohibited(
                'allow_headers="Access-Control-Allow-Origin"', "header-of-responses"
            ),
            Prohibited('allow_headers=["X-.*"]', "header-token"),
            Prohibited('allow_headers=["*", "X-Token"]', "wildcard-mixed"),
        ),
    ),
    "expose_headers": Lines(
        (
            Permitted('expose_headers="Content-Disposition"', "a download's file name"),
            Permitted('expose_headers=["ETag", "X-Total-Count"]', "both"),
            Permitted('expose_headers="*"', "all, where there are no credentials"),
        ),
        (
            Prohibited('expose_headers="Set-Cookie"', "header-forbidden"),
            Prohibited('expose_headers="If-None-Match"', "header-of-requests"),
            Prohibited(
                'expose_headers="Access-Control-Allow-Origin"', "header-of-cors"
            ),
            Prohibited('expose_headers=["X:Total"]', "header-token"),
            Prohibited(
                'expose_headers="*", supports_credentials=True',
                "expose-wildcard-credentials",
            ),
        ),
    ),
    "supports_credentials": Lines(
        (
            Permitted("supports_credentials=True", "cookies and HTTP authentication"),
            Permitted(
                'origins="http://localhost:*", supports_credentials=True',
                "plain http is fine where it does not leave the machine",
            ),
            Permitted(
                'origins="http://intranet.example", supports_credentials=True, '
                'accept_risks="insecure-origin"',
                "anyone on the network could pose as that origin; accepted on purpose",
            ),
        ),
        (
            Prohibited('supports_credentials="yes"', "wrong-type"),
            Prohibited(
                'origins="*", supports_credentials=True', "origin-wildcard-credentials"
            ),
            Prohibited(
                'origins="http://app.example.com", supports_credentials=True',
                "origin-insecure",
            ),
            Prohibited(
                'origins="https://*.github.io", supports_credentials=True',
                "origin-public-suffix",
            ),
            Prohibited(
                'origins="null", accept_risks="null-origin", supports_credentials=True',
                "origin-null-credentials",
            ),
        ),
    ),
    "max_age": Lines(
        (
            Permitted("max_age=600", "ten minutes, which is what Safari keeps at most"),
            Permitted("max_age=timedelta(hours=2)", "7200 seconds, Chromium's most"),
            Permitted("max_age=0", "ask each time"),
            Permitted("max_age=None", "no header: browsers keep the answer 5 seconds"),
        ),
        (
            Prohibited('max_age="600"', "wrong-type"),
            Prohibited("max_age=True", "wrong-type"),
            Prohibited("max_age=-1", "out-of-range"),
            Prohibited("max_age=timedelta(milliseconds=500)", "out-of-range"),
        ),
    ),
    "preflight_status": Lines(
        (
            Permitted("preflight_status=204", "No Content, the default"),
            Permitted("preflight_status=200", "for clients that want exactly that"),
        ),
        (
            Prohibited("preflight_status=302", "out-of-range"),
            Prohibited('preflight_status="204"', "out-of-range"),
        ),
    ),
    "timing_allow_origin": Lines(
        (
            Permitted(
                "timing_allow_origin=True",
                "allowed origins also get Timing-Allow-Origin",
            ),
            Permitted(
                'timing_allow_origin="*"',
                "every response says that any site may read its timings",
            ),
        ),
        (
            Prohibited('timing_allow_origin=["https://app.example.com"]', "wrong-type"),
            Prohibited(
                'origins={"https://a.example": {"timing_allow_origin": False}}, '
                'timing_allow_origin="*"',
                "option-without-effect",
            ),
        ),
    ),
    "enforce": Lines(
        (
            Permitted("enforce=True", "403 for cross-origin requests not allowed"),
            Permitted(
                'enforce="unsafe"',
                "403 for those of them that may change something, and WebSockets",
            ),
            Permitted("enforce=False", "the browser refuses, as the protocol has it"),
        ),
        (
            Prohibited("enforce=1", "wrong-type"),
            Prohibited('enforce="writes"', "wrong-type"),
            Prohibited(
                'origins="http://app.example.com", enforce=True', "origin-insecure"
            ),
            Prohibited(
                'origins="https://*.vercel.app", enforce=True', "origin-public-suffix"
            ),
        ),
    ),
    "accept_risks": Lines(
        (
            Permitted("accept_risks=[]", "none, the default"),
            Permitted('accept_risks=["null-origin"]', "one, by its name"),
        ),
        (Prohibited('accept_risks="nul-origin"', "unknown-risk"),),
    ),
}
"""Option -> its lines, in the order of the options."""
