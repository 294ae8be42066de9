"""Checks that look at routes, marks and path rules, and at what is between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from ...core.origin import OriginPattern, OriginSet
from ...core.policy import Policy
from ..app_routes import RoutePolicy
from .facts import Facts, Found, title


def marks_in_vain(facts: Facts) -> Iterator[Found]:
    """Marks that can never take effect."""
    for problem in facts.problems:
        if problem.reason == "mark-without-effect":
            spot = facts.spot(problem.setting)
            yield Found(problem.setting, problem.message, problem.hint, spot)
    for place in facts.marks_in_vain:
        yield Found(
            place,
            "The application has no CORS(app): nothing reads this.",
            "Write CORS(app, origins=...), or CORS(app, resources={}) where only what "
            "is marked needs a policy.",
            facts.spot(),
        )


def unreachable_rules(facts: Facts) -> Iterator[Found]:
    """Path rules that no route can be under."""
    if facts.has_other_layers:
        return
    reached = {route.path_rule for route in facts.routes if route.endpoint}
    for rule in facts.path_rules:
        if rule not in reached and rule != "/*":
            yield Found(
                f"resources {rule!r}",
                "No route of the application is under this path rule.",
                'Paths are compared with case, by whole segments: "/api/*" is /api and '
                "all under it. Write the path as the routes have it, or take it out.",
                facts.spot(),
            )


def cached_preflights(facts: Facts) -> Iterator[Found]:
    """Methods of one URL whose policies meet in the browser's preflight cache.

    https://fetch.spec.whatwg.org/#concept-cache: what a preflight allows is kept for
    the URL, each header for all of its methods.
    """
    for routes in _of_one_url(facts.routes):
        for lax, strict in permutations(routes, 2):
            more = _more_headers(lax, strict)
            if more:
                yield Found(
                    title(strict),
                    f"Its policy ({strict.place}) does not allow {more}, that of "
                    f"{', '.join(lax.methods)} ({lax.place}) does; browsers keep that "
                    "for the whole URL, and send it with both.",
                    "List the same headers in both, give them URLs of their own, or "
                    "write max_age=0 in the policy that allows more.",
                    facts.view_spot(strict),
                )


def _of_one_url(routes: Sequence[RoutePolicy]) -> Iterator[list[RoutePolicy]]:
    grouped: dict[tuple[str, str, str], list[RoutePolicy]] = {}
    for route in routes:
        if route.policy is not None and route.endpoint:
            key = (route.host, route.rule, route.path_rule)
            grouped.setdefault(key, []).append(route)
    yield from grouped.values()


def _more_headers(lax: RoutePolicy, strict: RoutePolicy) -> str:
    """Say which headers the one allows and the other does not; empty if none."""
    one, other = lax.policy, strict.policy
    if one is None or other is None or one is other or one.max_age == 0:
        return ""
    listed = other.compiled.header_names
    if listed is None or not _share_an_origin(one, other):
        return ""
    if one.compiled.header_names is None:
        return "every header"
    return ", ".join(name for name in one.allow_headers if name.lower() not in listed)


def _share_an_origin(one: Policy, other: Policy) -> bool:
    """Say whether pages of some origin may use both, as far as that can be told."""
    if one.compiled.origins is None or other.compiled.origins is None:
        return True
    return _allows_one_of(one, other) or _allows_one_of(other, one)


def _allows_one_of(policy: Policy, other: Policy) -> bool:
    known = _written_origins(policy)
    return any(
        item in policy.origins or not known.match(item, {}).refused
        for item in other.origins
        if isinstance(item, str)
    )


def _written_origins(policy: Policy) -> OriginSet:
    """Return what the written origins of *policy* allow; no function is asked."""
    parsed = (
        OriginPattern.parse(item) for item in policy.origins if isinstance(item, str)
    )
    return OriginSet((), (pattern for pattern in parsed if pattern is not None))
