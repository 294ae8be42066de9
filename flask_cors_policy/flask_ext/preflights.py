"""Preflights: which policy answers one, and for which methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..core.fetch_standard import WILDCARD, is_forbidden_method, is_token
from ..core.usual import UsualPreflight

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .policies import Governing, RoutePolicies

MAX_METHOD: Final = 64
"""Characters of the longest method repeated to a preflight."""


def usual_preflight(
    policies: RoutePolicies, environ: WSGIEnvironment
) -> tuple[Governing, UsualPreflight | None] | None:
    """Return what governs what a preflight asks for, and the usual answer.

    ``None`` where nothing governs it. No answer where the policy's own methods are in
    it.
    """
    path: str = environ.get("PATH_INFO", "")
    asked: str = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
    governing = policies.outer(path)
    if not (policies.marked or (governing and governing.derive_methods)):
        return None if governing is None else (governing, None)
    url = policies.routes.match(environ, asked)
    governing = policies.of_url(url, asked, path)
    if governing is None:
        return None
    key = id(url), id(governing)
    known = policies.known_preflights.get(key)
    if known is not None:
        return governing, known[2]
    methods = _methods(policies, governing, url.methods, asked, path)
    usual = UsualPreflight(governing.policy, methods)
    # What is not in url.methods was asked for, and is in the answer for it.
    if url.is_general and asked.upper() in url.methods:
        policies.known_preflights[key] = url, governing, usual
    return governing, usual


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
