"""Which route serves a request: asked of the application's own URL map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import MapAdapter

_MAX_REDIRECTS: Final = 4

_ONE_SEGMENT: Final = re.compile(
    r"<(?:(?:string|int|float|uuid|any)(?:\([^>]*\))?:)?[^:>]+>"
)


class Matched(NamedTuple):
    """What the URL map says of a URL.

    :param endpoint: of the route that serves the method; ``None`` if none does.
    :param methods: method -> endpoint, for all routes of the URL.
    """

    endpoint: str | None
    methods: Mapping[str, str]


def match(app: Flask, environ: Mapping[str, Any], method: str) -> Matched:
    """Return which route of *app* serves *method* at the URL of *environ*.

    A redirect that the URL map itself asks for (a missing slash, a doubled one, an
    alias) is followed within the application: what counts is the route it ends at.
    Where a converter fails, as it will when the request itself is matched, no route
    does; first it gets the application context that it may need. Nor does a route
    where a redirect leads to what is no URL.
    """
    try:
        return _match(app, environ, method)
    except Exception:
        with suppress(Exception), app.app_context():
            return _match(app, environ, method)
    return Matched(None, {})


def may_serve(url_rule: str, path_rule: str) -> bool:
    """Say whether a route can have URLs that a path rule governs.

    :param url_rule: the rule of the route, as ``/items/<int:item>``.
    :param path_rule: as in ``core.paths``; ``""`` governs nothing.
    """
    path = path_rule.removesuffix("/*")
    pairs = zip_longest(url_rule.split("/"), path.split("/"))
    for own, other in pairs:
        if own is not None and "<" in own and not _ONE_SEGMENT.fullmatch(own):
            return bool(path_rule)  # It may go over any number of segments.
        if other is None:
            return path != path_rule
        if own is None or ("<" not in own and own != other):
            return False
    return bool(path_rule)


def _match(app: Flask, environ: Mapping[str, Any], method: str) -> Matched:
    try:
        request = app.request_class(dict(environ))
        adapter = app.create_url_adapter(request)
    except HTTPException:  # A host that is not trusted.
        return Matched(None, {})
    if adapter is None:
        return Matched(None, {})
    target: str | None = None
    # Some methods may be served where another is redirected from.
    served: dict[str, str] = {}
    for _ in range(_MAX_REDIRECTS):
        endpoint: str | None = None
        try:
            rule, _values = adapter.match(target, method=method, return_rule=True)
            endpoint = rule.endpoint
        except RequestRedirect as redirect:
            served = {**_methods(adapter, target), **served}
            target = _local_target(adapter, redirect.new_url)
            if target is None:
                break
            continue
        except HTTPException:
            pass
        return Matched(endpoint, {**_methods(adapter, target), **served})
    return Matched(None, served)


def _methods(adapter: MapAdapter, path: str | None) -> dict[str, str]:
    """Return the endpoint of each method that the URL accepts."""
    if path is None:
        path = adapter.path_info
    # Routes that are lax about a slash at the end count for one of the two only.
    other = path[:-1] if path.endswith("/") else f"{path}/"
    methods: dict[str, str] = {}
    for method in sorted(
        {*adapter.allowed_methods(path), *adapter.allowed_methods(other)}
    ):
        with suppress(HTTPException):  # Redirected elsewhere, or of the other only.
            rule, _values = adapter.match(path, method=method, return_rule=True)
            methods[method] = rule.endpoint
    return methods


def _local_target(adapter: MapAdapter, url: str) -> str | None:
    """Return the path within the application that *url* leads to, if it does."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    root = adapter.script_name.rstrip("/")
    if parts.netloc != adapter.get_host(None) or not path.startswith(root + "/"):
        return None
    return path.removeprefix(root)
