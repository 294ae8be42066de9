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


class _Segment(Generic[T]):
    """What governs a path up to one of its segments, and what may come next.

    :param governed: the last rule on the way here that ends in ``/*``.
    """

    __slots__ = ("following", "governed")

    def __init__(self, governed: Governed[T] | None) -> None:
        self.governed = governed
        self.following: dict[str, _Segment[T]] = {}


class PathRules(Generic[T]):
    """Path rules, compiled; never changed after they were built.

    :param rules: path rule to anything. They must have passed ``check_path_rules``.
    """

    __slots__ = ("_depth", "_exact", "_root")

    def __init__(self, rules: Mapping[str, T]) -> None:
        self._exact: dict[str, Governed[T]] = {}
        self._root: _Segment[T] = _Segment(None)
        self._depth = 0
        # Outer rules first, so that what is inside begins with what governs around it.
        for rule in sorted(rules, key=lambda rule: rule.count("/")):
            # PEP 3333: PATH_INFO carries the bytes of a path as Latin-1 characters.
            path = rule.encode().decode("latin-1")
            governed = Governed(rule, rules[rule])
            if not rule.endswith("/*"):
                self._exact[path] = governed
                continue
            segment = self._root
            for name in path.split("/")[:-1]:
                inner = _Segment(segment.governed)
                segment = segment.following.setdefault(name, inner)
            segment.governed = governed
            self._depth = rule.count("/")

    def __bool__(self) -> bool:
        """Whether there are any rules."""
        return bool(self._exact or self._root.following)

    def governing(self, path: str) -> Governed[T] | None:
        """Return the rule that governs *path*, ``None`` if there is none.

        :param path: PATH_INFO, as the server decoded it; empty stands for ``/``.
        """
        path = path or "/"
        # Almost no path is near to that, which is told in a tenth of the time.
        if ("//" in path or "/." in path) and is_unsettled(path):
            return None
        found = self._exact.get(path)
        if found is not None:
            return found
        segment = self._root
        for name in path.split("/", self._depth):
            inner = segment.following.get(name)
            if inner is None:
                break
            segment = inner
        return segment.governed


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
