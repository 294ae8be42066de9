"""Items of ``origins``: which pages one meant in Flask-CORS, and what to write here.

What is written allows no origin that the item did not allow. Where it cannot say the
same it says less: an expression without an end allowed longer hosts, and a wildcard
in it stands for whole labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...core.fetch_standard import NULL_ORIGIN
from ...core.origin import OriginPattern
from ...core.origin_mistakes import corrected
from ..flask_cors_options import ANYTHING, compiled, is_regex
from .notes import Note, quoted
from .origin_expressions import STRANGERS, TranslatedExpression, translate


class OriginItem(NamedTuple):
    """What one item of ``origins`` becomes.

    :ivar new: strings, and compiled expressions; ``"*"`` alone for every origin.
    :ivar notes: what a person should know.
    """

    new: tuple[str | re.Pattern[str], ...]
    notes: tuple[Note, ...] = ()


def translate_origin(item: Any) -> OriginItem:
    """Return what to write for one item.

    :param item: as Flask-CORS was given it.
    :raises ValueError: if it is an invalid regular expression.
    """
    if item in ("*", ANYTHING):
        return OriginItem(("*",))
    if isinstance(item, str) and not is_regex(item):
        return _literal(item)
    if isinstance(item, str | re.Pattern):
        return _expression(item, compiled(item, ignore_case=True))
    return OriginItem((), (never_matched(item),))


def never_matched(item: Any) -> Note:
    """Return the note about an item that allowed no page."""
    if item == "":
        return Note("origin-never-matched", "An empty origin allowed nobody.")
    if not isinstance(item, str):
        return Note("origin-never-matched", f"{item!r} is not an origin.")
    if is_regex(item):
        message = f"As a regular expression, {quoted(item)} matches no page."
    else:
        message = f"No browser sends {quoted(item)} as Origin."
    meant = item if OriginPattern.parse(item) else corrected(item)
    fix = f"If these pages are yours, write {quoted(meant)}." if meant else ""
    return Note("origin-never-matched", message, fix)


def _literal(text: str) -> OriginItem:
    written = text.lower()
    if written == NULL_ORIGIN or OriginPattern.parse(written):
        return OriginItem((written,))
    return OriginItem((), (never_matched(text),))


def _expression(item: str | re.Pattern[str], pattern: re.Pattern[str]) -> OriginItem:
    """Translate an expression, or a string that Flask-CORS took for one."""
    written = item if isinstance(item, str) else item.pattern
    new = translate(pattern)
    strangers = [origin for origin in STRANGERS if pattern.match(origin)]
    notes: list[Note] = []
    if new.is_open or (strangers and not new.items):
        example = f", such as {strangers[0]}" if strangers else ""
        notes.append(
            Note(
                "any-site",
                f"{quoted(written)} allowed sites that anybody can register{example}. "
                f"Written: {_listed(new.items) or 'nothing'}.",
                'Which pages are yours? List them, or write origins="*" if every site '
                "may read this API without cookies.",
            )
        )
    elif not new.items:
        notes.append(never_matched(written))
    else:
        notes += _about(written, pattern, new)
    return OriginItem(new.items, tuple(notes))


def _about(
    written: str, pattern: re.Pattern[str], new: TranslatedExpression
) -> Iterator[Note]:
    longer = (f"{each}.stranger.invalid" for each in new.examples)
    other = next(filter(pattern.match, (*longer, *STRANGERS)), None)
    if other is not None:
        message = f"{quoted(written)} allowed {other}, too."
        yield Note("origin-narrowed", f"{message} Written: {_listed(new.items)}.")
    if any(isinstance(each, re.Pattern) for each in new.items):
        message = f"{quoted(written)} stays a regular expression: {_listed(new.items)}."
        fix = 'If a pattern such as "https://*.example.com" will do, write that.'
        yield Note("origin-regex", message, fix)


def _listed(items: Iterable[str | re.Pattern[str]]) -> str:
    return ", ".join(
        quoted(item) if isinstance(item, str) else f're.compile(r"{item.pattern}")'
        for item in items
    )
