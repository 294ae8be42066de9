"""What a whole policy needs, when each of its options has been translated.

Here stands what depends on more than one option: credentials beside ``"*"``, risks
that have to be accepted, headers that were allowed with some methods only, and the
defaults of Flask-CORS, which are not those of this library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from ...core.errors import PolicyError
from ...core.fetch_standard import NULL_ORIGIN
from ...core.policy import Policy
from ...core.settings import raw_options
from ..flask_cors_options import ALL_METHODS, joined
from .notes import Note, quoted
from .options import EVERY_HEADER, LEFT_OUT, Unknown

_CREDENTIALS: Final = "supports_credentials"
_RISKS: Final = {
    "origin-regex-risk": "regex-origin",
    "origin-null": "null-origin",
    "origin-scheme": "null-origin",
    "origin-insecure": "insecure-origin",
    "origin-public-suffix": "public-suffix",
}
"""Reason of a problem -> the risk that is accepted by writing it down."""

_ABOUT_RISKS: Final = {
    "null-origin": Note(
        "origin-null",
        "Sandboxed pages and pages from files may read responses, as before. Any site "
        "can make such a page.",
        "If no page of yours needs it, delete it, with its risk.",
        "origins",
    ),
    "insecure-origin": Note(
        "origin-insecure",
        "A plain http origin gets credentials, as before. Anyone on its network can "
        "pose as it.",
        "Serve its pages over https, then delete the risk.",
        "origins",
    ),
    "public-suffix": Note(
        "origin-public-suffix",
        "An origin that anybody can register gets credentials, as before.",
        "List the origins that are yours, then delete the risk.",
        "origins",
    ),
}


class Completed(NamedTuple):
    """What has to be written besides the translated options.

    :ivar changes: option -> value, or ``LEFT_OUT``.
    :ivar allows_nobody: whether no page is allowed; then no policy can be written.
    :ivar notes: what a person should know.
    :ivar problems: what is wrong with the policy still; then nothing is written.
    """

    changes: Mapping[str, Any]
    allows_nobody: bool
    notes: tuple[Note, ...]
    problems: tuple[str, ...] = ()


def complete(
    old: Mapping[str, Any], new: Mapping[str, Any], served: Iterable[str]
) -> Completed:
    """Return what to write so that a policy allows what it allowed in Flask-CORS.

    :param old: its options in Flask-CORS, merged, with their defaults.
    :param new: those of them that are written, translated.
    :param served: the methods that its routes serve, as far as they are known.
    """
    changes: dict[str, Any] = {}
    notes: list[Note] = []
    if "origins" not in new:
        changes["origins"] = "*"
    if "allow_headers" not in new:
        changes["allow_headers"] = list(EVERY_HEADER)
    _check_credentials(old, {**new, **changes}, changes, notes)
    _check_methods(old, {**new, **changes}, set(served), changes, notes)
    final = {
        option: value
        for option, value in {**new, **changes}.items()
        if value is not LEFT_OUT
    }
    if allows_nobody(final):
        return Completed(changes, True, tuple(notes))
    notes += _kept_open(old, final)
    problems = _accept_risks(final, changes, notes)
    return Completed(changes, False, tuple(notes), problems)


def allows_nobody(options: Mapping[str, Any]) -> bool:
    """Say whether *options* allow no origin."""
    origins = options.get("origins")
    return isinstance(origins, list | tuple) and not origins


def _check_credentials(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    changes: dict[str, Any],
    notes: list[Note],
) -> None:
    """Take credentials from policies that allow every origin, and from ``null``."""
    credentials, origins = new.get("supports_credentials", False), new["origins"]
    if credentials is False or credentials is LEFT_OUT:
        return
    any_origin = is_any_origin(origins)
    if isinstance(credentials, Unknown):
        if any_origin:
            message = f'If {credentials.code} is true, origins "*" is an error.'
            fix = "Which pages send cookies? List them in origins."
            notes.append(Note("credentials-unknown", message, fix, _CREDENTIALS))
        return
    if any_origin:
        changes["supports_credentials"] = False
        notes.append(
            Note(
                "any-origin-credentials",
                "Every site could read responses with the user's cookies. Written: "
                'origins="*" without credentials, so pages that send cookies are '
                "blocked.",
                "Which pages send cookies? Write origins=[...] with "
                "supports_credentials=True.",
                _CREDENTIALS,
            )
        )
    elif mentions_any(origins):
        message = (
            'origins may be "*" when the application runs. With credentials that '
            "allowed every site; here the application does not start."
        )
        fix = "Which pages send cookies? Have the variable list them."
        notes.append(Note("any-origin-credentials", message, fix, "origins"))
    elif isinstance(origins, list | tuple) and NULL_ORIGIN in origins:
        changes["origins"] = [item for item in origins if item != NULL_ORIGIN]
        message = (
            "null had credentials: any site could read responses with cookies. It is "
            "left out."
        )
        notes.append(Note("any-origin-credentials", message, option="origins"))
    if new.get("expose_headers") in ("*", ["*"]):
        changes["expose_headers"] = LEFT_OUT
        message = 'expose_headers="*" exposes nothing to requests with cookies.'
        fix = "Which response headers do your pages read? List them."
        notes.append(Note("expose-wildcard", message, fix, "expose_headers"))


def _check_methods(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    served: set[str],
    changes: dict[str, Any],
    notes: list[Note],
) -> None:
    """Allow no header where some were allowed, but not with GET or with POST.

    Browsers send GET and POST whatever is listed, and a header is allowed for every
    method of a URL.
    """
    methods = old["methods"]
    if isinstance(methods, Unknown):
        return
    if methods is ALL_METHODS:
        if not served <= {*ALL_METHODS}:
            changes["methods"] = list(ALL_METHODS)
        return
    allowed = (joined(_known(methods)) or "").upper()
    stopped = [name for name in ("GET", "POST") if name in served - {*_in(allowed)}]
    if stopped and new["allow_headers"] != [] and not _has_unknown(methods):
        changes["allow_headers"] = []
        names = " and ".join(stopped)
        message = (
            f"methods did not allow {names}, so that pages could send no header with "
            "it, such as JSON's Content-Type. Here a header is allowed with every "
            "method. Written: none."
        )
        fix = f"If pages may send headers with {names}, list them in allow_headers."
        notes.append(Note("methods-and-headers", message, fix, "methods"))


def _in(allowed: str) -> list[str]:
    return [name for name in ALL_METHODS if name in allowed]


def _kept_open(old: Mapping[str, Any], final: Mapping[str, Any]) -> list[Note]:
    notes = []
    if is_any_origin(final["origins"]):
        message = 'Every site may read responses, as before: origins="*".'
        fix = "If this is no public API, list the origins of your pages."
        notes.append(Note("any-origin", message, fix, "origins"))
    if final["allow_headers"] == list(EVERY_HEADER):
        message = "Pages may send every header, as before."
        fix = (
            "If your pages send JSON and a token only, delete allow_headers."
            if final.get("methods", ALL_METHODS)
            else ""
        )
        notes.append(Note("every-header", message, fix, "allow_headers"))
    return notes


def _accept_risks(
    final: dict[str, Any], changes: dict[str, Any], notes: list[Note]
) -> tuple[str, ...]:
    """Add the risks that have to be accepted; return what is wrong all the same."""
    known = {
        option: _known(value)
        for option, value in final.items()
        if not isinstance(value, Unknown)
    }
    risks: set[str] = set()
    if _has_regex(final["origins"]):
        risks.add("regex-origin")
    if not known.get("origins"):
        known["origins"] = "https://known.when.it.runs.example"
    problems = _problems({**known, "accept_risks": sorted(risks)})
    while (
        found := {_RISKS[reason] for reason, _ in problems if reason in _RISKS} - risks
    ):
        risks |= found
        problems = _problems({**known, "accept_risks": sorted(risks)})
    if risks:
        changes["accept_risks"] = sorted(risks)
        notes += [_ABOUT_RISKS[risk] for risk in sorted(risks & _ABOUT_RISKS.keys())]
    return tuple(text for _, text in problems)


def _problems(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    try:
        Policy.from_settings(raw_options(options))
    except PolicyError as error:
        return [(problem.reason, str(problem)) for problem in error.problems]
    return []


def is_any_origin(origins: Any) -> bool:
    """Say whether *origins* are ``"*"``."""
    return origins in ("*", ["*"], ("*",))


def mentions_any(origins: Any) -> bool:
    """Say whether *origins* may be ``"*"`` when the application runs."""
    items = origins if isinstance(origins, list | tuple) else [origins]
    return any(isinstance(item, Unknown) and item.mentions_any for item in items)


def _has_regex(origins: Any) -> bool:
    items = origins if isinstance(origins, list | tuple | set) else [origins]
    return any(
        item.is_regex if isinstance(item, Unknown) else isinstance(item, re.Pattern)
        for item in items
    )


def _known(value: Any) -> Any:
    """Return *value* without the items that are unknown."""
    if isinstance(value, list | tuple | set):
        return [item for item in value if not isinstance(item, Unknown)]
    return value


def _has_unknown(value: Any) -> bool:
    items = value if isinstance(value, list | tuple | set) else [value]
    return any(isinstance(item, Unknown) for item in items)


def unknown_notes(options: Mapping[str, Any]) -> list[Note]:
    """Return a note for each option whose value is known at run time only."""
    notes = []
    for option, value in options.items():
        items = value if isinstance(value, list | tuple | set) else [value]
        codes = [item.code for item in items if isinstance(item, Unknown)]
        if codes:
            message = f"{option} comes from {', '.join(map(quoted, codes))}: unchanged."
            notes.append(Note("unknown-value", message, _ABOUT_VALUES[option], option))
    return notes


_ABOUT_VALUES: Final = {
    "origins": 'It must hold origins, "*", or patterns; no regular expressions.',
    "methods": "It must hold names in upper case.",
    "allow_headers": "It must hold names; no regular expressions.",
    "expose_headers": "It must hold names.",
    "supports_credentials": "It must be True or False, not a string.",
    "max_age": "It must be a number, not a string.",
}
