"""Checks that compare policies with what the views do, as far as their source tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ...core.fetch_standard import (
    CORS_RESPONSE_HEADERS,
    SAFELISTED_REQUEST_HEADERS,
    SAFELISTED_RESPONSE_HEADERS,
    WILDCARD,
    is_forbidden_request_header,
)
from .facts import Facts, Found, Governed, spot, title

# What pages do not set: browsers do, or proxies and tools on the way.
_NOT_OF_PAGES: Final = frozenset(
    {
        "authorization",
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
# Allowed for libraries in the page, which send them whether a view reads them or not.
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
# Response headers for people's own programs. All others are for browsers and caches.
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
_SIGNS_OF_USERS: Final = ("auth", "cookie", "csrf", "jwt", "login", "session")


def stray_headers(facts: Facts) -> Iterator[Found]:
    """Views that set CORS headers, which the policy takes out."""
    fix = "Take it out: the policy sets the headers, and @cors_exempt leaves them be."
    for route in facts.routes:
        if route.policy is None or not route.endpoint:
            continue
        for name, place in facts.uses(route).written.items():
            if name.lower() in CORS_RESPONSE_HEADERS:
                message = (
                    f"The view sets {name} itself; its policy ({route.place}) takes "
                    "that out of each response."
                )
                yield Found(title(route), message, fix, spot(place))
    if facts.policies:
        for name, place in facts.hook_uses().written.items():
            if name.lower() in CORS_RESPONSE_HEADERS:
                message = (
                    f"A function that runs with every request sets {name}; policies "
                    "take that out of each response."
                )
                yield Found("after_request", message, fix, spot(place))


def public_beside_cookies(facts: Facts) -> Iterator[Found]:
    """Routes for everybody that look at who is signed in."""
    for route in facts.routes:
        policy = route.policy
        if policy is None or not policy.compiled.is_open or not route.endpoint:
            continue
        if facts.uses(route).cookies:
            yield Found(
                title(route),
                "The view looks at cookies, but its policy allows every origin, and so "
                "no page can send any.",
                "Give the view a policy that lists its origins, with "
                "supports_credentials=True; or @cors_exempt, where only pages of the "
                "same origin use it.",
                facts.view_spot(route),
            )


def headers_read_in_vain(facts: Facts) -> Iterator[Found]:
    """Request headers that views read, and that no page may send."""
    for route in facts.routes:
        if route.policy is None or not route.endpoint:
            continue
        names = {name.lower() for name in route.policy.allow_headers}
        if WILDCARD in names:
            continue
        missing = [
            name
            for name in sorted(facts.uses(route).read)
            if name.lower() not in names and _is_for_pages_to_send(name)
        ]
        if missing:
            yield Found(
                title(route),
                f"The view reads {', '.join(missing)}, which its policy "
                f"({route.place}) lets no page send.",
                f"If pages are to send it: {_listed('allow_headers', missing)}.",
                facts.view_spot(route),
            )


def headers_allowed_in_vain(facts: Facts) -> Iterator[Found]:
    """Request headers that a policy allows, and that nothing reads."""
    for governed in facts.policies:
        known = SAFELISTED_REQUEST_HEADERS | _OF_LIBRARIES
        unread = _unmentioned(facts, governed.policy.allow_headers, known)
        if unread:
            name = governed.written_at("allow_headers")
            yield Found(
                name,
                f"Nothing in the application reads {', '.join(unread)}.",
                "Take it out, unless something in front of the application reads it.",
                facts.policy_spot(governed, name),
            )


def headers_set_in_vain(facts: Facts) -> Iterator[Found]:
    """Response headers that views set, and that no page may read."""
    for route in facts.routes:
        policy = route.policy
        if policy is None or "*" in policy.expose_headers or not route.endpoint:
            continue
        exposed = {name.lower() for name in policy.expose_headers}
        hidden = [
            name
            for name in facts.uses(route).written
            if name.lower() not in exposed and _is_for_pages_to_read(name)
        ]
        if hidden:
            yield Found(
                title(route),
                f"The view sets {', '.join(hidden)}, which its policy "
                f"({route.place}) lets no page read.",
                f"If pages are to read it: {_listed('expose_headers', hidden)}.",
                facts.view_spot(route),
            )


def headers_exposed_in_vain(facts: Facts) -> Iterator[Found]:
    """Response headers that a policy exposes, and that nothing sets."""
    for governed in facts.policies:
        names = [
            name
            for name in governed.policy.expose_headers
            if name.lower().startswith("x-")
        ]
        unset = _unmentioned(facts, names, SAFELISTED_RESPONSE_HEADERS)
        if unset:
            name = governed.written_at("expose_headers")
            yield Found(
                name,
                f"Nothing in the application sets {', '.join(unset)}.",
                "Take it out, unless something in front of the application sets it.",
                facts.policy_spot(governed, name),
            )


def needless_credentials(facts: Facts) -> Iterator[Found]:
    """Credentials where nothing in the code has to do with users."""
    allowing = [each for each in facts.policies if each.policy.supports_credentials]
    if not allowing or not facts.project.readable:
        return
    if facts.project.names_any(*_SIGNS_OF_USERS):
        return
    for place in dict.fromkeys(map(_credentials_at, allowing)):
        yield Found(
            place,
            "Nothing in the application has to do with cookies, sessions or who is "
            "signed in.",
            "Leave it out: pages then send no cookies, and need none.",
            facts.spot(place),
        )


def _credentials_at(governed: Governed) -> str:
    return governed.written_at("supports_credentials")


def _unmentioned(
    facts: Facts, names: Iterable[str], known: frozenset[str]
) -> list[str]:
    """Return which of *names* stand nowhere in the code of the application."""
    if not facts.project.readable:
        return []
    return [
        name
        for name in names
        if name != "*"
        and name.lower() not in known
        and not facts.project.mentions(name)
    ]


def _is_for_pages_to_send(name: str) -> bool:
    lowered = name.lower()
    return not (
        lowered in SAFELISTED_REQUEST_HEADERS
        or lowered in _NOT_OF_PAGES
        or lowered.startswith(_OF_PROXIES)
        or is_forbidden_request_header(lowered)
    )


def _is_for_pages_to_read(name: str) -> bool:
    lowered = name.lower()
    own = lowered.startswith("x-") and lowered not in _NOT_FOR_PAGES
    return own or lowered in _FOR_PAGES


def _listed(option: str, names: list[str]) -> str:
    return f"{option}=[..., {', '.join(map(repr, names))}]"
