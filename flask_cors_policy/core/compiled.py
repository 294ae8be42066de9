"""``CompiledPolicy``: what requests see of a policy, computed when it is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .answer import Headers, Memo
from .fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_ORIGIN,
    CORS_RESPONSE_HEADERS,
    EXPOSE_HEADERS,
    MAX_AGE,
    ORIGIN,
    REQUEST_HEADERS,
    REQUEST_METHOD,
    TIMING_ALLOW_ORIGIN,
    VARY,
    WILDCARD,
)
from .origin import OriginMatcher
from .origin_settings import CheckedOrigins


class Rights(NamedTuple):
    """What an allowed origin gets.

    :param allow_origin: the value of Access-Control-Allow-Origin; "" repeats the
        origin of the request.
    :param credentials: whether pages may send credentials.
    :param actual: what else stands on the response to an actual request.
    :param timing: whether Timing-Allow-Origin is sent with the same value. (``"*"`` is
        on every response: ``CompiledPolicy.always``.)
    :param methods: the methods that were written.
    :param preflight: what else stands on the answer to a preflight.
    :param echo_method: ACAM repeats the method that was asked for.
    :param echo_headers: ACAH repeats the header names that were asked for.
    :param header_names: what pages may set, in lower case; ``None`` if anything.
    """

    allow_origin: str
    credentials: bool
    actual: Headers
    timing: bool
    methods: tuple[str, ...]
    preflight: Headers
    echo_method: bool
    echo_headers: bool
    header_names: frozenset[str] | None


class CompiledPolicy(NamedTuple):
    """What requests see of a policy.

    :param origins: finds the rights of an origin.
    :param is_open: ``"*"`` is all there is: every response gets ``without_origin``.
    :param without_origin: what a response to a request without Origin gets.
    :param always: what each response but the answer to a preflight gets: ``Vary``,
        unless it is the same for all, and ``Timing-Allow-Origin: *`` where that was
        written.
    :param preflight_vary: request headers that the answer to a preflight depends on.
    :param owned: response headers, in lower case, that only the policy sets.
    :param memo: the answers that were decided before.
    """

    origins: OriginMatcher[Rights]
    is_open: bool
    without_origin: Headers
    always: Headers
    preflight_vary: tuple[str, ...]
    owned: frozenset[str]
    memo: Memo


def compile_policy(
    values: Mapping[str, Any], checked: CheckedOrigins
) -> CompiledPolicy:
    """Return what requests see of a policy.

    :param values: each option, checked.
    :param checked: its origins.
    """
    is_open = checked.any_origin is not None
    rights = _rights(values, WILDCARD if is_open else "")
    # https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches: a constant ACAO
    # needs no Vary; any other needs it on every response.
    always: Headers = () if is_open else ((VARY, ORIGIN),)
    if values["timing_allow_origin"] == WILDCARD:
        always += ((TIMING_ALLOW_ORIGIN, WILDCARD),)
    without_origin = always
    if is_open:
        without_origin += ((ALLOW_ORIGIN, WILDCARD), *rights.actual)
        if rights.timing:
            without_origin += ((TIMING_ALLOW_ORIGIN, WILDCARD),)
    timing = {TIMING_ALLOW_ORIGIN.lower()} if values["timing_allow_origin"] else set()
    return CompiledPolicy(
        origins=checked.matcher(
            rights,
            refuse_insecure="insecure-origin" not in values["accept_risks"]
            and bool(values["supports_credentials"] or values["enforce"]),
        ),
        is_open=is_open,
        without_origin=without_origin,
        always=always,
        preflight_vary=(
            *([] if is_open else [ORIGIN]),
            *([REQUEST_METHOD] if rights.echo_method else []),
            *([REQUEST_HEADERS] if rights.echo_headers else []),
        ),
        owned=CORS_RESPONSE_HEADERS | timing,
        memo=Memo(),
    )


def _rights(values: Mapping[str, Any], allow_origin: str) -> Rights:
    credentials: bool = values["supports_credentials"]
    names: tuple[str, ...] = values["allow_headers"]
    # https://fetch.spec.whatwg.org/#cors-protocol-and-credentials: beside credentials
    # "*" means nothing to a browser, so the names are repeated instead.
    echo_headers = credentials and WILDCARD in names
    allowed: Headers = ((ALLOW_CREDENTIALS, "true"),) if credentials else ()
    preflight: list[tuple[str, str]] = []
    if names and not echo_headers:
        preflight.append((ALLOW_HEADERS, ", ".join(names)))
    if values["max_age"] is not None:
        preflight.append((MAX_AGE, str(values["max_age"])))
    exposed = values["expose_headers"]
    return Rights(
        allow_origin=allow_origin,
        credentials=credentials,
        actual=(*allowed, *([(EXPOSE_HEADERS, ", ".join(exposed))] if exposed else [])),
        timing=values["timing_allow_origin"] is True,
        methods=values["methods"],
        preflight=tuple(preflight),
        echo_method=credentials and WILDCARD in values["methods"],
        echo_headers=echo_headers,
        header_names=(
            None if WILDCARD in names else frozenset(name.lower() for name in names)
        ),
    )
