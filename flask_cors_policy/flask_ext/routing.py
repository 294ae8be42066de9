"""Which route serves a request: asked of the application's own URL map."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import zip_longest
from posixpath import commonpath
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.routing.converters import DEFAULT_CONVERTERS

from .overlaps import ONE_SEGMENT, Overlaps

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import MapAdapter, Rule

_MAX_REDIRECTS: Final = 4


class Matched(NamedTuple):
    """What the URL map says of a URL.

    :param endpoint: of the route that serves the method; ``None`` if none does.
    :param methods: method -> endpoint, for all routes of the URL.
    :param is_general: the same is true of every URL of that route.
    """

    endpoint: str | None
    methods: Mapping[str, str]
    is_general: bool = False


class Routes:
    """The routes of an application, asked of its own URL map."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._overlaps: Overlaps | None = None
        # By the id of the rule, which the entry keeps alive: rules have no hash.
        self._known: dict[int, tuple[Rule, Matched]] = {}

    def match(self, environ: Mapping[str, Any], method: str) -> Matched:
        """Return which route serves *method* at the URL of *environ*.

        A redirect that the URL map itself asks for (a missing slash, a doubled one, an
        alias) is followed within the application: what counts is the route it ends
        at. Where a converter fails, as it will when the request itself is matched, no
        route does; first it gets the application context that it may need. Nor does a
        route where a redirect leads to what is no URL.
        """
        try:
            return self._match(environ, method)
        except Exception:
            with suppress(Exception), self._app.app_context():
                return self._match(environ, method)
        return Matched(None, {})

    def _match(self, environ: Mapping[str, Any], method: str) -> Matched:
        app = self._app
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
            try:
                rule, _values = adapter.match(target, method=method, return_rule=True)
            except RequestRedirect as redirect:
                served = {**_methods(adapter, target), **served}
                target = _local_target(adapter, redirect.new_url)
                if target is None:
                    break
                continue
            except HTTPException:
                return Matched(None, {**_methods(adapter, target), **served})
            matched = self._matched(rule, adapter, target)
            if served.items() <= matched.methods.items():
                return matched
            return Matched(matched.endpoint, {**matched.methods, **served})
        return Matched(None, served)

    def _matched(self, rule: Rule, adapter: MapAdapter, path: str | None) -> Matched:
        known = self._known.get(id(rule))
        if known is not None:
            return known[1]
        if self._overlaps is None:
            self._overlaps = Overlaps(rule.map.iter_rules())
        # Rules with defaults are redirected from, depending on what is in the URL.
        is_general = (
            DEFAULT_CONVERTERS.items() <= rule.map.converters.items()
            and not self._overlaps.shares_urls(rule)
            and not any(r.defaults for r in rule.map.iter_rules(rule.endpoint))
        )
        matched = Matched(rule.endpoint, _methods(adapter, path), is_general)
        if is_general:
            self._known[id(rule)] = rule, matched
        return matched


def nearest_rule(app: Flask, endpoint: str, path: str) -> str:
    """Return the URL rule of *endpoint* that is nearest to *path*."""
    path = f"/{path.lstrip('/')}"
    rules = [rule.rule for rule in app.url_map.iter_rules(endpoint)]
    return max(rules, key=lambda rule: len(commonpath([rule, path])))


def may_serve(url_rule: str, path_rule: str) -> bool:
    """Say whether a route can have URLs that a path rule governs.

    :param url_rule: the rule of the route, as ``/items/<int:item>``.
    :param path_rule: as in ``core.paths``; ``""`` governs nothing.
    """
    path = path_rule.removesuffix("/*")
    pairs = zip_longest(url_rule.split("/"), path.split("/"))
    for own, other in pairs:
        if own is not None and "<" in own and not ONE_SEGMENT.fullmatch(own):
            return bool(path_rule)  # It may go over any number of segments.
        if other is None:
            return path != path_rule
        if own is None or ("<" not in own and own != other):
            return False
    return bool(path_rule)


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
