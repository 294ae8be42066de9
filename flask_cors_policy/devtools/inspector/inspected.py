"""A Flask application, as the inspector uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..app_explain import explain
from ..app_routes import route_policies
from ..browser.urls import parse_url
from .answers import Inspected

if TYPE_CHECKING:
    from flask import Flask

    from ..browser.requests import Page, PageRequest
    from ..explaining import Explanation


def inspected(app: Flask) -> Inspected:
    """Return what the inspector needs to know of *app*."""

    def routes() -> list[dict[str, Any]]:
        return [each.as_data() for each in route_policies(app)]

    def explained(page: Page, request: PageRequest, cookie: str) -> Explanation:
        return explain(app, page, request, cookie=cookie)

    def allows(origin: str) -> bool:
        policies = [each.policy for each in route_policies(app)]
        return any(policy.allows_origin(origin) for policy in policies if policy)

    return Inspected(app.name, app, routes, explained, allows)


def origin_of(url: str) -> str:
    """Return the origin of *url*, which must have nothing but an origin.

    :raises ValueError: if it has more; the error says what to write.
    """
    found = parse_url(url)
    if found.target != "/":
        raise ValueError(f"{url} has a path: write {found.origin}")
    return found.origin
