"""How the option ``origins`` is checked: alone, and together with credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from .fetch_standard import NULL_ORIGIN, WILDCARD
from .origin import Judge, OriginMatcher, OriginPattern
from .settings import Report, Setting, listed

if TYPE_CHECKING:
    from .options import OriginItem
    from .origin import OriginLookup

T = TypeVar("T")


class CheckedOrigins:
    """The items of ``origins`` that are in order, sorted by kind."""

    def __init__(self) -> None:
        self.any_origin: Setting | None = None
        self.null: Setting | None = None
        self.patterns: list[tuple[Setting, OriginPattern]] = []
        self.regexes: list[re.Pattern[str]] = []
        self.lookups: list[OriginLookup] = []
        self.values: tuple[OriginItem, ...] = ()

    def matcher(self, rights: T, *, refuse_insecure: bool) -> OriginMatcher[T]:
        """Return what requests are matched with.

        :param rights: what every allowed origin gets.
        :param refuse_insecure: see :class:`Judge`.
        """
        exact = [item.value for item, pattern in self.patterns if pattern.is_exact]
        if self.null:
            exact.append(NULL_ORIGIN)
        return OriginMatcher(
            dict.fromkeys(exact, rights),
            ((each, rights) for _, each in self.patterns if not each.is_exact),
            [
                *(Judge(regex, rights, refuse_insecure) for regex in self.regexes),
                *(Judge(lookup, rights, refuse_insecure) for lookup in self.lookups),
            ],
            rights if self.any_origin else None,
        )


def check_origins(
    setting: Setting, risks: frozenset[str], report: Report
) -> CheckedOrigins:
    """Check each item of *setting* on its own."""
    checked = CheckedOrigins()
    problems_before = len(report.problems)
    strings: dict[str, None] = {}
    others: list[OriginItem] = []
    for item in _items(setting, report):
        value = item.value
        if isinstance(value, str):
            if value not in strings:
                strings[value] = None
                _check_string(item, risks, checked, report)
            continue
        others.append(value)
        if isinstance(value, re.Pattern):
            if _is_regex(item, risks, report):
                checked.regexes.append(value)
        elif callable(value):
            if _is_lookup(item, report):
                checked.lookups.append(item.value)
        else:
            _report_no_origin(item, report)
    checked.values = (*strings, *others)
    if not checked.values and len(report.problems) == problems_before:
        message = "An empty list allows nobody."
        hint = "List an origin, or leave these paths without a policy."
        report.problem(setting, "origins-empty", message, hint)
    if checked.any_origin and len(checked.values) > 1:
        message = '"*" allows every origin, which makes the others pointless.'
        hint = 'Write "*" alone, or leave it out.'
        report.problem(checked.any_origin, "origin-wildcard-mixed", message, hint)
    return checked


def _items(setting: Setting, report: Report) -> Iterator[Setting]:
    """Yield the items; a lone pattern or function is a list of one."""
    value = setting.value
    if isinstance(value, str):
        yield from listed(setting, report)
    elif isinstance(value, re.Pattern) or callable(value):
        yield setting
    elif value is None:
        message = "None does not say whom to allow."
        hint = 'Write the origins, or "*" for a public API.'
        report.problem(setting, "origins-required", message, hint)
    else:
        yield from listed(setting, report)


def _check_string(
    item: Setting, risks: frozenset[str], checked: CheckedOrigins, report: Report
) -> None:
    text: str = item.value
    if text == WILDCARD:
        checked.any_origin = item
        return
    if text == NULL_ORIGIN:
        if "null-origin" in risks:
            checked.null = item
        else:
            message = "Any site can make a page whose origin is null."
            hint = 'Leave it out, or accept_risks=["null-origin"] for public data.'
            report.problem(item, "origin-null", message, hint)
        return
    pattern = OriginPattern.parse(text)
    if pattern is None:
        _report_no_origin(item, report)
    else:
        checked.patterns.append((item, pattern))


def _report_no_origin(item: Setting, report: Report) -> None:
    # Imported here, because only mistakes need it: 2 ms of an import's 15.
    from .origin_mistakes import EXAMPLE, diagnose

    if isinstance(item.value, str):
        report.problem(item, *diagnose(item.value))
    else:
        message = f"A {type(item.value).__name__} is not an origin."
        report.problem(item, "wrong-type", message, EXAMPLE)


def _is_regex(item: Setting, risks: frozenset[str], report: Report) -> bool:
    if not isinstance(item.value.pattern, str):
        message = "This regular expression is for bytes."
        report.problem(item, "wrong-type", message, "Compile it from a str.")
        return False
    if "regex-origin" not in risks:
        message = "A regular expression is easy to get wrong, and then opens the API."
        hint = (
            'Write a pattern such as "https://*.example.com", or '
            'accept_risks=["regex-origin"].'
        )
        report.problem(item, "origin-regex-risk", message, hint)
        return False
    return True


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
            pass  # RawOptions in C, without a signature to look at.
    if message:
        hint = "Write def allowed(origin: str, environ) -> bool: ..."
        report.problem(item, "origins-callable", message, hint)
    return not message


def check_with_credentials(
    credentials: Setting,
    checked: CheckedOrigins,
    risks: frozenset[str],
    report: Report,
) -> None:
    """Check the origins for what is a danger, or impossible, beside credentials."""
    both = f"{credentials.name} is True"
    if checked.any_origin:
        message = (
            f'"*" allows every site, but {both}: no browser takes the two together.'
        )
        hint = "List the origins, or switch the credentials off."
        report.problem(checked.any_origin, "origin-wildcard-credentials", message, hint)
    if checked.null:
        message = f"{both}: any site could read the user's data as origin null."
        hint = "Leave null out; no risk can be accepted for this."
        report.problem(checked.null, "origin-null-credentials", message, hint)
    for item, pattern in checked.patterns:
        if pattern.is_loopback:
            continue
        if pattern.scheme == "http" and "insecure-origin" not in risks:
            message = f"{both}: who sits on the network can read them as this origin."
            hint = 'Write https://, or accept_risks=["insecure-origin"].'
            report.problem(item, "origin-insecure", message, hint)
        if pattern.subdomains and "public-suffix" not in risks:
            from .public_suffix import covers_public_suffix  # Here: few need it.

            if covers_public_suffix(pattern.host):
                message = f"{both}: anybody can register a name under {pattern.host}."
                hint = 'List those that are yours, or accept_risks=["public-suffix"].'
                report.problem(item, "origin-public-suffix", message, hint)
