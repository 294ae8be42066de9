"""``Marker``: what ``@cross_origin(...)`` decorates with."""

from __future__ import annotations

from typing import TypeVar

import flask

from ..core.errors import PolicyError
from ..core.policy import check_each
from ..core.settings import Report, Setting, copied
from .blueprints import put_mark
from .marks import Mark, place_of
from .settings import refuse_habits

T = TypeVar("T")


class Marker:
    """What ``@cross_origin(...)`` decorates with."""

    def __init__(self, name: str | None, options: dict[str, object]) -> None:
        self._name = name
        self._options = {option: copied(value) for option, value in options.items()}
        self._checked = False

    def __call__(self, target: T) -> T:
        """Mark *target* and return it, the same object."""
        mark = self.mark(target)
        try:
            put_mark(target, mark)
        except (PolicyError, TypeError):
            # Flask-RESTful and its like decorate bound methods anew for each request;
            # what stands in their lists has been read from there.
            if not flask.has_request_context():
                raise
        return target

    def mark(self, target: object) -> Mark:
        """Return the mark that *target* gets.

        :raises PolicyError: where an option is wrong by itself.
        """
        place = place_of("@cross_origin", target)
        settings = {
            option: Setting(value, f"{place}: {option}")
            for option, value in self._options.items()
        }
        if not self._checked:
            report = Report()
            check_each(refuse_habits(settings, report), report)
            report.raise_problems()
            self._checked = True
        return Mark(place, settings, self._name)
