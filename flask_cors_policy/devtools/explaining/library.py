"""What the options of another CORS library leave out for a page, and where.

They are read from the application. Whether the page works with a change is not tried:
what is said here is advice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...core.errors import plain
from ...core.fetch_standard import ALLOW_HEADERS, NULL_ORIGIN
from .case import Case
from .changes import Trial

if TYPE_CHECKING:
    from ..flask_cors_options import FlaskCorsPolicy


class _Missing(NamedTuple):
    """What one option leaves out.

    :ivar found: as the end of a sentence that begins with the place.
    :ivar fix: as the beginning of a sentence that ends with the place.
    """

    option: str
    found: str
    fix: str


def library_found(case: Case) -> str:
    """Say what the options of another library leave out; empty if nothing."""
    missing = list(_missing(case))
    found = " and ".join(each.found for each in missing)
    return found and f"{_place(case, missing)} {found}."


def library_fix(case: Case) -> str:
    """Say what to write in the options of another library; empty if nothing."""
    missing = list(_missing(case))
    fix = " and ".join(each.fix for each in missing)
    return fix and f"{fix[:1].upper()}{fix[1:]} in {_place(case, missing)}."


def _place(case: Case, missing: list[_Missing]) -> str:
    options = case.server.options
    assert options is not None
    return f"{options.place}{library_spot(case, missing[0].option)}"


def library_spot(case: Case, option: str) -> str:
    """Return file and line of an option, in brackets; empty if they are not known."""
    options = case.server.options
    spot = options.spots.get(option) if options is not None else None
    return f" ({spot})" if spot else ""


def _missing(case: Case) -> Iterator[_Missing]:
    options, exchange = case.server.options, case.exchange
    if options is None or options.policy is None or exchange is None:
        return
    if case.page.origin == NULL_ORIGIN:
        return
    yield from _of_response(case, options.policy)
    preflight, _ = Trial.of(case).needed_headers()
    if preflight:
        yield from _of_preflight(case, options.policy, dict(preflight))


def _of_response(case: Case, policy: FlaskCorsPolicy) -> Iterator[_Missing]:
    origin = case.page.origin
    cookies = case.request.credentials == "include"
    lacks_credentials = cookies and not policy.supports_credentials
    if not policy.allows_origin(origin):
        found = f"does not list {origin}"
        yield _Missing("origins", found, f"add {json.dumps(origin)} to origins")
    elif lacks_credentials and policy.any_origin:
        # Every site could read responses with cookies.
        fix = f"write origins=[{json.dumps(origin)}]"
        yield _Missing("origins", "allows every origin", fix)
    if lacks_credentials:
        fix = "write supports_credentials=True"
        yield _Missing("supports_credentials", "does not allow credentials", fix)


def _of_preflight(
    case: Case, policy: FlaskCorsPolicy, needed: dict[str, str]
) -> Iterator[_Missing]:
    method = plain(case.request.sent_method)
    if not policy.allows_method(case.request.sent_method):
        fix = f"add {json.dumps(method)} to methods"
        yield _Missing("methods", f"does not allow {method}", fix)
    asked = needed.get(ALLOW_HEADERS, "").split(", ")
    names = [name for name in asked if name and not policy.allows_header(name)]
    if names:
        listed = ", ".join(map(json.dumps, names))
        found = f"does not allow {plain(', '.join(names))}"
        yield _Missing("allow_headers", found, f"add {plain(listed)} to allow_headers")
