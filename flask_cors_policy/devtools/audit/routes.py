"""Checks that look at routes, marks and path rules, and at what is between them."""

from __future__ import annotations

from collections.abc import Iterator

from .facts import Facts, Found


def ineffective_marks(facts: Facts) -> Iterator[Found]:
    """Marks that can never take effect."""
    for problem in facts.problems:
        if problem.reason == "mark-without-effect":
            spot = facts.spot(problem.setting)
            yield Found(problem.setting, problem.message, problem.hint, spot)


def unused_marks(facts: Facts) -> Iterator[Found]:
    """Marks to which no view leads: perhaps a blueprint was not registered."""
    for place in facts.unused_marks:
        yield Found(
            place,
            "No view of any application leads to this mark.",
            "Register the view or the blueprint, or remove the decorator.",
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
