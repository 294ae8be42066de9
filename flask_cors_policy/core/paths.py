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

from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


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
        or "//" in path
        or "/./" in path
        or "/../" in path
        or path.endswith(("/.", "/.."))
    )
