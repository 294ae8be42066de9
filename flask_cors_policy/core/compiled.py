"""What can be known of a policy before any request, from its checked settings."""

# No ``from __future__ import annotations`` in modules with a NamedTuple: it would
# compile each annotation again, and the first time that takes an import 1 ms, of 15.

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final, NamedTuple

from .fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    CORS_RESPONSE_HEADERS,
    EXPOSE_HEADERS,
    MAX_AGE,
    ORIGIN,
    REQUEST_HEADERS,
    REQUEST_METHOD,
    TIMING_ALLOW_ORIGIN,
    WILDCARD,
)
from .origin import OriginSet
from .origin_settings import CheckedOrigins

Headers = tuple[tuple[str, str], ...]

MOST_COMBINED: Final = 5
"""Names of which every list is prepared: 31 of them."""


class Compiled(NamedTuple):
    """What requests see of a policy: everything that can be known beforehand.

    :param origins: who is allowed; ``None`` stands for any origin.
    :param credentials: ACAC, on every response to an allowed origin.
    :param actual: what else stands on the response to an actual request.
    :param preflight: what else stands on the answer to a preflight, beside the methods.
    :param vary: request headers that decide about any response under the policy.
    :param preflight_vary: the same for the answer to a preflight.
    :param owned: response headers, in lower case, that only the policy sets.
    :param echo_method: ACAM repeats the method that was asked for.
    :param echo_headers: ACAH repeats the header names that were asked for.
    :param header_names: what pages may set, in lower case; ``None`` if anything.
    :param longest_names: twice the characters of all these names in one header, which
        leaves room for blanks that no browser writes.
    :param name_lists: lists of these names as browsers write them: sorted, each once
        (``#cors-unsafe-request-header-names``); all there are, if the names are few.
    """

    origins: OriginSet | None
    credentials: Headers
    actual: Headers
    preflight: Headers
    vary: tuple[str, ...]
    preflight_vary: tuple[str, ...]
    owned: frozenset[str]
    echo_method: bool
    echo_headers: bool
    header_names: frozenset[str] | None
    longest_names: int
    name_lists: frozenset[str]


def compiled(values: Mapping[str, Any], checked: CheckedOrigins) -> Compiled:
    """Compile a policy.

    :param values: each option, checked.
    :param checked: its origins.
    """
    credentials: bool = values["supports_credentials"]
    origins = checked.compiled(
        refuse_insecure=credentials and "insecure-origin" not in values["accept_risks"]
    )
    # https://fetch.spec.whatwg.org/#cors-protocol-and-credentials: "*" means nothing
    # to a browser beside credentials, so what it stands for is spelled out.
    echo_method = credentials and WILDCARD in values["methods"]
    echo_headers = credentials and WILDCARD in values["allow_headers"]
    any_header = WILDCARD in values["allow_headers"]
    names = sorted(name.lower() for name in values["allow_headers"])
    preflight: list[tuple[str, str]] = []
    if values["allow_headers"] and not echo_headers:
        preflight.append((ALLOW_HEADERS, ", ".join(values["allow_headers"])))
    if values["max_age"] is not None:
        preflight.append((MAX_AGE, str(values["max_age"])))
    actual: list[tuple[str, str]] = []
    if values["expose_headers"]:
        actual.append((EXPOSE_HEADERS, ", ".join(values["expose_headers"])))
    timing = {TIMING_ALLOW_ORIGIN.lower()} if values["timing_allow_origin"] else set()
    # https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches: a constant ACAO
    # needs no Vary; any other needs it on every response.
    vary = () if origins is None else (ORIGIN,)
    return Compiled(
        origins=origins,
        credentials=((ALLOW_CREDENTIALS, "true"),) if credentials else (),
        actual=tuple(actual),
        preflight=tuple(preflight),
        vary=vary,
        preflight_vary=(
            *vary,
            *([REQUEST_METHOD] if echo_method else []),
            *([REQUEST_HEADERS] if echo_headers else []),
        ),
        owned=CORS_RESPONSE_HEADERS | timing,
        echo_method=echo_method,
        echo_headers=echo_headers,
        header_names=None if any_header else frozenset(names),
        name_lists=frozenset(
            ",".join(some)
            for number in range(1, len(names) + 1)
            for some in combinations(names[:MOST_COMBINED], number)
        ),
        longest_names=2 * len(", ".join(values["allow_headers"])),
    )
