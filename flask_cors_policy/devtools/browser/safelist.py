"""Whether a request needs a preflight: its headers against the safelist.

Rule 1. A header is safe by name *and* value; a value of more than 128 bytes never is
        (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
Rule 2. Safe headers whose values together exceed 1024 bytes are unsafe, all of them
        (https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names).
Rule 3. What a page cannot set (https://fetch.spec.whatwg.org/#forbidden-request-header)
        is dropped without a word, before any of this.

Values are bytes, held in strings as Latin-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ...core.fetch_standard import (
    MAX_SAFELISTED_VALUE,
    MAX_SAFELISTED_VALUES,
    METHOD_OVERRIDE_HEADERS,
    SAFELISTED_CONTENT_TYPES,
    is_forbidden_method,
    is_forbidden_request_header,
    is_token,
)
from .engines import STANDARD, Engine
from .variants import Range

# https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
_UNSAFE: Final = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
_NON_ASCII: Final = re.compile(r"[^\x00-\x7f]")
# For Accept-Language and Content-Language.
_LANGUAGE: Final = re.compile(r"[0-9A-Za-z *,\-.;=]*")
# https://fetch.spec.whatwg.org/#simple-range-header-value
_RANGES: Final = {
    Range.STRICT: re.compile(r"bytes=([0-9]*)-([0-9]*)"),
    Range.LENIENT: re.compile(r"(?i:bytes)=(\+?[0-9]+)-(\+?[0-9]+|)"),
    Range.AS_NUMBERS: re.compile(r"bytes=([0-9]*)-([0-9]*)"),
}
# What Firefox takes for a Content-Type at all.
_STRICT_MEDIA_TYPE: Final = re.compile(r"[^,;]*(;|;[^,]*[^,;])?")
_HTTP_SPACE: Final = " \t\r\n"


def settable(name: str, value: str, engine: Engine = STANDARD) -> bool:
    """Say whether a page that sets this request header has any effect.

    https://fetch.spec.whatwg.org/#forbidden-request-header
    """
    lowered = name.lower()
    if lowered in engine.ignored_names:
        return False
    if is_forbidden_request_header(name) and lowered not in engine.settable_names:
        return False
    if lowered in METHOD_OVERRIDE_HEADERS and engine.drops_method_overrides:
        named = (part.strip(" \t") for part in value.split(","))
        return not any(is_forbidden_method(method) for method in named)
    return True


def unsafe_names(
    headers: Iterable[tuple[str, str]], engine: Engine = STANDARD
) -> tuple[str, ...]:
    """Return the names that a preflight must ask for: lower case, sorted, each once.

    https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
    """
    unsafe: list[str] = []
    safe: list[str] = []
    size = 0
    for name, value in _joined(headers) if engine.joins_same_names else headers:
        if is_safelisted(name, value, engine):
            safe.append(name.lower())
            size += len(value)
        else:
            unsafe.append(name.lower())
    if size > MAX_SAFELISTED_VALUES:
        unsafe += safe
    return tuple(sorted(unsafe if engine.repeats_names else set(unsafe)))


def _joined(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Return one header for each name, its values joined."""
    values: dict[str, str] = {}
    for name, value in headers:
        lowered = name.lower()
        known = values.get(lowered)
        values[lowered] = value if known is None else f"{known}, {value}"
    return values.items()


def is_safelisted(name: str, value: str, engine: Engine = STANDARD) -> bool:
    """Say whether this header alone needs no preflight.

    https://fetch.spec.whatwg.org/#cors-safelisted-request-header
    """
    if len(value) > MAX_SAFELISTED_VALUE:
        return False
    match name.lower():
        case "accept":
            return not _has_unsafe_bytes(value, engine)
        case "accept-language" | "content-language":
            return _LANGUAGE.fullmatch(value) is not None
        case "content-type":
            if _has_unsafe_bytes(value, engine):
                return False
            if engine.strict_media_types and not _STRICT_MEDIA_TYPE.fullmatch(value):
                return False
            return mime_essence(value) in SAFELISTED_CONTENT_TYPES
        case "range":
            return _is_simple_range(value, engine)
        case lowered:
            pattern = dict(engine.safelisted_values).get(lowered)
            return pattern is not None and re.fullmatch(pattern, value) is not None


def _has_unsafe_bytes(value: str, engine: Engine) -> bool:
    """https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte"""
    if not engine.non_ascii_is_safe and _NON_ASCII.search(value):
        return True
    return _UNSAFE.search(value) is not None


def mime_essence(value: str) -> str | None:
    """Return type and subtype of a Content-Type, ``None`` if it is not one.

    https://mimesniff.spec.whatwg.org/#parse-a-mime-type; parameters never spoil it.
    """
    kind, slash, rest = value.strip(_HTTP_SPACE).partition("/")
    subtype = rest.partition(";")[0].rstrip(_HTTP_SPACE)
    if not (slash and is_token(kind) and is_token(subtype)):
        return None
    return f"{kind}/{subtype}".lower()


def _is_simple_range(value: str, engine: Engine) -> bool:
    """https://fetch.spec.whatwg.org/#simple-range-header-value, white space refused."""
    found = _RANGES[engine.range].fullmatch(value)
    if found is None:
        return False
    # As many digits as a header may have: Python converts them all.
    first, last = found[1], found[2]
    if engine.range is Range.AS_NUMBERS:
        return int(last or 0) == 0 or int(first or 0) < int(last)
    return bool(first) and (not last or int(first) <= int(last))
