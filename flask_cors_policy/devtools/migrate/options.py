"""One option of Flask-CORS, as the option of the same name here.

``translate_option`` looks at one value by itself. What depends on several options,
such as credentials beside ``"*"``, is the matter of ``policies``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from ...core.checks import BROWSERS_LONGEST_MAX_AGE, CHECKS
from ...core.fetch_standard import is_forbidden_method, is_token
from ...core.settings import Report, Setting
from ..flask_cors_options import (
    ANYTHING,
    NOT_NEEDED,
    compiled,
    is_regex,
    joined,
    matches,
    max_age_header,
)
from .notes import Note, quoted
from .origins import translate_origin
from .regexes import alternatives

EVERY_HEADER: Final = ("*", "Authorization")
"""``"*"`` alone does not cover Authorization, says the standard
(https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name)."""

USUAL_HEADERS: Final = (
    "Accept-Language",
    "Authorization",
    "Cache-Control",
    "Content-Type",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "Range",
    "X-API-Key",
    "X-CSRF-Token",
    "X-CSRFToken",
    "X-Requested-With",
    "X-XSRF-TOKEN",
)
"""Headers that pages set, to find out what a regular expression was meant for."""

LEFT_OUT: Final = object()
"""In the place of a value: the option is left out."""


class Unknown:
    """A value that only the running application knows.

    :ivar code: the expression in the source.
    :ivar mentions_any: whether the text ``"*"`` occurs in it.
    :ivar is_regex: whether it is a compiled regular expression.
    """

    def __init__(
        self, code: str, *, mentions_any: bool = False, is_regex: bool = False
    ) -> None:
        self.code = code
        self.mentions_any = mentions_any
        self.is_regex = is_regex

    def __repr__(self) -> str:
        return self.code


class Translated(NamedTuple):
    """What one option becomes.

    :ivar value: a plain value, ``LEFT_OUT``, or the value as it was.
    :ivar items: for a list, what each of its items becomes.
    :ivar notes: what a person should know.
    """

    value: Any
    items: tuple[tuple[Any, ...], ...] | None = None
    notes: tuple[Note, ...] = ()


def translate_option(option: str, value: Any) -> Translated:
    """Return what to write for one option.

    :param option: its name, known to Flask-CORS or not.
    :param value: a plain value; ``Unknown`` itself, or in a list, stays as it is.
    :raises ValueError: if Flask-CORS does not start with it.
    """
    if isinstance(value, Unknown) and option in _TRANSLATORS:
        return Translated(value)
    translator = _TRANSLATORS.get(option)
    if translator is not None:
        return translator(value)
    if option in NOT_NEEDED:
        return Translated(LEFT_OUT, notes=_not_needed(option, value))
    message = f"Flask-CORS ignored the option {option}."
    if "origin" in option.lower():
        message += " Every site was allowed, and still is."
        fix = f"If it says whom to allow, write origins= in the place of {option}=."
        return Translated(LEFT_OUT, notes=(Note("option-ignored", message, fix),))
    return Translated(LEFT_OUT, notes=(Note("value-ignored", message),))


def _not_needed(option: str, value: Any) -> tuple[Note, ...]:
    message = f"{option} is not needed here."
    if option == "automatic_options" and value is False:
        message = "Preflights no longer reach the view: the policy answers them."
    if option == "allow_private_network" and value is True:
        message = "Browsers replaced Access-Control-Allow-Private-Network by a prompt."
    return (Note("option-not-needed", message),)


def _origins(value: Any) -> Translated:
    items = _listed(value)
    if any(_is_any(item) for item in items):
        return Translated(value if value in ("*", ["*"]) else "*")
    found = [
        ((item,), ()) if isinstance(item, Unknown) else translate_origin(item)
        for item in items
    ]
    notes = tuple(note for _, own in found for note in own)
    return _list(value, tuple(new for new, _ in found), notes)


def _methods(value: Any) -> Translated:
    """Methods are upper case here; Flask-CORS writes them so."""
    if isinstance(value, str) or not _is_list(value):
        items: list[Any] = (joined(value) or "").replace(",", " ").split()
    else:
        items = list(value)
    new: list[tuple[Any, ...]] = []
    ignored: list[str] = []
    for item in items:
        name = item if isinstance(item, Unknown) else str(item).strip().upper()
        if isinstance(name, Unknown) or (
            is_token(name) and name != "*" and not is_forbidden_method(name)
        ):
            new.append((name,))
        else:
            new.append(())
            ignored.append(quoted(str(item)))
    message = f"Flask-CORS allowed no method by {', '.join(ignored)} in methods."
    fix = "If pages may use every method of a route, delete methods."
    notes = (Note("value-ignored", message, fix),) if ignored else ()
    return _list(value, tuple(new), notes)


def _allow_headers(value: Any) -> Translated:
    items = _listed(value)
    if any(_is_any(item) or _covers_every_header(item) for item in items):
        return Translated(list(EVERY_HEADER))
    found = [_header(item) for item in items]
    notes = tuple(note for _, own in found for note in own)
    return _list(value, tuple(new for new, _ in found), notes)


def _header(item: Any) -> tuple[tuple[Any, ...], tuple[Note, ...]]:
    if isinstance(item, Unknown):
        return (item,), ()
    if isinstance(item, re.Pattern) or (isinstance(item, str) and is_regex(item)):
        return _header_expression(item)
    name = str(item)
    if not is_token(name):
        names = [quoted(part) for part in re.split("[, ]+", name) if is_token(part)]
        message = f"{quoted(name)} is one name to Flask-CORS, and allowed no header."
        fix = f"If pages send these headers, write {', '.join(names)}." if names else ""
        return (), (Note("value-ignored", message, fix),)
    if not _is_accepted("allow_headers", name):
        return (), (_refused(name, "send"),)
    return (name,), ()


def _header_expression(item: Any) -> tuple[tuple[Any, ...], tuple[Note, ...]]:
    pattern = compiled(item, ignore_case=True)
    found = alternatives(pattern)
    names: list[str] = [name for name in USUAL_HEADERS if pattern.match(name)]
    if found is not None and all(each.is_literal for each in found):
        names = ["".join(map(str, each.pieces)).title() for each in found]
        if all(each.ends for each in found):
            return tuple(names), ()
    written = quoted(str(getattr(item, "pattern", item)))
    listed = ", ".join(map(quoted, names)) or "nothing"
    message = f"{written} allowed every header that it matches. Written: {listed}."
    fix = "Which headers do your pages send? Add them to allow_headers."
    return tuple(names), (Note("header-regex", message, fix),)


def _covers_every_header(item: Any) -> bool:
    if isinstance(item, Unknown) or not isinstance(item, str | re.Pattern):
        return False
    if isinstance(item, str) and not is_regex(item):
        return False
    pattern = compiled(item, ignore_case=True)
    return all(matches(pattern, name) for name in (*USUAL_HEADERS, "Zz", "9", "A"))


def _expose_headers(value: Any) -> Translated:
    if value is None:
        return Translated(LEFT_OUT)
    items: list[Any] = list(value) if _is_list(value) else [value]
    unknown = [item for item in items if isinstance(item, Unknown)]
    new: list[tuple[Any, ...]] = []
    refused: list[str] = []
    for item in items:
        parts = [item] if item in unknown else [x.strip() for x in str(item).split(",")]
        kept = [part for part in parts if part]
        if not all(isinstance(part, Unknown) or is_token(part) for part in kept):
            message = f"{quoted(str(item))} is no header name. No header was exposed."
            return Translated(LEFT_OUT, notes=(Note("value-ignored", message),))
        bad = [x for x in kept if not _is_accepted("expose_headers", x)]
        refused += bad
        new.append(tuple(part for part in kept if part not in bad))
    if any("*" in each for each in new) and len(items) > 1:
        new = [tuple(part for part in each if part == "*") for each in new]
    notes = tuple(_refused(name, "read") for name in refused)
    return _list(value, tuple(new), notes)


def _supports_credentials(value: Any) -> Translated:
    return Translated(bool(value))


def _max_age(value: Any) -> Translated:
    if isinstance(value, timedelta) and not value.microseconds:
        return Translated(value) if value.total_seconds() > 0 else Translated(LEFT_OUT)
    text = max_age_header(value)
    if text is None:
        return Translated(LEFT_OUT)
    if not (text.isascii() and text.isdecimal()):
        message = f"No browser takes {value!r} as a number of seconds."
        return Translated(LEFT_OUT, notes=(Note("value-ignored", message),))
    return Translated(min(int(text), BROWSERS_LONGEST_MAX_AGE))


_TRANSLATORS: Final[dict[str, Callable[[Any], Translated]]] = {
    "origins": _origins,
    "methods": _methods,
    "allow_headers": _allow_headers,
    "expose_headers": _expose_headers,
    "supports_credentials": _supports_credentials,
    "max_age": _max_age,
}


def _list(
    value: Any, items: tuple[tuple[Any, ...], ...], notes: tuple[Note, ...]
) -> Translated:
    """Return a translated list; one that did not change is the value as it was."""
    flat = list(dict.fromkeys(new for each in items for new in each))
    is_scalar = not _is_list(value)
    split = value.replace(",", " ").split() if isinstance(value, str) else None
    if flat == (split or _listed(value)):
        return Translated(value, None if is_scalar else items, notes)
    new = flat[0] if is_scalar and len(flat) == 1 else flat
    return Translated(new, None if is_scalar else items, notes)


def _listed(value: Any) -> list[Any]:
    return list(value) if _is_list(value) else [value]


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)


def _is_any(item: Any) -> bool:
    return isinstance(item, str) and item in ("*", ANYTHING)


def _is_accepted(option: str, name: Any) -> bool:
    """Say whether a policy takes *name* in a list of headers."""
    report = Report()
    if isinstance(name, str):
        CHECKS[option](Setting([name], option), report)
    return not report.problems


def _refused(name: str, verb: str) -> Note:
    message = f"No page can {verb} the header {name}, or has any use for it."
    return Note("header-refused", message)
