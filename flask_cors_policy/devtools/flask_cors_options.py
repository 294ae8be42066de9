"""What the options of Flask-CORS 6 mean.

This module takes plain values, as an application passes them to Flask-CORS, and says
what Flask-CORS makes of them. It imports neither Flask-CORS nor Flask, so that it can
read options from source as well as from a live application. Tests compare every
function with Flask-CORS itself.

Rule 1. A string is a regular expression if it has one of ``* \\ ] ? $ ^ [ ] ( )`` in
        it, and is compared as a whole if it has not. So ``"/api/.+"`` is no regular
        expression, and ``"http://localhost:*"`` is one.
Rule 2. A regular expression matches from the start, and need not reach the end.
Rule 3. Origins and headers are compared without case, paths with it. A compiled
        expression keeps the flags it has.
Rule 4. Unknown options are ignored, as are ``CORS_*`` keys that are ``None``.
Rule 5. A decorator and a blueprint do not see the options of ``CORS(app, ...)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple

Pattern = str | re.Pattern[str]

ALL_METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
EVERY_PATH: Final = r"/*"
ANYTHING: Final = r".*"

DEFAULTS: Final[Mapping[str, Any]] = {
    "origins": "*",
    "methods": ALL_METHODS,
    "allow_headers": "*",
    "expose_headers": None,
    "supports_credentials": False,
    "max_age": None,
    "send_wildcard": False,
    "automatic_options": True,
    "vary_header": True,
    "resources": EVERY_PATH,
    "intercept_exceptions": True,
    "always_send": True,
    "allow_private_network": False,
}
"""Every option that Flask-CORS knows, and its default."""

NOT_NEEDED: Final = (
    "send_wildcard",
    "automatic_options",
    "vary_header",
    "intercept_exceptions",
    "always_send",
    "allow_private_network",
)
"""Options that have no counterpart here."""

CONFIG_KEYS: Final = frozenset(f"CORS_{option.upper()}" for option in DEFAULTS)
"""The keys of ``app.config`` that Flask-CORS reads; it ignores every other."""

_REGEX_SIGNS: Final = frozenset("*\\]?$^[]()")


def merge(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that *sources*, from the outside in, have together.

    Options of Flask-CORS that no option_source has get their default.
    """
    merged = dict(DEFAULTS)
    for option_source in sources:
        merged.update(option_source)
    return merged


def is_regex(text: str) -> bool:
    """Say whether Flask-CORS takes *text* as a regular expression."""
    return not _REGEX_SIGNS.isdisjoint(text)


def patterns(value: Any) -> list[Any]:
    """Return the items of ``origins`` or ``allow_headers``, as they were written.

    ``"*"`` is ``".*"``, and everything that is no list is a list of one.
    """
    items = value if _is_list(value) else [value]
    return [ANYTHING if item == "*" else item for item in items]


def compiled(item: Any, *, ignore_case: bool) -> Any:
    """Return one item as it is matched with: compiled if it is a regular expression.

    :raises ValueError: if it is an invalid one; Flask-CORS does not start then.
    """
    if isinstance(item, str) and is_regex(item):
        try:
            return re.compile(item, re.IGNORECASE if ignore_case else 0)
        except re.error as error:
            raise ValueError(f"{item!r} is no valid regular expression") from error
    return item


def matches(item: Any, text: str, *, ignore_case: bool = True) -> bool:
    """Say whether one compiled item covers *text*."""
    if isinstance(item, re.Pattern):
        return item.match(text) is not None
    if ignore_case:
        return str(item).casefold() == text.casefold()
    return str(item) == text


def joined(value: Any) -> str | None:
    """Return a list option (methods, expose_headers) as the header it is sent in."""
    if value is None:
        return None
    if _is_list(value):
        return ", ".join(str(item) for item in sorted(value))
    return str(value)


def max_age_header(value: Any) -> str | None:
    """Return what is sent as Access-Control-Max-Age; ``0`` and ``""`` are left out."""
    if isinstance(value, timedelta):
        value = str(int(value.total_seconds()))
    return str(value) if value else None


@dataclass(frozen=True)
class FlaskCorsPolicy:
    """What Flask-CORS makes of the options of one place.

    :ivar origins: the items, compiled.
    :ivar any_origin: whether ``"*"`` is one of them.
    :ivar allow_headers: the items, compiled.
    :ivar methods: one string; whether a method is allowed is a search in it.
    """

    origins: tuple[Any, ...]
    any_origin: bool
    allow_headers: tuple[Any, ...]
    methods: str
    supports_credentials: bool

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> FlaskCorsPolicy:
        """Read options that ``merge`` has returned.

        :raises ValueError: if Flask-CORS does not start with them.
        """
        origins = patterns(options["origins"])
        headers = patterns(options["allow_headers"])
        return cls(
            tuple(compiled(item, ignore_case=True) for item in origins),
            ANYTHING in origins,
            tuple(compiled(item, ignore_case=True) for item in headers),
            (joined(options["methods"]) or "").upper(),
            bool(options["supports_credentials"]),
        )

    def allows_origin(self, origin: str) -> bool:
        """Say whether pages of *origin* may read responses."""
        return any(matches(item, origin) for item in self.origins)

    def allows_method(self, method: str) -> bool:
        """Say whether a preflight for *method* is answered with lists at all."""
        return bool(method) and method.upper() in self.methods

    def allows_header(self, name: str) -> bool:
        """Say whether pages may send the header *name* with an allowed method."""
        return any(matches(item, name) for item in self.allow_headers)


class Resource(NamedTuple):
    """One item of ``resources``.

    :ivar written: the key, or item, as it was written.
    :ivar pattern: what paths are matched with.
    :ivar options: the options written for it; inner ones, see ``merge``.
    """

    written: Any
    pattern: Any
    options: Any

    def covers(self, path: str) -> bool:
        """Say whether this applies to *path*, if no resource before it does."""
        return matches(self.pattern, path, ignore_case=False)


def read_resources(value: Any) -> list[Resource]:
    """Return the items of ``resources``, the first one that covers a path applies.

    :raises ValueError: if Flask-CORS does not start with them.
    """
    if isinstance(value, Mapping):
        pairs = sorted(
            ((ANYTHING if key == "*" else key, key, value[key]) for key in value),
            key=lambda pair: _specificity(pair[0]),
        )
    elif isinstance(value, str | re.Pattern) or _is_list(value):
        pairs = [
            (ANYTHING if item == "*" else item, item, {}) for item in _listed(value)
        ]
    else:
        raise ValueError(f"{value!r} says no paths")
    return [
        Resource(written, compiled(pattern, ignore_case=False), options)
        for pattern, written, options in pairs
    ]


def _specificity(pattern: Any) -> tuple[int, int, int, int]:
    """Return what mappings are sorted by: whole paths first, then deep, then long."""
    if isinstance(pattern, re.Pattern):
        return 1, 0, -pattern.pattern.count("/"), -len(pattern.pattern)
    return int(is_regex(pattern)), 1, -pattern.count("/"), -len(pattern)


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)


def _listed(value: Any) -> list[Any]:
    return list(value) if _is_list(value) else [value]
