"""Which blueprint a path belongs to that no route serves: by its URL prefix."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Blueprint

from ..core.paths import is_unsettled
from .marks import Mark, read_mark, set_mark

if TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState

_PREFIXES: Final = "flask_cors_policy.prefixes"


class Prefix(NamedTuple):
    """The URL prefix of a blueprint, as one application registered it."""

    blueprint: str
    segments: tuple[str, ...]

    @property
    def all_under(self) -> str:
        """The rule of a route that would serve every path under this prefix."""
        return "/".join(["", *self.segments, "<path:rest>"])

    def covers(self, segments: list[str]) -> bool:
        """Say whether a path of *segments* is under this prefix.

        A segment with a converter in it covers any one segment.
        """
        return len(self.segments) <= len(segments) and all(
            "<" in own or own == other
            for own, other in zip(self.segments, segments, strict=False)
        )


def put_mark(target: object, mark: Mark) -> None:
    """Set *mark* on *target*; see to it that the prefixes of a blueprint get known.

    :raises PolicyError: where *target* has a mark of its own already.
    :raises TypeError: where *target* cannot be marked, as a bound method.
    """
    set_mark(target, mark)
    if isinstance(target, Blueprint):
        # Where it is registered already, the prefix is told from its rules.
        with suppress(AssertionError):
            target.record(_remember_prefix)


def marked_prefixes(app: Flask) -> list[Prefix]:
    """Return the prefixes of the marked blueprints of *app*, the longest first.

    A blueprint without a prefix has none: a path of no route is not its own.
    """
    recorded: dict[str, str] = app.extensions.get(_PREFIXES, {})
    prefixes: list[Prefix] = []
    for name, blueprint in app.blueprints.items():
        if read_mark(blueprint) is None:
            continue
        prefix = recorded.get(name)
        if prefix is None:
            prefix = _prefix_of_rules(app, name, blueprint.url_prefix or "")
        segments = tuple(part for part in prefix.split("/") if part)
        if segments:
            prefixes.append(Prefix(name, segments))
    return sorted(prefixes, key=lambda prefix: -len(prefix.segments))


def owner(prefixes: Iterable[Prefix], path: str) -> str | None:
    """Return the name of the blueprint that *path* is nearest to.

    :param path: PATH_INFO, as the server decoded it.
    """
    if is_unsettled(path):
        return None
    segments = path.encode("latin-1").decode("utf-8", "replace").split("/")[1:]
    for prefix in prefixes:
        if prefix.covers(segments):
            return prefix.blueprint
    return None


def _remember_prefix(state: BlueprintSetupState) -> None:
    name = f"{state.name_prefix}.{state.name}".lstrip(".")
    prefixes = state.app.extensions.setdefault(_PREFIXES, {})
    prefixes[name] = state.url_prefix or ""


def _prefix_of_rules(app: Flask, name: str, own: str) -> str:
    """Return the prefix under which a blueprint was registered, told from its rules.

    It is within what its rules have in common. There it ends with the prefix that the
    blueprint was made with (*own*), if it has one; and else where it first differs
    from the rules of everything else.
    """
    rules: list[list[str]] = []
    others: list[list[str]] = []
    for rule in app.url_map.iter_rules():
        inside = rule.endpoint.startswith(f"{name}.")
        (rules if inside else others).append(rule.rule.split("/")[1:-1])
    shared: list[str] = []
    for parts in zip(*rules, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    common = "/".join(["", *shared, ""])
    made_with = f"/{own.strip('/')}/"
    at = common.find(made_with)
    if at >= 0:
        return common[: at + len(made_with)]
    for depth in range(1, len(shared)):
        if not any(other[:depth] == shared[:depth] for other in others):
            return "/".join(["", *shared[:depth]])
    return common
