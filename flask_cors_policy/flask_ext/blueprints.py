"""Which blueprint a path belongs to that no route serves: by its URL prefix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from ..core.paths import is_unsettled
from .marks import Mark, read_mark, set_mark

if TYPE_CHECKING:
    from flask import Blueprint, Flask
    from flask.blueprints import BlueprintSetupState

_PREFIXES: Final = "flask_cors_policy.prefixes"


class Prefix(NamedTuple):
    """The URL prefix of a blueprint, as one application registered it."""

    blueprint: str
    segments: tuple[str, ...]

    def covers(self, segments: list[str]) -> bool:
        """Say whether a path of *segments* is under this prefix.

        A segment with a converter in it covers any one segment.
        """
        return len(self.segments) <= len(segments) and all(
            "<" in own or own == other
            for own, other in zip(self.segments, segments, strict=False)
        )


def mark_blueprint(blueprint: Blueprint, mark: Mark) -> None:
    """Set *mark* on *blueprint*, and see to it that its prefixes get known."""
    set_mark(blueprint, mark)
    try:
        blueprint.record(_remember_prefix)
    except AssertionError:  # Registered before: the prefix is told from its rules.
        pass


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
    """Return the prefix that the rules of a registered blueprint have in common.

    :param own: the prefix the blueprint was made with; where it is part of what the
        rules have in common, what follows it belongs to the rules themselves.
    """
    rules = [
        rule.rule.split("/")[1:-1]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[0] == name
    ]
    shared: list[str] = []
    for parts in zip(*rules, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    common = "/" + "/".join(shared) + "/"
    own = "/" + own.strip("/") + "/"
    at = common.find(own)
    return common if at < 0 else common[: at + len(own)]
