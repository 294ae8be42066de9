"""How path rules are checked (``paths`` says what they mean)."""

from __future__ import annotations

import re
from typing import Final

from .paths import is_ambiguous
from .settings import Report, Setting

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
# Parentheses and a dollar sign inside do occur in paths; "|", "?" and the like do not.
_NOT_A_PATH: Final = re.compile(r"[*?#<>\\^|{}]|\.\+|\[|\$$")


def check_path_rules(settings: Setting, report: Report) -> list[str]:
    """Check the keys of a mapping of path rules.

    :return: the rules that are in order.
    """
    good: list[str] = []
    for rule in settings.value:
        at = Setting(rule, f"{settings.name}[{rule!r}]")
        mistake = _mistake(rule)
        if mistake:
            report.problem(at, "path-syntax", *mistake)
        else:
            good.append(rule)
    if not settings.value:
        message = "Without a path rule no path has a policy."
        report.problem(settings, "paths-empty", message, 'Write {"/*": ...}.')
    return good


def _mistake(rule: object) -> tuple[str, str] | None:
    """Return what is wrong with *rule*, and what to write instead."""
    example = 'Write "/api/*" for a path and all under it, "/api/items" for one path.'
    if not isinstance(rule, str):
        return "A path rule is a string, never a regular expression.", example
    if not rule.startswith("/"):
        return "A path rule begins with a slash.", example
    path = rule.removesuffix("/*")
    if not path.isprintable() or path.endswith(" "):
        return "A path holds no control character, and no space at its end.", example
    if _NOT_A_PATH.search(path):
        return "This is no path: rules know no regular expressions.", example
    if _ESCAPE.search(path):
        return "Paths are compared decoded.", 'Write "/a b" where URLs have "/a%20b".'
    if is_ambiguous(rule.removesuffix("*")):
        return "No rule applies to a path with ., .. or empty segments inside.", example
    return None
