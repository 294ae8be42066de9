"""What the policy of a route is made of: layers, each with the place it stands at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from ..core.settings import Setting, Written

APPLICATION: Final = "the application"


class Layer(NamedTuple):
    """What one place adds to the policy of a route.

    :param place: where it stands, for people.
    :param settings: what it does not inherit; ``None`` where it takes the route out of
        every policy.
    """

    place: str
    settings: Written | None


def merged(layers: Iterable[Layer]) -> dict[str, Setting]:
    """Return what *layers*, from the outside in, come to."""
    settings: dict[str, Setting] = {}
    for layer in layers:
        settings.update(layer.settings or {})
    return settings


def resource(path_rule: str) -> str:
    """Return the place of a path rule of ``resources``."""
    return f"resources {path_rule!r}"
