"""``CompiledPolicy``: what requests see of a policy, computed when it is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

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
from .origin_rights import OriginGroup
from .origin_settings import compile_origins

_OWNED_WITH_TIMING: Final = CORS_RESPONSE_HEADERS | {TIMING_ALLOW_ORIGIN.lower()}


class Rights(NamedTuple):
    """What an allowed origin gets.

    :param allow_origin: the value of Access-Control-Allow-Origin; "" repeats the
        origin of the request.
    :param item: the item of ``origins`` that allows it; "" if none has options.
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
    item: str
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
    values: Mapping[str, Any], groups: Sequence[OriginGroup]
) -> CompiledPolicy:
    """Return what requests see of a policy.

    :param values: each option of the policy, checked.
    :param groups: its origins, and the options that apply to them.
    """
    given = [_rights(group) for group in groups]
    is_open = len(given) == 1 and given[0].allow_origin == WILDCARD
    # https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches: a constant ACAO
    # needs no Vary; any other needs it on every response.
    always: Headers = () if is_open else ((VARY, ORIGIN),)
    if values["timing_allow_origin"] == WILDCARD:
        always += ((TIMING_ALLOW_ORIGIN, WILDCARD),)
    without_origin = always
    if is_open:
        without_origin += ((ALLOW_ORIGIN, WILDCARD), *given[0].actual)
        if given[0].timing:
            without_origin += ((TIMING_ALLOW_ORIGIN, WILDCARD),)
    has_timing = values["timing_allow_origin"] or any(each.timing for each in given)
    strict = "insecure-origin" not in values["accept_risks"]
    enforces = bool(values["enforce"])
    return CompiledPolicy(
        origins=compile_origins(
            (group.checked, rights, strict and (rights.credentials or enforces))
            for group, rights in zip(groups, given, strict=True)
        ),
        is_open=is_open,
        without_origin=without_origin,
        always=always,
        preflight_vary=(
            *([] if is_open else [ORIGIN]),
            *([REQUEST_METHOD] if any(each.echo_method for each in given) else []),
            *([REQUEST_HEADERS] if any(each.echo_headers for each in given) else []),
        ),
        owned=_OWNED_WITH_TIMING if has_timing else CORS_RESPONSE_HEADERS,
        memo=Memo(),
    )


def _rights(group: OriginGroup) -> Rights:
    values = group.values
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
        allow_origin="" if group.checked.any_origin is None else WILDCARD,
        item=group.item,
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
