"""Keys of ``resources``: which paths one covered in Flask-CORS, and what to write.

A path rule here covers whole segments. What is written covers no path that the key
did not cover, with one exception: ``"/api/*"`` covers /api too, and an expression such
as ``/api/.*`` did not.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ...core.path_settings import check_path_rules
from ...core.paths import PathRules
from ...core.settings import Report, Setting
from ..flask_cors_options import Resource
from .notes import Note, quoted
from .regexes import Alternative, Run, alternatives

_CONVERTER: Final = re.compile(r"<[^>]*>")
_WORD: Final = frozenset(string.ascii_letters + string.digits + "_")
_SLASH: Final = _WORD | {"/"}


class TranslatedResource(NamedTuple):
    """What one item of ``resources`` becomes: path rules."""

    rules: tuple[str, ...]
    notes: tuple[Note, ...] = ()


def translate_resource(
    resource: Resource, routes: Iterable[str] = ()
) -> TranslatedResource:
    """Return the path rules that cover what *resource* covered.

    :param routes: the paths of the application's routes, as far as they are known.
    """
    pattern = resource.pattern
    written = str(getattr(resource.written, "pattern", resource.written))
    if not isinstance(pattern, re.Pattern):
        if is_path_rule(written) and not written.endswith("*"):
            return TranslatedResource((written,))
        return TranslatedResource((), (_never_matched(written),))
    covered = [route for route in routes if resource.covers(_sample(route))]
    found = alternatives(pattern)
    rules: dict[str, None] = {}
    beside: dict[str, None] = {}
    for alternative in found or ():
        rule = _rule(alternative)
        if rule is not None:
            more = dict.fromkeys(_beside(rule, alternative, covered))
            rules.update({rule: None, **more})
            beside.update(more)
    if found is not None and all(_is_dead(each) for each in found):
        return TranslatedResource((), (_never_matched(written),))
    good = [rule for rule in rules if is_path_rule(rule)]
    good = [rule for rule in good if f"{rule}/*" not in good]
    rules = dict.fromkeys(rule for rule in rules if f"{rule}/*" not in rules)
    if found is not None and len(good) == len(rules) >= len(found):
        kept = [each for each in good if each in beside]
        return TranslatedResource(tuple(good), tuple(_kept_open(written, kept)))
    good += [route for route in covered if is_path_rule(route)]
    note = Note(
        "path-regex",
        f"The paths of {quoted(written)} cannot be written as path rules. Written: "
        f"{_listed(good)}.",
        'Which paths does it cover? Write rules such as "/api/*".',
    )
    return TranslatedResource(tuple(dict.fromkeys(good)), (note,))


def overlaps(
    resources: Sequence[tuple[Resource, tuple[str, ...]]], routes: Iterable[str] = ()
) -> list[str]:
    """Return paths that get the options of another resource than in Flask-CORS.

    ``"/api/admin/*"`` covers /api/admin too, and ``/api/admin/.*`` did not: that counts
    if there may be such a route.

    :param resources: in the order of Flask-CORS, each with its path rules.
    :param routes: the paths of the application's routes, as far as they are known.
    """
    known = {_sample(route) for route in routes}
    owners: dict[str, int] = {}
    for index, (_, rules) in enumerate(resources):
        for rule in rules:
            owners.setdefault(rule, index)
    table = PathRules(owners)
    wrong = []
    for rule in owners:
        start = rule.removesuffix("/*")
        paths = [f"{start}/x", f"{start}/x/y"]
        if not known or start in known or not start:
            paths.insert(0, start or "/")
        for path in paths if rule.endswith("/*") else [rule]:
            before = (i for i, (each, _) in enumerate(resources) if each.covers(path))
            first, found = next(before, None), table.find(path)
            if first is None or found is None:
                continue
            if resources[first][0].options != resources[found[1]][0].options:
                wrong.append(path)
    return wrong


def is_path_rule(text: str) -> bool:
    """Say whether *text* is a path rule here."""
    report = Report()
    return bool(check_path_rules(Setting({text: {}}, "resources"), report))


def _rule(alternative: Alternative) -> str | None:
    """Return the rule for one alternative, ``None`` if there is none."""
    if _is_dead(alternative):
        return None
    pieces, is_open = list(alternative.pieces), not alternative.ends
    last = pieces[-1] if pieces else None
    if isinstance(last, Run) and last.most is None:
        nothing = last.least == 0 and is_open
        # Almost every segment begins with a letter, a digit or an underscore.
        before = pieces[-2] if len(pieces) > 1 else ""
        in_folder = isinstance(before, str) and before.endswith("/")
        enough = in_folder or nothing or "/" in last.chars
        if enough and last.chars >= (_SLASH if alternative.ends else _WORD):
            pieces.pop()
            is_open = True
        elif nothing and (len(last.chars) > 1 or last.chars == {"/"}):
            pieces.pop()
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        elif piece.is_wild and (piece.least, piece.most) == (1, 1):
            text += "."  # A dot that was not escaped.
        elif len(piece.chars) == 1 and piece.least <= 1:
            text += next(iter(piece.chars))
        else:
            return None
    if not is_open:
        return text
    return f"{text.removesuffix('/')}/*"


def _beside(
    rule: str, alternative: Alternative, routes: Iterable[str]
) -> Iterator[str]:
    """Yield rules for routes that share the start of a segment: /api, and /apiary."""
    start = rule.removesuffix("/*")
    first = alternative.pieces[0] if alternative.pieces else ""
    if start == rule or not isinstance(first, str) or first.endswith("/"):
        return
    for route in routes:
        if route.startswith(first) and not _covers(rule, route):
            end = route.find("/", len(first))
            segment = route if end == -1 else route[:end]
            yield route if end == -1 or "<" in segment else f"{segment}/*"


def _kept_open(written: str, rules: Sequence[str]) -> Iterator[Note]:
    """Yield that *rules* stand for routes that a key covered without naming them."""
    if rules:
        message = f"{quoted(written)} covered {_listed(rules)}, too, as before."
        fix = "Remove what was not meant: Flask-CORS compared the beginning of paths."
        yield Note("path-beside", message, fix)


def _is_dead(alternative: Alternative) -> bool:
    """Say whether no path begins as *alternative* does: paths begin with a slash."""
    for piece in alternative.pieces:
        if isinstance(piece, str):
            return not piece.startswith("/") or "<" in piece
        if "/" in piece.chars:
            return False
        if piece.least > 0:
            return True
    return alternative.ends


def _never_matched(written: str) -> Note:
    message = f"{quoted(written)} covered no path in Flask-CORS."
    path = "/" + written.strip("^$/").removesuffix("+").removesuffix("*")
    meant = f"{path.removesuffix('.').removesuffix('/')}/*"
    fix = f"If these paths need CORS, write {quoted(meant)}."
    return Note("path-never-matched", message, fix if is_path_rule(meant) else "")


def _covers(rule: str, route: str) -> bool:
    return PathRules({rule: None}).find(_sample(route)) is not None


def _sample(route: str) -> str:
    """Return a path of *route*."""
    return _CONVERTER.sub("1", route)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(quoted, texts)) or "nothing"
