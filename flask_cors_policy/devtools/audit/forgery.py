"""A check of views that pages of other sites can make write, with the user's cookies.

Rule. It says nothing where anything may protect a view: a token, a header, SameSite, an
      extension. The source does not tell for sure whether that is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from ...core.per_origin import has_credentials
from ..app_routes import RoutePolicy
from .facts import CheckResult, Facts
from .source import functions_of, tree_of

if TYPE_CHECKING:
    from flask import Flask

_OURS: Final = f"{__name__.partition('.')[0]}."
_EXTENSIONS: Final = ("csrf", "jwt", "seasurf", "security")
_SIGNS_OF_DEFENCE: Final = (
    "content_type",
    "csrf",
    "flaskform",
    "hmac",
    "mimetype",
    "nonce",
    "referer",
    "referrer",
    "requested-with",
    "sec-fetch",
    "signature",
    "token",
    "xsrf",
)
_SHOWN: Final = 3


def unprotected_posts(facts: Facts) -> Iterator[CheckResult]:
    """Policies with credentials whose views use cookies, and read forms of any site."""
    if _may_have_defence(facts):
        return
    for placed in facts.policies:
        views = [route for route in placed.routes if _is_forgeable(facts, route)]
        if not views or not has_credentials(placed.policy):
            continue
        names = ", ".join(f"POST {route.rule}" for route in views[:_SHOWN])
        more = len(views) - _SHOWN
        place = placed.place_of("supports_credentials")
        yield CheckResult(
            place,
            "A form on any site can post to views that use cookies: "
            f"{names}{f' and {more} more' if more > 0 else ''}.",
            'Set enforce="unsafe". Views that other sites post to on purpose (SAML, '
            "OpenID form_post, payment returns) then need "
            "@cross_origin(enforce=False).",
            facts.spot(place),
        )


def _is_forgeable(facts: Facts, route: RoutePolicy) -> bool:
    """Say whether a form of another site can make the view of *route* write.

    Browsers ask for all other methods first, and for JSON, and the policy denies it.
    """
    if "POST" not in route.methods or not route.endpoint:
        return False
    used = facts.uses(route)
    # Forms cannot set headers: a view that reads one perhaps answers nothing without.
    return used.cookies and used.form and not used.json and not used.read


def _may_have_defence(facts: Facts) -> bool:
    app, project = facts.app, facts.project
    if app is None or not project.readable or facts.has_other_middleware:
        return True
    if any("enforce" in route.settings for route in facts.routes):
        return True  # Somebody has decided about it, at this place or at another one.
    same_site = str(app.session_interface.get_cookie_samesite(app) or "").lower()
    return (
        same_site in ("lax", "strict")
        or not all(map(_is_readable, _hooks(app)))
        or any(sign in name.lower() for name in app.extensions for sign in _EXTENSIONS)
        or project.names_any(*_SIGNS_OF_DEFENCE)
        or project.mentions("Origin")
        or "origin" in project.names
        or bool(facts.hook_uses().read)
    )


def _hooks(app: Flask) -> Iterator[object]:
    """Yield what runs before views, but for the functions of this library."""
    for hook in chain.from_iterable(app.before_request_funcs.values()):
        if not str(hook.__module__).startswith(_OURS):
            yield hook


def _is_readable(hook: object) -> bool:
    functions = [*functions_of(hook)]
    return bool(functions) and all(map(tree_of, functions))
