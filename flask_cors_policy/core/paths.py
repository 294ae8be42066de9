"""Which policy governs a path.

Rule 1. ``"/api/*"`` is /api and everything under it; ``"/api/items"`` is exactly
        that path. Whole segments are compared, and upper case is not lower case.
Rule 2. The rule with the most segments wins; of two with as many, the exact one.
Rule 3. The path is compared as the server decoded it. It is never decoded again.
Rule 4. A path with ``.``, ``..`` or empty segments inside is governed by no rule:
        what it leads to depends on who resolves it.
Rule 5. A path is looked at only as deep as the rules go, however long it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Generic, TypeVar

from .settings import Report, Setting

T = TypeVar("T", covariant=True)

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
# Parentheses and a dollar sign inside do occur in paths; "|", "?" and the like do not.
_NOT_A_PATH: Final = re.compile(r"[*?#<>\\^|{}]|\.\+|\[|\$$")
_UNSETTLED: Final = re.compile(r"/\.{0,2}/")


class Governed(Generic[T]):
    """The outcome of a look-up: the rule as it was written, and what it leads to."""

    __slots__ = ("rule", "value")

    def __init__(self, rule: str, value: T) -> None:
        self.rule = rule
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Governed) and (self.rule, self.value) == (
            other.rule,
            other.value,
        )

    __hash__ = None  # type: ignore[assignment]


class PathRules(Generic[T]):
    """Path rules, compiled; never changed after they were built.

    :param rules: path rule to anything. They must have passed ``check_path_rules``.
    """

    __slots__ = ("_depth", "_exact", "_under")

    def __init__(self, rules: Mapping[str, T]) -> None:
        exact: dict[str, Governed[T]] = {}
        under: dict[str, Governed[T]] = {}
        for rule, value in rules.items():
            table, path = (under, rule[:-2]) if rule.endswith("/*") else (exact, rule)
            # PEP 3333: PATH_INFO carries the bytes of a path as Latin-1 characters.
            table[path.encode().decode("latin-1")] = Governed(rule, value)
        self._exact = exact
        self._under = under
        self._depth = max((path.count("/") for path in under), default=-1)

    def __bool__(self) -> bool:
        """Whether there are any rules."""
        return bool(self._exact or self._under)

    def governing(self, path: str) -> Governed[T] | None:
        """Return the rule that governs *path*, ``None`` if there is none.

        :param path: PATH_INFO, as the server decoded it; empty stands for ``/``.
        """
        path = path or "/"
        # Almost no path is near to that, which is told in a tenth of the time.
        near = path[0] != "/" or "//" in path or "/." in path
        if near and is_unsettled(path):
            return None
        found = self._exact.get(path)
        if found is not None:
            return found
        end = 0  # Of the prefixes "", "/a", "/a/b", ... the last known one wins.
        for _ in range(self._depth + 1):
            found = self._under.get(path[:end], found)
            if end == len(path):
                break
            end = path.find("/", end + 1)
            if end < 0:
                end = len(path)
        return found


def is_unsettled(path: str) -> bool:
    """Say whether *path* has ``.``, ``..`` or empty segments inside.

    (RFC 3986, 5.2.4. A slash at the end is no empty segment inside.)
    """
    return (
        not path.startswith("/")
        or _UNSETTLED.search(path) is not None
        or path.endswith(("/.", "/.."))
    )


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
        message = "Without a path rule nothing is governed."
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
    if is_unsettled(rule.removesuffix("*")):
        return "No path with ., .. or empty segments inside is governed.", example
    return None
