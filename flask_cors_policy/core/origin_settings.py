"""How the option ``origins`` is checked: alone, and together with other options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from .errors import a_type
from .fetch_standard import FILE_ORIGIN, NULL_ORIGIN, WILDCARD
from .origin import Judge, OriginMatcher, OriginPattern
from .settings import UNSET, Report, Setting, listed, quoted

if TYPE_CHECKING:
    from .options import OriginItem
    from .origin import OriginLookup

T = TypeVar("T")


class CheckedOrigins:
    """The items of ``origins`` that are in order, sorted by kind.

    :ivar opaque: ``null`` and ``file://``, where their risk was accepted.
    :ivar meant: the patterns that items with a mistake were meant as, so that a danger
        of theirs is reported in the same round.
    """

    def __init__(self) -> None:
        self.any_origin: Setting | None = None
        self.opaque: list[Setting] = []
        self.patterns: list[tuple[Setting, OriginPattern]] = []
        self.meant: list[tuple[Setting, OriginPattern]] = []
        self.judges: list[re.Pattern[str] | OriginLookup] = []
        self.values: tuple[OriginItem, ...] = ()


def compile_origins(
    parts: Iterable[tuple[CheckedOrigins, T, bool]],
) -> OriginMatcher[T]:
    """Return what requests are matched with.

    :param parts: origins, what those get, and whether the plain-http ones are denied
        that a function or a regular expression allows (see :class:`Judge`).
    """
    exact: dict[str, T] = {}
    patterns: list[tuple[OriginPattern, T]] = []
    judges: list[Judge] = []
    any_origin: T | None = None
    for checked, rights, refuse_insecure in parts:
        written = [item.value for item, each in checked.patterns if each.is_exact]
        written += [item.value for item in checked.opaque]
        exact.update(dict.fromkeys(written, rights))
        patterns += [
            (each, rights) for _, each in checked.patterns if not each.is_exact
        ]
        judges += [Judge(each, rights, refuse_insecure) for each in checked.judges]
        if checked.any_origin:
            any_origin = rights
    return OriginMatcher(exact, patterns, judges, any_origin)


def check_origins(
    setting: Setting, risks: frozenset[str], report: Report, *, credentials: bool
) -> CheckedOrigins:
    """Check each item of *setting* on its own.

    :param risks: the risks that are accepted.
    :param credentials: whether the policy allows credentials, so that no hint offers
        what it cannot have with them.
    """
    checked = CheckedOrigins()
    problems_before = len(report.problems)
    strings: dict[str, None] = {}
    others: list[OriginItem] = []
    for item in _items(setting, report, credentials):
        if not isinstance(item.value, str):
            others.append(item.value)
            check_item(item, risks, checked, report)
        elif item.value not in strings:
            strings[item.value] = None
            check_item(item, risks, checked, report)
    checked.values = (*strings, *others)
    if not checked.values and len(report.problems) == problems_before:
        message = "An empty list allows nobody."
        hint = "List an origin, or leave these paths without a policy."
        if isinstance(setting.value, str):
            hint = f"{hint} {UNSET}"
        report.problem(setting, "origins-empty", message, hint)
    if checked.any_origin and len(checked.values) > 1:
        message = '"*" allows every origin, which makes the others pointless.'
        hint = 'Write "*" alone, or leave it out.'
        if credentials:
            hint = 'Leave "*" out.'
        report.problem(checked.any_origin, "origin-wildcard-mixed", message, hint)
    return checked


def check_item(
    item: Setting, risks: frozenset[str], checked: CheckedOrigins, report: Report
) -> None:
    """Check one origin, pattern, regular expression or function."""
    if isinstance(item.value, str):
        _check_string(item, risks, checked, report)
    else:
        _check_other(item, risks, checked, report)


def _check_other(
    item: Setting, risks: frozenset[str], checked: CheckedOrigins, report: Report
) -> None:
    value = item.value
    if isinstance(value, re.Pattern):
        if _is_regex(item, risks, report):
            checked.judges.append(value)
    elif callable(value):
        if _is_lookup(item, report):
            checked.judges.append(item.value)
    else:
        _report_no_origin(item, checked, report)


def report_no_origins(at: Setting, report: Report, credentials: bool) -> None:
    """Report that a policy has no origins."""
    message = "A policy says which origins it allows; there is no default."
    hint = 'Write origins=["https://app.example.com"]'
    hint += "." if credentials else ', or "*" for a public API.'
    report.problem(at, "origins-required", message, hint)


def _items(setting: Setting, report: Report, credentials: bool) -> Iterator[Setting]:
    """Yield the items; a lone pattern or function is a list of one."""
    value = setting.value
    if isinstance(value, str):
        yield from listed(setting, report)
    elif isinstance(value, re.Pattern) or callable(value):
        yield setting
    elif value is None:
        message = "None does not say which origins are allowed."
        hint = "Write the origins"
        hint += "." if credentials else ', or "*" for a public API.'
        report.problem(setting, "origins-required", message, f"{hint} {UNSET}")
    elif isinstance(value, bool | int):
        message = f"{a_type(value)} does not say which origins are allowed."
        report.problem(setting, "wrong-type", message, 'Write them: ["https://..."].')
    else:
        yield from listed(setting, report)


def _check_string(
    item: Setting, risks: frozenset[str], checked: CheckedOrigins, report: Report
) -> None:
    text: str = item.value
    if text == WILDCARD:
        checked.any_origin = item
        return
    if text in (NULL_ORIGIN, FILE_ORIGIN):
        if "null-origin" in risks:
            checked.opaque.append(item)
            return
        message = "Any site can make a page whose origin is null."
        if text == FILE_ORIGIN:
            message = "Any file on the user's disk has this origin."
        hint = 'Leave it out, or accept_risks=["null-origin"] for public data.'
        report.problem(item, "origin-null", message, hint)
        return
    pattern = OriginPattern.parse(text)
    if pattern is None:
        _report_no_origin(item, checked, report)
    else:
        checked.patterns.append((item, pattern))


def _report_no_origin(item: Setting, checked: CheckedOrigins, report: Report) -> None:
    # Imported here, because only mistakes need it: 2 ms of an import's 15.
    from .origin_mistakes import EXAMPLE, diagnose, meant

    if isinstance(item.value, str):
        report.problem(item, *diagnose(item.value))
        patterns = map(OriginPattern.parse, meant(item.value))
        checked.meant += [(item, each) for each in patterns if each is not None]
    else:
        message = f"{a_type(item.value)} is not an origin."
        inner = isinstance(item.value, list | tuple | set)
        hint = "Write its items into the list around it." if inner else EXAMPLE
        if isinstance(item.value, Mapping):
            hint = "Write a mapping alone, or pairs in a list: [(origin, {...})]."
        report.problem(item, "wrong-type", message, hint)


def _is_regex(item: Setting, risks: frozenset[str], report: Report) -> bool:
    from .origin_regex import (  # Here, because only expressions need it.
        has_open_end,
        patterns_of,
        probe_matched,
        unescaped_dot,
    )

    regex = item.value
    if not isinstance(regex.pattern, str):
        message = "This regular expression is for bytes."
        report.problem(item, "wrong-type", message, "Compile it from a str.")
        return False
    problems_before = len(report.problems)
    if "regex-origin" not in risks:
        message = "A regular expression is easy to get wrong, and then opens the API."
        patterns = patterns_of(regex.pattern)
        hint = f"Write [{quoted(patterns)}]"
        if not patterns:
            hint = 'Write patterns such as "https://*.example.com"'
        hint = f'{hint}, or accept_risks=["regex-origin"].'
        report.problem(item, "origin-regex-risk", message, hint)
    probe = probe_matched(regex)
    if probe:
        message = f'It matches "{probe}" and so any site.'
        hint = 'Write the host names into it, or a pattern: "https://*.example.com".'
        report.problem(item, "regex-any-origin", message, hint)
    elif has_open_end(regex):
        message = "Its end matches longer host names, which anybody can have."
        hint = r"End it with the host name, or with the port: (:\d+)?"
        report.problem(item, "regex-open", message, hint)
    dot = unescaped_dot(regex)
    if dot:
        message = f'The dot in "{dot}" stands for any character.'
        report.warning(item, "origin-regex-dot", message, r'Write "\." for a dot.')
    return len(report.problems) == problems_before


def _is_lookup(item: Setting, report: Report) -> bool:
    import inspect  # Here, because only functions need it: 5 ms of an import's 15.

    lazy = (
        inspect.isasyncgenfunction,
        inspect.iscoroutinefunction,
        inspect.isgeneratorfunction,
    )
    lookup = item.value
    call = getattr(lookup, "__call__", None)  # noqa: B004 (its signature is wanted)
    message = ""
    if isinstance(lookup, type):
        message = "A class is not a function that says which origins are allowed."
    elif any(kind(function) for kind in lazy for function in (lookup, call)):
        message = (
            "This function answers with a coroutine or generator, not True or False."
        )
    else:
        try:
            inspect.signature(lookup).bind("https://app.example.com", {})
        except TypeError:
            message = "This function does not take the two arguments it is called with."
        except ValueError:
            pass  # Written in C, without a signature to look at.
    if message:
        hint = "Write def allowed(origin: str, environ) -> bool: ..."
        report.problem(item, "origins-callable", message, hint)
    return not message


class Cause(NamedTuple):
    """An option that makes a danger of what the origins would otherwise be free to be.

    :param setting: the option, as it was written.
    :param danger: what anybody could do who has an allowed origin.
    """

    setting: Setting
    danger: str

    def __str__(self) -> str:
        return f"{self.setting.name} is {self.setting.value!r}"


def check_with_credentials(
    credentials: Setting, checked: CheckedOrigins, report: Report
) -> None:
    """Check the origins for what cannot go with credentials, whatever is accepted."""
    both = f"{credentials.name} is True"
    if checked.any_origin:
        message = (
            f'"*" allows every site, but {both}: no browser takes the two together.'
        )
        hint = 'List the origins: ["https://app.example.com"]; or omit the credentials.'
        report.problem(checked.any_origin, "origin-wildcard-credentials", message, hint)
    for item in checked.opaque:
        message = f"{both}: any site could read the user's data as origin null."
        if item.value == FILE_ORIGIN:
            message = f"{both}: any file on the disk could read the user's data."
        hint = "Leave it out; no risk can be accepted for this."
        report.problem(item, "origin-null-credentials", message, hint)


def check_dangers(
    cause: Cause, checked: CheckedOrigins, risks: frozenset[str], report: Report
) -> None:
    """Check the origins for what needs a risk accepted, because of *cause*."""
    for item, pattern in (*checked.patterns, *checked.meant):
        if pattern.is_loopback:
            continue
        if pattern.scheme == "http" and "insecure-origin" not in risks:
            message = (
                f"{cause}: anyone on the network could pose as this origin and "
                f"{cause.danger}."
            )
            hint = 'Write https://, or accept_risks=["insecure-origin"].'
            report.problem(item, "origin-insecure", message, hint)
        if pattern.subdomains and "public-suffix" not in risks:
            from .public_suffix import covers_public_suffix  # Here: few need it.

            if covers_public_suffix(pattern.host):
                message = f"{cause}: anybody can register a name under {pattern.host}."
                hint = 'List those that are yours, or accept_risks=["public-suffix"].'
                report.problem(item, "origin-public-suffix", message, hint)
