"""What is wrong with a policy: data first, text second.

Every mistake a policy can hold has a *reason*, a short code that never changes its
meaning, so that tests, dashboards and the documentation can rely on it. ``MISTAKES``
is the one table of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

MISTAKES: Final[Mapping[str, str]] = {
    # options
    "unknown-option": "there is no option of this name",
    "unknown-policy": "there is no named policy of this name",
    "wrong-type": "the value is of a type this option does not take",
    "out-of-range": "the value is outside the range this option takes",
    "unknown-risk": "there is no risk of this name to accept",
    "conflicting-options": "two things were given where only one can be meant",
    "setting-changed": "a setting changed after it had been read",
    # origins
    "origins-required": "a policy says which origins it allows",
    "origins-empty": "an empty list allows nobody",
    "origins-callable": "the function cannot be called as (origin, environ)",
    "origin-whitespace": "an origin holds no whitespace",
    "origin-list": "one item of a list holds one origin",
    "origin-null": "null and file:// are origins of pages that anybody can make",
    "origin-null-credentials": "null with credentials gives every site the user's data",
    "origin-unset": "a variable was not replaced by its value",
    "origin-quotes": "an origin has no quotation marks and no brackets around it",
    "origin-wildcard-mixed": "* makes the other origins pointless",
    "origin-wildcard-credentials": "* and credentials exclude each other",
    "origin-wildcard-place": "* stands only for whole left labels, or for a port",
    "origin-regex": "a string is never treated as a regular expression",
    "origin-regex-risk": "a regular expression needs its risk accepted",
    "regex-any-origin": "the regular expression matches every origin",
    "regex-open": "the regular expression has an open end: longer hosts match",
    "origin-regex-dot": "an unescaped dot stands for any character",
    "origin-scheme-missing": "an origin begins with its scheme",
    "origin-scheme": "pages of this scheme have no origin to allow",
    "origin-userinfo": "an origin holds no user name or password",
    "origin-path": "an origin ends after host and port",
    "origin-upper-case": "browsers send origins in lower case",
    "origin-unicode": "browsers send host names in ASCII (punycode)",
    "origin-host": "the host is not one a browser would send",
    "origin-punycode": "after xn-- a label is Punycode",
    "origin-ipv4": "browsers send IPv4 addresses as four decimal numbers",
    "origin-ipv6": "browsers send IPv6 addresses compressed, in brackets",
    "origin-port": "the port is not one a browser would send",
    "origin-default-port": "browsers leave out the scheme's default port",
    "origin-too-long": "no browser sends an origin this long",
    "origin-insecure": "anyone on the network could pose as a plain-http origin",
    "origin-public-suffix": "anybody can register a name under a public suffix",
    # methods
    "method-token": "this is not an HTTP method",
    "method-forbidden": "browsers never send this method",
    "method-case": "browsers send this method in upper case",
    "wildcard-mixed": "* covers the other items already",
    # rights per origin
    "option-of-policy": "a policy has this option once, whatever the origin",
    "option-without-effect": "another setting makes this one pointless",
    "origin-duplicate": "an item of origins is written twice",
    "origin-overlap": "two patterns overlap, and neither covers the other",
    # headers
    "header-token": "this is not a header name",
    "header-forbidden": "pages cannot set, or cannot read, this header",
    "header-of-responses": "only responses have this header, pages do not send it",
    "header-of-requests": "only requests have this header, pages do not read it",
    "header-of-cors": "browsers handle this header, pages do not read it",
    "expose-wildcard-credentials": "with credentials browsers take * as a plain name",
    # max_age
    "max-age-beyond-browsers": "browsers forget the answer sooner than that",
    # paths
    "paths-empty": "there is no path rule",
    "path-syntax": "this is not a path rule",
    # reports
    "report-file-folder": "the report file would be in a folder that does not exist",
    # marks on views and blueprints
    "marked-twice": "two policies are nearest at once",
    "mark-without-effect": "a mark stands where it can never take effect",
    "mark-shared": "a marked function serves several endpoints",
    "mark-unused": "no view leads to a mark",
}
"""Reason code -> what it means, in one line."""


def shown(value: object, limit: int = 80) -> str:
    """Return *value* as ASCII text safe to print: escaped, cut after *limit*."""
    if isinstance(value, str | bytes | list | tuple):
        value = value[: limit + 1]  # Its text is longer, never shorter.
    text = ascii(value)
    return text if len(text) <= limit else text[:limit] + "..."


def plain(text: str, limit: int = 80) -> str:
    """Return *text* safe to print: as ``shown`` does, but without quotes."""
    return ascii(text[: limit + 1])[1:-1][:limit] + "..." * (len(text) > limit)


def a_type(value: object) -> str:
    """Return the type of *value* as a sentence begins with it: ``An int``."""
    name = type(value).__name__
    return f"{'An' if name[0] in 'AEIOaeio' else 'A'} {name}"


class _Problem(NamedTuple):
    setting: str
    value: object
    reason: str
    message: str
    hint: str


class Problem(_Problem):
    """One mistake in one setting.

    :param setting: the setting as the user typed it, ``CORS_ORIGINS[2]``.
    :param value: what stood there.
    :param reason: the code of the mistake, a key of ``MISTAKES``.
    :param message: what is wrong, in one sentence.
    :param hint: what to write instead, in one sentence.
    """

    __slots__ = ()

    def __new__(
        cls, setting: str, value: object, reason: str, message: str, hint: str
    ) -> Problem:
        """Return a problem.

        :raises KeyError: where there is no such *reason*.
        """
        if reason not in MISTAKES:
            raise KeyError(reason)
        return super().__new__(cls, setting, value, reason, message, hint)

    def __str__(self) -> str:
        return (
            f"{self.setting} = {shown(self.value)}: {self.message} "
            f"{self.hint} [{self.reason}]"
        )


class PolicyError(ValueError):
    """A policy that cannot be built. ``problems`` holds all that is wrong with it."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        lines = [f"{count} problem{'s' if count != 1 else ''} in the CORS policy:"]
        lines += [f"  {problem}" for problem in self.problems]
        return "\n".join(lines)


class PolicyWarning(UserWarning):
    """A setting that works, but not as well as it seems to promise."""
