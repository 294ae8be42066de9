"""Which route serves a request: asked of Flask's own adapter, in Flask's own context.

So converters have all that they may need, and middleware in front has changed what it
change. Where a converter raises, so do the functions of this module, and then nothing
is granted.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect, WebsocketMismatch

from ..core.decision import URLMethods
from .marks import register
from .table import USUAL_METHODS, is_automatic, same_policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Request
    from werkzeug.routing import MapAdapter, Rule

    from ..handler import PolicyHandler
    from .table import PolicyTable

_MAX_REDIRECTS: Final = 4
_NO_METHOD: Final = "--"
"""Such that no route lists it."""
_NOT_SERVED: Final = (MethodNotAllowed, NotFound, WebsocketMismatch)
"""What the URL map answers if no route serves a request."""


class Match(NamedTuple):
    """What applies to a request.

    :param handler: the policy; ``None`` leaves the response as it is.
    :param place: the endpoint and the method whose policy that is; an endpoint that
        ends in a dot stands for what no view serves.
    :param rule: the rule of the route that serves the method, if one does.
    :param url: the methods of the URL, for a preflight.
    """

    handler: PolicyHandler | None
    place: tuple[str, str] = (".", "")
    rule: Rule | None = None
    url: URLMethods | None = None


def match_response(
    table: PolicyTable, request: Request, adapter: MapAdapter | None
) -> Match:
    """Return what applies to the response to *request*.

    :param request: Flask's own, after it was matched.
    :raises Exception: whatever a URL converter raises.
    """
    rule, path = request.url_rule, request.path
    if rule is not None:
        place: tuple[str, str] = rule.endpoint, request.method
        return Match(table.find(*place, path), place, rule)
    answers = (*_NOT_SERVED, RequestRedirect, type(None))
    if adapter is None or not isinstance(request.routing_exception, answers):
        return Match(table.unknown)
    url = _URL(adapter)
    rule = url.rule_of(request.method)
    if rule is not None:
        place = rule.endpoint, request.method
    else:
        place = table.place_in_url(url.rules(), path)
    return Match(table.find(*place, path), place, rule)


def match_preflight(
    table: PolicyTable, request: Request, adapter: MapAdapter | None, asked: str
) -> Match:
    """Return what applies to a request with the method *asked* of the same URL.

    :param request: Flask's own.
    :raises Exception: whatever a URL converter raises.
    """
    if adapter is None:
        return Match(table.unknown)
    # Flask reads a method in any case, and an empty one as that of the request.
    path, method = request.path, asked.upper() or _NO_METHOD
    url = _URL(adapter)
    rule = url.rule_of(method)
    if not register.generation:
        handler = table.paths.find(path)
        listed = () if rule is not None and not rule.methods else url.methods()
        methods = URLMethods(tuple(sorted(listed)))
        return Match(handler, rule=rule, url=methods)
    if rule is None and table.depends_on_request:
        return Match(table.unknown)
    rules = url.rules()
    if rule is not None:
        place = rule.endpoint, method
    else:
        place = table.place_in_url(rules, path)
    handler = table.find(*place, path)
    own: list[str] = []
    others: set[str] = set()
    for each, its_rule in sorted(rules.items()):
        if same_policy(table.find(its_rule.endpoint, each, path), handler):
            # A route that takes any method lists none.
            own += [each] if its_rule.methods or each == method else []
        elif not is_automatic(each, its_rule):
            others.add(each)
    methods = URLMethods(tuple(own), frozenset(others))
    return Match(handler, place, rule, methods)


class _URL:
    """The URL of a request, and those that the URL map redirects it to.

    A redirect that the map itself asks for (a missing slash, a doubled one, an alias)
    is followed within the application: what counts is the route it ends at.
    """

    def __init__(self, adapter: MapAdapter) -> None:
        self._adapter = adapter
        self._paths = [adapter.path_info]
        self._known: dict[str, Rule] = {}

    def rule_of(self, method: str) -> Rule | None:
        """Return the rule of the route that serves *method*, if one does."""
        for _ in range(_MAX_REDIRECTS):
            try:
                rule, _values = self._adapter.match(
                    self._paths[-1], method=method, return_rule=True
                )
            except RequestRedirect as redirect:
                target = self._local_target(redirect.new_url)
                if target is None:
                    return None
                self._paths.append(target)
            except _NOT_SERVED:
                return None
            else:
                self._known[method] = rule
                return rule
        return None

    def methods(self) -> set[str]:
        """Return the methods that some route serves at this URL."""
        methods: set[str] = set()
        for path in self._paths:
            # A route that takes its URL with a slash at the end and without counts for
            # one of the two only.
            other = path[:-1] if path.endswith("/") else f"{path}/"
            methods.update(self._methods_of(path), self._methods_of(other))
        return methods

    def _methods_of(self, path: str) -> Iterable[str]:
        try:
            self._adapter.match(path, method=_NO_METHOD)
        except MethodNotAllowed as error:
            return error.valid_methods or ()
        except HTTPException:
            return ()
        # A rule without methods takes any, and hides those of the others.
        rules = self._adapter.map.iter_rules()
        return USUAL_METHODS.union(*(rule.methods or () for rule in rules))

    def rules(self) -> dict[str, Rule]:
        """Return the rule that serves each method of this URL."""
        rules = dict(self._known)
        methods = self.methods()
        for path in self._paths:
            for method in methods - rules.keys():
                with suppress(RequestRedirect, *_NOT_SERVED):
                    rule, _values = self._adapter.match(
                        path, method=method, return_rule=True
                    )
                    rules[method] = rule
        return rules

    def _local_target(self, url: str) -> str | None:
        """Return the path within the application that *url* leads to, if it does."""
        adapter = self._adapter
        with suppress(ValueError):
            parts = urlsplit(url)
            path = unquote(parts.path)
            root = adapter.script_name.rstrip("/")
            if parts.netloc == adapter.get_host(None) and path.startswith(root + "/"):
                return path.removeprefix(root)
        return None
