"""Path rules: which policy applies to a path.

Rule 1. ``"/api/*"`` is /api and everything under it; ``"/api/items"`` is exactly
        that path. Whole segments are compared, and upper case is not lower case.
Rule 2. The rule with the most segments wins; of two with as many, the exact one.
Rule 3. The path is compared as the server decoded it. It is never decoded again.
Rule 4. A path with ``.``, ``..`` or empty segments inside is ambiguous: the server, a
        proxy and the application may read it as different paths. No rule applies.
Rule 5. A path is looked at only as deep as the rules go, however long it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class PathRules(Generic[T]):
    """Path rules, compiled; never changed after they were built.

    :param rules: path rule to anything. They must have passed ``check_path_rules``.
    """

    __slots__ = ("_exact", "_root")

    def __init__(self, rules: Mapping[str, T]) -> None:
        self._exact: dict[str, tuple[str, T]] = {}
        self._root: _Segment[T] = _Segment()
        for rule, value in rules.items():
            if not rule.endswith("/*"):
                self._exact[rule] = rule, value
                continue
            segment = self._root
            for name in rule.split("/")[:-1]:
                segment = segment.following.setdefault(name, _Segment())
            segment.found = rule, value

    def find(self, path: str) -> tuple[str, T] | None:
        """Return the rule that applies to *path* and its value, or ``None``.

        :param path: a path that is not ambiguous; empty stands for ``/``.
        """
        path = path or "/"
        found = self._exact.get(path)
        if found is not None:
            return found
        segment, start = self._root, 0
        while segment.following and start <= len(path):
            end = path.find("/", start)
            end = len(path) if end == -1 else end
            inner = segment.following.get(path[start:end])
            if inner is None:
                break
            segment, start = inner, end + 1
            found = segment.found or found
        return found


class _Segment(Generic[T]):
    """A segment of the rules that end in ``/*``.

    :ivar found: the rule that ends here, and its value.
    :ivar following: the segments that may come next.
    """

    __slots__ = ("following", "found")

    def __init__(self) -> None:
        self.found: tuple[str, T] | None = None
        self.following: dict[str, _Segment[T]] = {}


def is_ambiguous(path: str) -> bool:
    """Say whether *path* has ``.``, ``..`` or empty segments inside.

    (RFC 3986, 5.2.4. A slash at the end is no empty segment inside.)
    """
    # Almost no path has one of the two, so that almost none is looked at twice.
    if path[:1] == "/" and "//" not in path and "/." not in path:
        return False
    return (
        path[:1] != "/"
        or "//" in path
        or "/./" in path
        or "/../" in path
        or path.endswith(("/.", "/.."))
    )
