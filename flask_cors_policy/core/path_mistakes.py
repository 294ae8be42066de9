"""What is wrong with a path rule, and what to write instead.

Most mistakes are regular expressions, as Flask-CORS takes them, or URL rules of Flask.
"""

from __future__ import annotations

import re
from typing import Final

from .paths import is_ambiguous
from .settings import quoted

EXAMPLE: Final = (
    'Write "/api/*" for a path and all under it, "/api/items" for one path.'
)
_ALL_UNDER: Final = "/*"

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
# Parentheses and a dollar sign inside do occur in paths; "|", "?" and the like do not.
_NOT_A_PATH: Final = re.compile(r"[*?#<>\\^|{}]|\.\+|\[|\$$")


def mistake_in(rule: object) -> str:
    """Return what is wrong with *rule*, ``""`` if nothing is."""
    if not isinstance(rule, str):
        return "A path rule is a string, never a regular expression."
    if not rule.startswith("/"):
        return "A path rule begins with a slash."
    path = rule.removesuffix(_ALL_UNDER)
    if not path.isprintable() or path.endswith(" "):
        return "A path has no control character, and no space at its end."
    if _NOT_A_PATH.search(path):
        return "This is not a path: rules are never regular expressions."
    if _ESCAPE.search(path):
        return "Paths are compared decoded."
    if is_ambiguous(rule):
        return "No rule applies to a path with ., .. or empty segments inside."
    return ""


def hint_for(rule: object) -> str:
    """Return what to write instead of *rule*: rules, or an example."""
    rules = rules_to_write(rule)
    if len(rules) == 1:
        return f'Write "{rules[0]}".'
    return f"Write a rule for each: {quoted(rules)}." if rules else EXAMPLE


def rules_to_write(rule: object) -> list[str]:
    """Return the path rules that *rule* was meant as; none if that is not clear.

    :param rule: a regular expression, as a string or compiled; or a rule with a URL in
        front, with converters of Flask, or with escapes.
    """
    from urllib.parse import unquote  # Here, because only mistakes need these.

    from .regex_reader import expand

    text = rule.pattern if isinstance(rule, re.Pattern) else rule
    if not isinstance(text, str) or not text:
        return []
    text = re.sub(r"^\^?https?://[^/]*", "", text.strip())
    text = re.sub(r"<(?:\w+(?:\([^>]*\))?:)?\w+>", ".*", unquote(text))
    # "/api*" and "/api/**" are no regular expressions: the star stands for anything.
    text = re.sub(r"(?<![.\])}SsdDwW])\*+", ".*", text)
    found = dict.fromkeys(map(_rule, expand(text)))
    rules = [rule for rule in found if rule]
    # "/api" is one of the paths of "/api/*".
    return (
        [] if None in found else [r for r in rules if f"{r}{_ALL_UNDER}" not in rules]
    )


def _rule(text: str) -> str | None:
    """Return the rule that an expanded *text* stands for, if there is one."""
    from .regex_reader import SOME

    path, some, more = text.partition(SOME)
    if more.strip("/"):  # A wildcard stands only at the end.
        return None
    path = re.sub("/+", "/", f"/{path}")
    rule = f"{path.rstrip('/')}{_ALL_UNDER}" if some else path
    return None if mistake_in(rule) else rule
