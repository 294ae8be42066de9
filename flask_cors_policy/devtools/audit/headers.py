"""Checks that compare the lists of headers of policies with what the code does.

``REQUEST`` and ``RESPONSE`` are the two lists, ``unlisted`` and ``unused`` the two ways
in which a list can be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from ...core.fetch_standard import (
    CORS_RESPONSE_HEADERS,
    SAFELISTED_REQUEST_HEADERS,
    SAFELISTED_RESPONSE_HEADERS,
    WILDCARD,
    is_forbidden_request_header,
)
from ...core.per_origin import all_listed
from ...core.policy import Policy
from .facts import CheckResult, Facts, spot, title
from .source import Uses

# Headers that pages do not set: browsers do, or proxies and tools.
_NOT_OF_PAGES: Final = frozenset(
    {
        "client-ip",
        "forwarded",
        "from",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "remote-addr",
        "traceparent",
        "true-client-ip",
        "user-agent",
        "x-amzn-trace-id",
        "x-client-ip",
        "x-correlation-id",
        "x-real-ip",
        "x-request-id",
    }
)
_OF_PROXIES: Final = ("cf-", "x-forwarded-", "x-envoy-", "x-github-", "x-hub-")
# Headers that libraries in the page send, whether a view reads them or not.
_OF_LIBRARIES: Final = frozenset(
    {
        "authorization",
        "baggage",
        "cache-control",
        "content-type",
        "pragma",
        "sentry-trace",
        "traceparent",
        "tracestate",
        "x-csrf-token",
        "x-csrftoken",
        "x-requested-with",
        "x-xsrf-token",
    }
)
# Response headers that scripts read; the others are for browsers and caches.
_FOR_PAGES: Final = frozenset({"content-disposition", "link"})
_NOT_FOR_PAGES: Final = frozenset(
    {
        "x-accel-buffering",
        "x-accel-redirect",
        "x-content-type-options",
        "x-dns-prefetch-control",
        "x-download-options",
        "x-frame-options",
        "x-permitted-cross-domain-policies",
        "x-powered-by",
        "x-robots-tag",
        "x-sendfile",
        "x-ua-compatible",
        "x-xss-protection",
    }
)


class HeaderList(NamedTuple):
    """One list of header names of a policy, and how it is compared with the code.

    :param option: the name of the list.
    :param of: returns the list of a policy.
    :param used: returns the headers that code uses.
    :param matters: says whether a header that is used should be listed.
    :param may_be_unused: says whether a header that is listed may be unused.
    :param use: what code does with such headers.
    :param right: what a policy does not let pages do with headers that are missing.
    """

    option: str
    of: Callable[[Policy], tuple[str, ...]]
    used: Callable[[Uses], Iterable[str]]
    matters: Callable[[str], bool]
    may_be_unused: Callable[[str], bool]
    use: str
    right: str


def _is_sent_by_pages(name: str) -> bool:
    return not (
        name in SAFELISTED_REQUEST_HEADERS
        or name in _NOT_OF_PAGES
        or name.startswith(_OF_PROXIES)
        or is_forbidden_request_header(name)
    )


def _is_read_by_pages(name: str) -> bool:
    own = name.startswith("x-") and name not in _NOT_FOR_PAGES
    return own or name in _FOR_PAGES


REQUEST: Final = HeaderList(
    "allow_headers",
    lambda policy: all_listed(policy, "allow_headers"),
    lambda uses: sorted(uses.read),
    _is_sent_by_pages,
    lambda name: name in SAFELISTED_REQUEST_HEADERS | _OF_LIBRARIES,
    "reads",
    "send",
)
RESPONSE: Final = HeaderList(
    "expose_headers",
    lambda policy: all_listed(policy, "expose_headers"),
    lambda uses: uses.written,
    _is_read_by_pages,
    lambda name: name in SAFELISTED_RESPONSE_HEADERS or not name.startswith("x-"),
    "sets",
    "read",
)


def unlisted(headers: HeaderList, facts: Facts) -> Iterator[CheckResult]:
    """Headers that views use, and that the policy does not let pages send or read."""
    for route in facts.routes:
        if route.policy is None or not route.endpoint:
            continue
        listed = {name.lower() for name in headers.of(route.policy)}
        if WILDCARD in listed:
            continue
        missing = [
            name
            for name in headers.used(facts.uses(route))
            if name.lower() not in listed and headers.matters(name.lower())
        ]
        if missing:
            names = ", ".join(missing)
            items = ", ".join(map(repr, missing))
            yield CheckResult(
                title(route),
                f"The view {headers.use} {names}, which its policy ({route.place}) "
                f"does not let pages {headers.right}.",
                f"If pages need to {headers.right} it: "
                f"{headers.option}=[..., {items}].",
                facts.view_spot(route),
            )


def unused(headers: HeaderList, facts: Facts) -> Iterator[CheckResult]:
    """Headers that a policy lists, and that nothing in the code uses."""
    if not facts.project.readable:
        return
    for placed in facts.policies:
        used = {
            name.lower()
            for route in placed.routes
            if route.endpoint
            for name in headers.used(facts.uses(route))
        }
        names = [
            name
            for name in headers.of(placed.policy)
            if name != WILDCARD
            and name.lower() not in used
            and not headers.may_be_unused(name.lower())
            and not facts.project.mentions(name)
        ]
        if names:
            at = placed.place_of(headers.option)
            yield CheckResult(
                at,
                f"Nothing in the application {headers.use} {', '.join(names)}.",
                "Remove it, unless something in front of the application "
                f"{headers.use} it.",
                facts.spot(at),
            )


def removed_headers(facts: Facts) -> Iterator[CheckResult]:
    """Code that sets CORS headers, which the policy removes."""
    fix = (
        "Remove it: the policy sets the headers. @cors_exempt leaves them as they are."
    )
    for route in facts.routes:
        if route.policy is None or not route.endpoint:
            continue
        for name, place in facts.uses(route).written.items():
            if name.lower() in CORS_RESPONSE_HEADERS:
                message = (
                    f"The view sets {name} itself; its policy ({route.place}) removes "
                    "that from each response."
                )
                yield CheckResult(title(route), message, fix, spot(place))
    if facts.policies:
        for name, place in facts.hook_uses().written.items():
            if name.lower() in CORS_RESPONSE_HEADERS:
                message = (
                    f"A function that runs with every request sets {name}; policies "
                    "remove that from each response."
                )
                yield CheckResult("after_request", message, fix, spot(place))
