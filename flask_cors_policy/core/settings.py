"""The options of a policy as they were written, and what is found wrong with them.

A value stands beside the place where it was written, so that an error can name the
setting as the user typed it. What is wrong is noted in a :class:`Report` and the check
goes on, so that one start of the process shows everything there is to correct.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

from .errors import PolicyError, Problem, a_type


class _Unwritten(tuple[str, ...]):
    """Methods that were left out: none, but an empty list was written by somebody."""

    __slots__ = ()

    def __reduce__(self) -> str:
        return "UNWRITTEN"


UNWRITTEN: Final[tuple[str, ...]] = _Unwritten()
"""``methods`` where they are left out: in Flask, they are those of the URL's routes."""

DEFAULTS: Final[Mapping[str, Any]] = {
    "methods": UNWRITTEN,
    "allow_headers": ("Authorization", "Content-Type"),
    "expose_headers": (),
    "supports_credentials": False,
    "max_age": None,
    "preflight_status": 204,
    "timing_allow_origin": False,
    "enforce": False,
    "accept_risks": frozenset(),
}
"""What an option is when it is left out; ``origins`` cannot be.

A default counts only at the outermost place: an inner policy inherits the outer value.
The default of ``allow_headers`` is what an API's own pages set: JSON and a token.
"""

OPTIONS: Final = ("origins", *DEFAULTS)
"""Every option of a policy; what values they take stands in ``options``."""

UNSET: Final = "Perhaps an environment variable is not set."
"""Ends the hint where a value is ``None`` or an item is empty."""


class Setting(NamedTuple):
    """A value and where it came from, as the user typed it: ``CORS_ORIGINS[2]``."""

    value: Any
    name: str

    def item(self, index: int, value: Any) -> Setting:
        """Return the setting of one item of this one."""
        return Setting(value, f"{self.name}[{index}]")


RawOptions = Mapping[str, Setting]
"""Option name -> its setting. Options left out are not in it."""


def raw_options(options: Mapping[str, Any], place: str = "") -> dict[str, Setting]:
    """Return *options* as settings, named as the items of *place*; values are copied.

    :param place: what holds the options, as the user typed it: ``CORS_POLICIES['x']``;
        left out where they were typed as keyword arguments.
    """
    return {
        key: Setting(copied(value), f"{place}[{key!r}]" if place else key)
        for key, value in options.items()
    }


def copied(value: Any) -> Any:
    """Return *value*, or a copy if it has items that others can change or use up.

    (An iterator can be read only once, and several policies may inherit it.)
    """
    if isinstance(value, list):
        return list(map(_copied_item, value))
    if isinstance(value, set):
        return value.copy()
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    whole = isinstance(
        value, str | bytes | bytearray | frozenset | Mapping | _Unwritten
    )
    if whole or callable(value) or not isinstance(value, Iterable):
        return value
    return tuple(map(_copied_item, value))


def _copied_item(item: Any) -> Any:
    """Copy an item of ``origins`` that has options; a million strings go fast."""
    return copied(item) if isinstance(item, tuple | list | dict) else item


class Report:
    """What the checks of one policy found.

    ``problems`` stop the policy from being built; ``warnings`` are worth a warning.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def problem(self, at: Setting, reason: str, message: str, hint: str) -> None:
        """Note a mistake in the setting *at*."""
        if at.value is None and reason == "wrong-type":
            hint = f"{hint} {UNSET}"
        self.problems.append(Problem(at.name, at.value, reason, message, hint))

    def warning(self, at: Setting, reason: str, message: str, hint: str) -> None:
        """Note what works less well than the setting *at* seems to promise."""
        self.warnings.append(Problem(at.name, at.value, reason, message, hint))

    def add(
        self, problems: Iterable[Problem] = (), warnings: Iterable[Problem] = ()
    ) -> None:
        """Take over what another report found, each thing once.

        (A setting that several policies inherit is wrong in each of them.)
        """
        for found, known in ((problems, self.problems), (warnings, self.warnings)):
            seen = {(item.setting, item.reason, item.message) for item in known}
            for item in found:
                if (item.setting, item.reason, item.message) not in seen:
                    known.append(item)

    def raise_problems(self) -> None:
        """Raise :class:`PolicyError` with all problems, if there are any."""
        if self.problems:
            raise PolicyError(self.problems)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the entry of *known* nearest to *name*, or them all."""
    known = sorted(known)
    near = nearest(name, known)
    return f'Did you mean "{near}"?' if near else f"There are: {', '.join(known)}."


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the entry of *known* that is spelled most like *name*, or ``""``."""
    import difflib  # Here, because only mistakes need it.

    return next(iter(difflib.get_close_matches(name, sorted(known), n=1)), "")


def quoted(items: Iterable[str]) -> str:
    """Return *items* as they stand in a list of Python."""
    return ", ".join(f'"{item}"' for item in items)


def unset_hint(item: str) -> str:
    """Return what ends the hint about an empty item; ``""`` for any other."""
    return "" if item.strip() else f" {UNSET}"


def listed(setting: Setting, report: Report) -> Iterator[Setting]:
    """Yield the items of a list option, each with its name, copied from the input.

    A string is split at commas and whitespace (that is how environment variables
    carry lists); of anything else iterable each item is an item as it stands.
    """
    value = setting.value
    if isinstance(value, str):
        parts = value.replace(",", " ").split()
        if len(parts) == 1:
            yield Setting(parts[0], setting.name)
        else:
            yield from (setting.item(i, part) for i, part in enumerate(parts))
    elif isinstance(value, Iterable) and not isinstance(
        value, bytes | bytearray | Mapping
    ):
        items: list[object] = list(cast("Iterable[object]", value))
        if isinstance(value, set | frozenset):  # The same order in every process.
            items.sort(key=str)
        yield from (setting.item(i, item) for i, item in enumerate(items))
    else:
        message = f"{a_type(value)} is not a list of strings."
        report.problem(setting, "wrong-type", message, 'Write ["...", "..."].')


def strings(setting: Setting, report: Report) -> Iterator[Setting]:
    """Yield the items of a list of strings; report and leave out the others."""
    for item in listed(setting, report):
        if isinstance(item.value, str):
            yield item
        else:
            message = f"{a_type(item.value)} is not a string."
            report.problem(item, "wrong-type", message, "Write a string.")
