"""Arguments, elements of lists and items of dicts: taken out, replaced and added.

What is removed takes the comment beside it with it; a comment on a line of its own
stays. What is added stands on a line of its own if its neighbours do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import libcst as cst

_NO_SPACE: Final = cst.SimpleWhitespace("")
_SPACE: Final = cst.SimpleWhitespace(" ")


def edited_call(
    call: cst.Call,
    removed: Iterable[int],
    added: Sequence[tuple[str, cst.BaseExpression]],
) -> cst.Call:
    """Return *call* without some arguments, and with new ones at its end."""
    spaced = cst.AssignEqual(_NO_SPACE, _NO_SPACE)
    new = [cst.Arg(value, cst.Name(name), equal=spaced) for name, value in added]
    changed: dict[int, list[cst.Arg]] = {index: [] for index in removed}
    arguments = with_items(call.args, changed)
    opening = _with_lines(call.whitespace_before_args, call.args, changed)
    return call.with_changes(
        args=with_added(arguments, new, opening), whitespace_before_args=opening
    )


def edited_dict(
    node: cst.Dict,
    changed: Mapping[int, list[cst.DictElement]],
    added: Sequence[tuple[str, cst.BaseExpression]],
    quote: Callable[[str], str],
) -> cst.Dict:
    """Return *node* with some elements replaced, and with new ones at its end."""
    new = [
        cst.DictElement(cst.SimpleString(quote(name)), value) for name, value in added
    ]
    present = node.elements
    elements = with_items(present, changed)
    brace = opened(node.lbrace, present, changed)
    return node.with_changes(
        elements=with_added(elements, new, brace.whitespace_after), lbrace=brace
    )


def with_items(items: Sequence[Any], changed: Mapping[int, list[Any]]) -> list[Any]:
    """Return *items* with some of them replaced by others, by none or by several."""
    if not items or not changed:
        return list(items)
    result: list[Any] = []
    for index, item in enumerate(items):
        new = changed.get(index, [item])
        for position, each in enumerate(new):
            if each is item or position == len(new) - 1:
                result.append(each if each is item else _in_place_of(each, item))
            else:
                result.append(each.with_changes(comma=_separator(items)))
        if not new and result and index < len(items) - 1:
            result[-1] = _before_gap(result[-1], item)
    if result and changed.get(len(items) - 1) == []:
        result[-1] = _in_place_of(result[-1], items[-1], keep_comment=True)
    return result


def with_added(
    items: Sequence[Any],
    new: Sequence[Any],
    opening: cst.BaseParenthesizableWhitespace,
) -> list[Any]:
    """Return *items* and *new* after them, one on each line if *items* are so."""
    if not new:
        return list(items)
    if not items:
        commas: list[Any] = [cst.Comma(whitespace_after=_SPACE)] * (len(new) - 1)
        ends = [*commas, cst.MaybeSentinel.DEFAULT]
        return [
            item.with_changes(comma=comma)
            for item, comma in zip(new, ends, strict=True)
        ]
    last: Any = items[-1]
    between = _separator(items, opening)
    first, end = between, last.comma
    if isinstance(end, cst.Comma):  # The comment beside the last item stays beside it.
        space = _with_comment(between.whitespace_after, end.whitespace_after)
        first = cst.Comma(whitespace_after=space)
        end = cst.Comma(whitespace_after=_without_comment(end.whitespace_after))
    added: Any = new[-1].with_changes(comma=end)
    if isinstance(last, cst.Arg):
        added = added.with_changes(whitespace_after_arg=last.whitespace_after_arg)
        last = last.with_changes(whitespace_after_arg=_NO_SPACE)
    inner = [item.with_changes(comma=between) for item in new[:-1]]
    return [*items[:-1], last.with_changes(comma=first), *inner, added]


def opened(bracket: Any, items: Sequence[Any], changed: Mapping[int, list[Any]]) -> Any:
    space = _with_lines(bracket.whitespace_after, items, changed)
    return bracket.with_changes(whitespace_after=space)


def _with_lines(
    space: Any, items: Sequence[Any], changed: Mapping[int, list[Any]]
) -> Any:
    """Return the space before *items* with the lines that stood after the first ones.

    (Those that are removed: a comment on a line of its own belongs to what follows.)
    """
    lines: list[cst.EmptyLine] = []
    for index, item in enumerate(items):
        if changed.get(index) != []:
            break
        comma = item.comma
        if isinstance(comma, cst.Comma) and isinstance(
            comma.whitespace_after, cst.ParenthesizedWhitespace
        ):
            lines += comma.whitespace_after.empty_lines
    if lines and isinstance(space, cst.ParenthesizedWhitespace):
        return space.with_changes(empty_lines=[*space.empty_lines, *lines])
    return space


def _in_place_of(new: Any, old: Any, *, keep_comment: bool = False) -> Any:
    """Return *new* with the comma and the space after *old*."""
    comma = old.comma
    if keep_comment and isinstance(comma, cst.Comma):
        own = new.comma.whitespace_after if isinstance(new.comma, cst.Comma) else None
        comma = cst.Comma(
            whitespace_after=_with_comment(
                _without_comment(comma.whitespace_after), own or _NO_SPACE
            )
        )
    new = new.with_changes(comma=comma)
    if isinstance(old, cst.Arg):
        new = new.with_changes(whitespace_after_arg=old.whitespace_after_arg)
    return new


def _before_gap(item: Any, removed: Any) -> Any:
    """Return *item* with the lines between *removed* and what follows it."""
    space, gap = item.comma.whitespace_after, removed.comma.whitespace_after
    if isinstance(gap, cst.ParenthesizedWhitespace):
        lines = [*getattr(space, "empty_lines", ()), *gap.empty_lines]
        space = _with_comment(gap.with_changes(empty_lines=lines), space)
    comma = item.comma.with_changes(whitespace_after=space)
    return item.with_changes(comma=comma)


def _separator(
    items: Sequence[Any], opening: cst.BaseParenthesizableWhitespace = _NO_SPACE
) -> cst.Comma:
    """Return the comma and the space that stand between two of *items*."""
    if len(items) > 1:
        return cst.Comma(whitespace_after=_bare(items[0].comma.whitespace_after))
    if isinstance(opening, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=_bare(opening))
    return cst.Comma(whitespace_after=_SPACE)


def _bare(space: Any) -> Any:
    """Return *space* without comments and empty lines."""
    return (
        _without_comment(space.with_changes(empty_lines=[]))
        if isinstance(space, cst.ParenthesizedWhitespace)
        else space
    )


def _without_comment(space: Any) -> Any:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    line = space.first_line.with_changes(comment=None, whitespace=_NO_SPACE)
    return space.with_changes(first_line=line)


def _with_comment(space: Any, source: Any) -> Any:
    """Return *space* with the comment at the end of the line that *source* has."""
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(
        source, cst.ParenthesizedWhitespace
    ):
        return space.with_changes(first_line=source.first_line)
    return space
