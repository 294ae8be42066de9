"""Preflights: which policy answers one, and for which methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..core.decision import Decision, not_kept
from ..core.fetch_standard import (
    ALLOW_HEADERS,
    WILDCARD,
    is_forbidden_method,
    is_token,
)
from ..core.usual import UsualPreflight
from ..serving import cors_request
from .policies import Found

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .policies import Governing, RoutePolicies

MAX_METHOD: Final = 64
"""Characters of the longest method repeated to a preflight."""


def find_preflight(policies: RoutePolicies, environ: WSGIEnvironment) -> Found | None:
    """Return how a preflight is answered, ``None`` where nothing governs it."""
    path: str = environ.get("PATH_INFO", "")
    asked: str = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
    governing = policies.outer(path)
    if not (policies.marked or (governing and governing.derive_methods)):
        return None if governing is None else Found(governing)
    url = policies.routes.match(environ, asked)
    governing = policies.of_url(url, asked, path)
    if governing is None:
        return None
    key = id(url), id(governing)
    known = policies.known_preflights.get(key)
    if known is not None:
        return known[1]
    methods = _methods(policies, governing, url.methods, asked, path)
    post: Governing | None = governing
    if "POST" in url.methods:
        post = policies.of_route(url.methods["POST"], "POST", path)
    apart = post is None or post.policy is not governing.policy
    usual = UsualPreflight(governing.policy, methods)
    found = Found(governing, usual, apart, post)
    # What is not in url.methods was asked for, and is in the answer for it.
    if url.is_general and asked.upper() in url.methods:
        policies.known_preflights[key] = url, found
    return found


def decide_apart(found: Found, environ: WSGIEnvironment) -> Decision:
    """Decide a preflight to a URL where POST is under another policy.

    Browsers keep each header for all methods of the URL, whichever was asked for
    (https://fetch.spec.whatwg.org/#cors-preflight-cache), and no list need name POST:
    with a header that is kept, JSON could be posted to a view whose policy refuses the
    origin, without the preflight that would have said so. (GET and HEAD need no list
    either, but change nothing, and stay unreadable.)
    """
    methods = None if found.usual is None else found.usual.methods
    decision = found.governing.decide(cors_request(environ), methods)
    if ALLOW_HEADERS not in dict(decision.headers):
        return decision
    post = found.post
    if post is None or not post.policy.allows_origin(environ["HTTP_ORIGIN"], environ):
        return not_kept(decision)
    return decision


def _methods(
    policies: RoutePolicies,
    governing: Governing,
    routes: Mapping[str, str],
    asked: str,
    path: str,
) -> tuple[str, ...]:
    """Return the methods of a URL that the answering policy governs.

    Browsers keep the list for the whole URL: a method in it that another policy
    governs would be open under this one.

    :param routes: method -> endpoint, for all routes of the URL.
    """
    policy = governing.policy
    own: list[str] = []
    others: set[str] = set()
    for method, endpoint in routes.items():
        found = policies.of_route(endpoint, method, path)
        if found is not None and found.policy is policy:
            own.append(method)
        else:
            others.add(method)
    written = policy.methods
    if not governing.derive_methods and WILDCARD not in written:
        # Flask reads a method in any case.
        return tuple(name for name in written if name.upper() not in others)
    if not governing.derive_methods and not others:
        return written
    # The asked method is governed by this policy, even where no route serves it:
    # the page shall see the 404 or 405 that comes then.
    known = asked.upper() in {*own, *others} or len(asked) > MAX_METHOD
    if not known and is_token(asked) and not is_forbidden_method(asked):
        # A page may well ask for "*", which in the answer would mean all methods.
        own += [] if asked == WILDCARD else [asked]
    return tuple(own)
