"""How a suggested policy is printed: as keys of ``app.config`` and as arguments.

Rule 1. The text is Python: assignments of literals, and comments. Whatever came from
        the internet is printed by ``quoted``, also within comments.
Rule 2. Nothing is active that a person has not named, or that no origin uses that was
        named: everything else is commented out.
"""

from __future__ import annotations

import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ...core.errors import PolicyError, Problem
from ...core.policy import Policy
from .evidence import Asked, Use
from .observations import SEVERAL, Observations
from .quoting import assigned, quoted

MAX_RARE: Final = 20
"""If more origins came once or twice, none of these is printed."""
MAX_OTHERS: Final = 100
"""Origins that are printed, other than those that were named."""
MAX_DOUBTFUL: Final = 100
"""Methods, and header names, that are printed and commented out."""
_FEW: Final = 3

Uses = Callable[[Asked], Mapping[str, Use]]


class Suggested(NamedTuple):
    """What to suggest.

    :param observations: what the files hold.
    :param named: what a person decided to allow; perhaps it never came.
    :param others: the other origins, the most frequent first.
    :param doubts: returns what to look at before an origin is listed.
    :param never_came: origins that the present policies list.
    :param unlistable: how many values of Origin are no origin.
    """

    observations: Observations
    named: Sequence[Asked]
    others: Sequence[Asked]
    doubts: Callable[[Asked], Iterable[str]]
    never_came: Sequence[str]
    unlistable: int

    @property
    def per_origin(self) -> bool:
        """Whether the origins that came use different things."""
        return len({tuple(_uses(each)) for each in self.named if each.requests}) > 1

    @property
    def settings(self) -> dict[str, Any]:
        """The options of the suggested policy."""
        if self.per_origin:
            # Empty lists: else an item takes what the policy of today allows.
            return {
                "origins": {each.origin: _rights(each) for each in self.named},
                "methods": [],
                "allow_headers": [],
                "supports_credentials": False,
            }
        methods = {name for each in self.named for name in each.used_methods}
        names = {name for each in self.named for name in each.used_names}
        return {
            "origins": [each.origin for each in self.named],
            "methods": sorted(methods),
            "allow_headers": sorted(names),
            "supports_credentials": any(each.needs_credentials for each in self.named),
        }


def text_of(suggested: Suggested) -> str:
    """Return the suggestion as text, in ASCII."""
    lines = [
        *_comments(_head(suggested)),
        "",
        "# Keys of app.config:",
        "",
        *_config(suggested),
        "",
        "# The same as keyword arguments, for CORS(app, **policy) in Flask or",
        "# CORSMiddleware(app, **policy) around any WSGI application:",
        "",
        *_arguments(suggested.settings),
    ]
    return "\n".join(lines) + "\n"


def _comments(lines: Iterable[str], indent: str = "") -> Iterator[str]:
    return (f"{indent}# {line}".rstrip() for line in lines)


def _head(suggested: Suggested) -> Iterator[str]:
    observations = suggested.observations
    origins = len(suggested.named) + len(suggested.others)
    yield from _paragraph(
        f"From {_several(observations.lines, 'line')} about "
        f"{_several(origins, 'origin')}, {_dates(observations.days)}. Counts are "
        "lower bounds: a process writes a line for the first and for the third of "
        "equal requests of a day, and none for the first two requests of an origin "
        "that is not listed. "
        "The lines tell nothing about the other options (expose_headers, max_age and "
        "so on): keep yours."
    )
    yield ""
    if not suggested.named:
        yield from _paragraph(
            "Nothing is active yet. Run the command again with --origin for each "
            "origin that is yours: it becomes active, and so does what it uses."
        )
        return
    yield from _paragraph("Try this under report_only before it replaces your policy.")
    if suggested.per_origin:
        yield from _paragraph(
            "The origins use different things: each is allowed what it uses itself."
        )
    for problem in _problems(suggested.settings):
        yield from _paragraph(
            "No policy can be built from this before you decide about "
            f"{quoted(str(problem.value))}: {problem.reason}."
        )


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 86, break_long_words=False, break_on_hyphens=False)


def _problems(settings: Mapping[str, Any]) -> Sequence[Problem]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            Policy(**settings)
        except PolicyError as error:
            return error.problems
    return ()


def _rights(asked: Asked) -> dict[str, Any]:
    """Return the options of one origin; with an empty list where all are in doubt."""
    rights: dict[str, Any] = {}
    if asked.methods:
        rights["methods"] = asked.used_methods
    if asked.names:
        rights["allow_headers"] = asked.used_names
    if asked.needs_credentials or asked.unread_cookies:
        rights["supports_credentials"] = asked.needs_credentials
    return rights


def _uses(asked: Asked) -> Iterator[str]:
    if asked.used_methods:
        yield ", ".join(map(quoted, asked.used_methods))
    if asked.used_names:
        yield ", ".join(map(quoted, asked.used_names))
    if asked.needs_credentials:
        yield "cookies"


def _config(suggested: Suggested) -> Iterator[str]:
    start, end = "{}" if suggested.per_origin else "[]"
    yield f"CORS_ORIGINS = {start}"
    yield from _origins(suggested)
    yield end
    settings = suggested.settings
    if suggested.per_origin:
        yield "CORS_METHODS = []"
        yield "CORS_ALLOW_HEADERS = []"
        yield "CORS_SUPPORTS_CREDENTIALS = False"
        return
    yield "CORS_METHODS = ["
    yield from _items(suggested, settings["methods"], lambda asked: asked.methods)
    yield "]"
    yield "CORS_ALLOW_HEADERS = ["
    yield from _items(suggested, settings["allow_headers"], lambda asked: asked.names)
    yield "]"
    yield from _comments(_cookies(suggested))
    yield f"CORS_SUPPORTS_CREDENTIALS = {settings['supports_credentials']}"


def _origins(suggested: Suggested) -> Iterator[str]:
    rare = [each for each in suggested.others if each.requests < SEVERAL]
    others = [each for each in suggested.others if each.requests >= SEVERAL]
    if len(rare) <= MAX_RARE:
        others, rare = [*others, *rare], []
    for position, each in enumerate([*suggested.named, *others[:MAX_OTHERS]]):
        if position:
            yield ""
        yield from _comments(_about(each, suggested.doubts(each)), "    ")
        hidden = "" if position < len(suggested.named) else "# "
        if not suggested.per_origin:
            yield f"    {hidden}{quoted(each.origin)},"
        elif hidden or not _rights(each):
            yield f"    {hidden}{quoted(each.origin)}: {{}},"
        else:
            yield f"    {quoted(each.origin)}: {{"
            yield from _options(suggested._replace(named=[each]), _rights(each))
            yield "    },"
    notes = [*_not_shown(suggested, len(others), len(rare))]
    if notes:
        yield from ["", *_comments(notes, "    ")]


def _options(suggested: Suggested, rights: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options of the one origin that is named in *suggested*."""
    lists: dict[str, Uses] = {
        "methods": lambda asked: asked.methods,
        "allow_headers": lambda asked: asked.names,
    }
    for option, uses in lists.items():
        if option in rights:
            yield f"        {quoted(option)}: ["
            for line in _items(suggested, rights[option], uses):
                yield f"        {line}"
            yield "        ],"
    if "supports_credentials" in rights:
        yield from _comments(_cookies(suggested), "        ")
        yield f'        "supports_credentials": {rights["supports_credentials"]},'


def _not_shown(suggested: Suggested, others: int, rare: int) -> Iterator[str]:
    if others > MAX_OTHERS:
        count = _several(others - MAX_OTHERS, "more origin")
        yield f"{count}, which came less often, not shown."
    if rare:
        yield f"{_several(rare, 'origin')}, noted once or twice, not shown."
    if suggested.unlistable:
        count = _several(suggested.unlistable, "value")
        yield f"{count} of Origin, invalid, not shown."
    for each in suggested.never_came[:MAX_OTHERS]:
        yield f"Listed today, and never came: {quoted(each)}"
    if len(suggested.never_came) > MAX_OTHERS:
        count = _several(len(suggested.never_came) - MAX_OTHERS, "more origin")
        yield f"{count}, listed today, never came."


def _about(asked: Asked, doubts: Iterable[str]) -> Iterator[str]:
    if asked.requests:
        yield f"{_several(asked.requests, 'request')} {_dates(asked.days)}"
    else:
        yield "Never came"
    if any(asked.routes):
        yield f"Routes: {_routes(asked.routes)}"
    uses = [*_uses(asked)]
    if uses:
        yield f"Uses: {'; '.join(uses)}"
    if asked.full_days:
        yield f"So many lines {_dates(asked.full_days)} that some may be missing."
    for doubt in doubts:
        yield f"Doubt: {doubt}"


def _items(suggested: Suggested, active: Sequence[str], uses: Uses) -> Iterator[str]:
    """Yield the methods, or the header names: active ones, then the others."""
    for name in active:
        users = [each for each in suggested.named if name in uses(each)]
        yield f"    # {_used_by(users, uses, name)}"
        yield f"    {quoted(name)},"
    others = suggested.named or [
        each for each in suggested.others if each.requests >= SEVERAL
    ]
    users_of: dict[str, list[Asked]] = {}
    for each in others[:MAX_OTHERS]:
        for name in uses(each):
            if name not in active:
                users_of.setdefault(name, []).append(each)

    def count(name: str) -> tuple[int, str]:
        return -sum(map(_requests, (uses(each)[name] for each in users_of[name]))), name

    for name in sorted(users_of, key=count)[:MAX_DOUBTFUL]:
        yield f"    # {_used_by(users_of[name], uses, name)}"
        yield f"    # {quoted(name)},"
    if len(users_of) > MAX_DOUBTFUL:
        yield f"    # {len(users_of) - MAX_DOUBTFUL} more, not shown."


def _requests(use: Use) -> int:
    return max(use.preflights, use.actual, use.denied)


def _used_by(users: Sequence[Asked], uses: Uses, name: str) -> str:
    counts = []
    for asked in users[:_FEW]:
        use = uses(asked)[name]
        doubt = f" ({use.doubt})" if use.doubt else ""
        count = _several(_requests(use), "request")
        counts.append(f"{count} of {quoted(asked.origin)}{doubt}")
    if len(users) > _FEW:
        counts.append(f"and of {_several(len(users) - _FEW, 'more origin')}")
    return ", ".join(counts)


def _cookies(suggested: Suggested) -> Iterator[str]:
    granted = [each for each in suggested.named if each.needs_credentials]
    if granted:
        yield f"Cookies came from {_few(granted)}."
        yield "Keep False if it is False today: then no page read these responses."
    unread = [each for each in suggested.named if each.unread_cookies]
    if unread:
        yield f'Under "*", cookies came from {_few(unread)}.'
        yield "No page read these responses. Write True only if it should, or if you"
        yield "want to enforce the policy: enforce refuses such requests under False."


def _few(users: Sequence[Asked]) -> str:
    names = ", ".join(quoted(each.origin) for each in users[:_FEW])
    more = len(users) - _FEW
    return f"{names} and {_several(more, 'more origin')}" if more > 0 else names


def _routes(routes: Counter[str]) -> str:
    known = sorted(routes, key=lambda route: (-routes[route], route))
    names = ", ".join(quoted(route) if route else "none" for route in known[:_FEW])
    return f"{names} and {len(known) - _FEW} more" if len(known) > _FEW else names


def _dates(days: set[str]) -> str:
    first, last = min(days), max(days)
    if first == last:
        return f"on {first}"
    return f"on {len(days)} days from {first} to {last}"


def _several(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _arguments(settings: Mapping[str, Any]) -> Iterator[str]:
    yield "policy = dict("
    for option, value in settings.items():
        yield from assigned(f"{option}=", value, "    ")
    yield ")"
