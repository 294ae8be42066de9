"""What the migration has to tell, from the most dangerous to the least."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class Group(Enum):
    """What a note asks of a person. ``value`` is how it is printed."""

    DECIDE = "decide"
    KEPT = "kept open"
    CLOSED = "closed"
    LEFT = "left as it is"
    REMOVED = "removed"


# Code -> group and meaning, in order of danger.
_CODES: Final = {
    "any-origin-credentials": (
        Group.DECIDE,
        "every site could read responses with the user's cookies",
    ),
    "origin-public-suffix": (
        Group.KEPT,
        "anybody can register an origin that gets credentials",
    ),
    "origin-insecure": (
        Group.KEPT,
        "a plain http origin gets credentials",
    ),
    "any-site": (
        Group.DECIDE,
        "a regular expression allowed sites that anybody can register",
    ),
    "any-origin": (Group.KEPT, "every site may read responses"),
    "origin-null": (Group.KEPT, "pages without an origin of their own may read"),
    "origin-regex": (Group.KEPT, "a regular expression allows origins"),
    "every-header": (Group.KEPT, "pages may send every header"),
    "path-beside": (Group.KEPT, "a path rule covered routes that begin like it"),
    "option-ignored": (Group.KEPT, "Flask-CORS ignored an option of this name"),
    "credentials-unknown": (Group.DECIDE, "credentials depend on the environment"),
    "methods-and-headers": (
        Group.DECIDE,
        "headers were allowed with some methods only",
    ),
    "header-regex": (Group.DECIDE, "a regular expression allowed headers"),
    "path-regex": (Group.DECIDE, "a regular expression named paths"),
    "called-twice": (Group.DECIDE, "several calls configured one application"),
    "not-rewritten": (Group.DECIDE, "this cannot be rewritten"),
    "expose-wildcard": (Group.DECIDE, "* exposes nothing beside credentials"),
    "header-refused": (Group.CLOSED, "no page can send, or read, this header"),
    "origin-narrowed": (Group.CLOSED, "a regular expression allowed more than meant"),
    "unknown-value": (Group.LEFT, "a value is known only when the application runs"),
    "headers-by-hand": (Group.LEFT, "the application sets CORS headers itself"),
    "other-library": (Group.LEFT, "another CORS library is used"),
    "internal-name": (Group.LEFT, "a name inside Flask-CORS is used"),
    "subclass": (Group.LEFT, "a class derives from CORS"),
    "dependency": (Group.LEFT, "a dependency file names Flask-CORS"),
    "notebook": (Group.LEFT, "a notebook uses Flask-CORS"),
    "mentioned": (Group.LEFT, "a text names Flask-CORS"),
    "origin-never-matched": (Group.REMOVED, "an origin that no browser sends"),
    "nothing-allowed": (Group.REMOVED, "no page was allowed here"),
    "path-never-matched": (Group.REMOVED, "a path rule that matched no path"),
    "decorator-without-effect": (Group.REMOVED, "a decorator had no effect"),
    "value-ignored": (Group.REMOVED, "a value had no effect"),
    "option-not-needed": (Group.REMOVED, "an option has no counterpart"),
    "key-ignored": (Group.REMOVED, "Flask-CORS ignored this key"),
    "key-renamed": (Group.CLOSED, "a key of the application's own was renamed"),
}

CODES: Final = tuple(_CODES)
"""Every code, in order of danger."""


class Note(NamedTuple):
    """Something to tell about one place.

    :ivar code: one of ``CODES``.
    :ivar message: what was there, and what is written now.
    :ivar fix: what to do, as a sentence; empty if there is nothing to do.
    """

    code: str
    message: str
    fix: str = ""

    @property
    def group(self) -> Group:
        """What it asks of a person."""
        return _CODES[self.code][0]

    @property
    def rank(self) -> int:
        """Its place in the order of danger."""
        return CODES.index(self.code)


def meaning(code: str) -> str:
    """Return what *code* means, in a few words."""
    return _CODES[code][1]


def quoted(text: str) -> str:
    """Return *text* as Python code, in double quotes where that is possible."""
    if "\\" in text and '"' not in text and text.isprintable() and text[-1] != "\\":
        return f'r"{text}"'
    plain = repr(text)
    if plain[0] == "'" and '"' not in text:
        return f'"{plain[1:-1]}"'
    return plain
