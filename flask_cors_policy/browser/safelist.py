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

from ..core.fetch_standard import (
    MAX_SAFELISTED_VALUE,
    MAX_SAFELISTED_VALUES,
    METHOD_OVERRIDE_HEADERS,
    SAFELISTED_CONTENT_TYPES,
    is_forbidden_method,
    is_forbidden_request_header,
    is_token,
)
from .engines import STANDARD, Engine

# https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
_UNSAFE: Final = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
_NON_ASCII: Final = re.compile(r"[^\x00-\x7f]")
# For Accept-Language and Content-Language.
_LANGUAGE: Final = re.compile(r"[0-9A-Za-z *,\-.;=]*")
# https://fetch.spec.whatwg.org/#simple-range-header-value
_RANGE: Final = re.compile(r"(bytes)=([0-9]*)-([0-9]*)")
_HTTP_SPACE: Final = " \t\r\n"


def settable(name: str, value: str, engine: Engine = STANDARD) -> bool:
    """Say whether a page that sets this request header has any effect.

    https://fetch.spec.whatwg.org/#forbidden-request-header
    """
    lowered = name.lower()
    if is_forbidden_request_header(name) or lowered in engine.ignored_names:
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
    unsafe: set[str] = set()
    safe: set[str] = set()
    size = 0
    for name, value in headers:
        if is_safelisted(name, value, engine):
            safe.add(name.lower())
            size += len(value)
        else:
            unsafe.add(name.lower())
    if size > MAX_SAFELISTED_VALUES:
        unsafe |= safe
    return tuple(sorted(unsafe))


def is_safelisted(name: str, value: str, engine: Engine = STANDARD) -> bool:
    """Say whether this header alone needs no preflight.

    https://fetch.spec.whatwg.org/#cors-safelisted-request-header
    """
    if len(value) > MAX_SAFELISTED_VALUE:
        return False
    match name.lower():
        case "accept":
            if not engine.accept_takes_non_ascii and _NON_ASCII.search(value):
                return False
            return not _UNSAFE.search(value)
        case "accept-language" | "content-language":
            return _LANGUAGE.fullmatch(value) is not None
        case "content-type":
            if _UNSAFE.search(value):
                return False
            return mime_essence(value) in SAFELISTED_CONTENT_TYPES
        case "range":
            return _is_simple_range(value, engine)
        case lowered:
            return lowered in engine.safelisted_names


def mime_essence(value: str) -> str | None:
    """Return type and subtype of a Content-Type, ``None`` where it is not one.

    https://mimesniff.spec.whatwg.org/#parse-a-mime-type; parameters never spoil it.
    """
    kind, slash, rest = value.strip(_HTTP_SPACE).partition("/")
    subtype = rest.partition(";")[0].rstrip(_HTTP_SPACE)
    if not (slash and is_token(kind) and is_token(subtype)):
        return None
    return f"{kind}/{subtype}".lower()


def _is_simple_range(value: str, engine: Engine) -> bool:
    """https://fetch.spec.whatwg.org/#simple-range-header-value, white space refused."""
    unit = value[:5].lower() if engine.range_unit_in_any_case else value[:5]
    found = _RANGE.fullmatch(unit + value[5:])
    if found is None:
        return False
    first, last = found[2], found[3]
    if not first:
        return bool(last) and engine.suffix_range_safelisted
    if not last or engine.descending_range_safelisted:
        return True
    return int(first) <= int(last)
