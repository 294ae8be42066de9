"""How path rules are checked (``paths`` says what they mean)."""

from __future__ import annotations

from .path_mistakes import hint_for, mistake_in
from .settings import Report, Setting


def check_path_rules(settings: Setting, report: Report) -> list[str]:
    """Check the keys of a mapping of path rules.

    :return: the rules that are in order.
    """
    if not settings.value:
        message = "Without a path rule no path has a policy."
        report.problem(settings, "paths-empty", message, 'Write {"/*": ...}.')
    return [
        rule
        for rule in settings.value
        if check_path_rule(Setting(rule, f"{settings.name}[{rule!r}]"), report)
    ]


def check_path_rule(at: Setting, report: Report) -> bool:
    """Check one path rule; say whether it is in order."""
    message = mistake_in(at.value)
    if message:
        report.problem(at, "path-syntax", message, hint_for(at.value))
    return not message
