"""What the commands of ``flask cors`` share: the application, and how they print."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click
from flask.cli import ScriptInfo

from ..core.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

    from .lines import Line, Role


class Mistaken(click.ClickException):
    """The policies of the application hold a mistake: it answers no request at all."""

    exit_code = 1

    def __init__(self, error: PolicyError, as_json: bool) -> None:
        super().__init__(str(error))
        self._error = error
        self._as_json = as_json

    def show(self, file: Any = None) -> None:
        """Print the mistakes as the command would have printed its result."""
        from .explaining.explanation import invalid_policy_data, invalid_policy_lines

        if self._as_json:
            print_json(invalid_policy_data(self._error))
        else:
            print_lines(invalid_policy_lines(self._error))


def load_app(as_json: bool = False) -> Flask:
    """Return the application that the command line names.

    :raises Mistaken: if ``CORS(app)`` has refused its policy.
    """
    info = click.get_current_context().ensure_object(ScriptInfo)
    try:
        return info.load_app()
    except PolicyError as error:
        raise Mistaken(error, as_json) from None


def print_lines(lines: Iterable[Line]) -> None:
    """Print *lines*: in colour on a terminal, unless ``NO_COLOR`` is set.

    (https://no-color.org; click itself leaves colours out in a pipe.)
    """
    from .lines import joined

    click.echo(joined(lines, None if os.environ.get("NO_COLOR") else _styled))


def print_json(data: object) -> None:
    """Print *data* for programs."""
    click.echo(json.dumps(data, indent=2))


def _styled(text: str, role: Role) -> str:
    look = role.value
    if look in ("bold", "dim"):
        return click.style(text, bold=look == "bold" or None, dim=look == "dim" or None)
    return click.style(text, fg=look) if look else text
