"""How each option of a policy is checked; ``origins`` has a module of its own.

What a check returns has the one type the rest of the library knows: tuples, an int,
bools. What is *forbidden* here the standard forbids (tables in ``fetch_standard``);
what is *prohibited* this library refuses because it is never what was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Literal

from .errors import a_type
from .fetch_standard import (
    CORS_REQUEST_HEADERS,
    CORS_RESPONSE_HEADERS,
    FORBIDDEN_RESPONSE_HEADERS,
    NORMALIZED_METHODS,
    REQUEST_ONLY_HEADERS,
    WILDCARD,
    is_forbidden_method,
    is_forbidden_request_header,
    is_token,
)
from .settings import (
    OPTIONS,
    UNWRITTEN,
    RawOptions,
    Report,
    Setting,
    did_you_mean,
    quoted,
    strings,
    unset_hint,
)

RISKS: Final[Mapping[str, str]] = {
    "regex-origin": "origins holds a regular expression, which is easy to get wrong",
    "null-origin": "any site can make a page with the origin null",
    "insecure-origin": "anyone on the network could pose as an http origin",
    "public-suffix": "anybody can register a name under a public suffix",
}
"""Name of a risk, as ``accept_risks`` takes it -> what is accepted with it."""

BROWSERS_LONGEST_MAX_AGE: Final = 86400
"""Seconds: Firefox caps ``Access-Control-Max-Age`` there, Chromium at 7200, WebKit
at 600 (https://fetch.spec.whatwg.org/#http-access-control-max-age allows a cap)."""
LARGEST_MAX_AGE: Final = 2**31
"""Seconds: the largest value a cache must be able to hold (RFC 9111, 1.2.2)."""

UNSAFE: Final[Literal["unsafe"]] = "unsafe"
"""``enforce`` for requests that may change something, and WebSocket handshakes."""

_REGEX_SIGNS: Final = frozenset("*+^$|")
"""What a header name and a regular expression may both hold."""

_NO_STRING: Final = (
    ", not a string; environment variables have to be converted, as Flask's "
    "app.config.from_prefixed_env() does"
)


def known_options(
    settings: RawOptions,
    report: Report,
    known: Collection[str] = OPTIONS,
    *,
    in_config: bool = False,
    given: Collection[str] = (),
) -> dict[str, Setting]:
    """Report each setting that no option has; return the others.

    A setting with a wrong name is among them under the right one, where that is
    certain: what is wrong with its value is then reported in the same round.

    :param known: the options that there are.
    :param in_config: whether these are keys of ``app.config``.
    :param given: options that win over these settings.
    """
    result = {name: at for name, at in settings.items() if name in known}
    for name, at in settings.items():
        if name not in result:
            from .other_names import answer_unknown  # Here: only mistakes need it.

            typed = at.name if in_config else str(name)
            has = {*result, *given}
            meant = answer_unknown(
                at, typed, known, report, in_config=in_config, given=has
            )
            if meant is not None:
                result[meant[0]] = meant[1]
    return result


def check_flag(setting: Setting, report: Report, values: str = "True or False") -> bool:
    """Check an option that is on or off.

    :param values: what to write.
    """
    if not isinstance(setting.value, bool):
        message = f"{a_type(setting.value)} is not a bool."
        text = isinstance(setting.value, str)
        hint = f"Write {values}{_NO_STRING if text else ''}."
        report.problem(setting, "wrong-type", message, hint)
    return setting.value is True


def check_enforce(setting: Setting, report: Report) -> bool | Literal["unsafe"]:
    """Check which requests of other origins are refused: none, all, unsafe ones."""
    if setting.value == UNSAFE:
        return UNSAFE
    return check_flag(setting, report, f'True, False or "{UNSAFE}"')


def check_timing(setting: Setting, report: Report) -> bool | Literal["*"]:
    """Check who may read detailed timings: nobody, the allowed origins, everybody."""
    if setting.value == WILDCARD:
        return WILDCARD
    if isinstance(setting.value, str | bool):
        return check_flag(setting, report)
    message = "Timing-Allow-Origin is never a list of origins."
    hint = 'Write True for the allowed origins, "*" for every site, or False.'
    report.problem(setting, "wrong-type", message, hint)
    return False


def check_preflight_status(setting: Setting, report: Report) -> int:
    """Check the status of a successful preflight: 204, or 200 for old clients."""
    value = setting.value
    if isinstance(value, int) and not isinstance(value, bool) and value in (200, 204):
        return int(value)  # It may have been an http.HTTPStatus.
    message = "A preflight is answered with one of two statuses."
    report.problem(setting, "out-of-range", message, "Write 204 or 200.")
    return 204


def check_max_age(setting: Setting, report: Report) -> int | None:
    """Check how many seconds browsers may keep the answer to a preflight."""
    value = setting.value
    if value is None:
        return None
    from datetime import timedelta  # Here: 1 ms of an import's 15.

    if isinstance(value, timedelta):
        if value.microseconds:
            message = "A part of a second cannot be sent."
            report.problem(setting, "out-of-range", message, "Write whole seconds.")
            return None
        value = value.days * 86400 + value.seconds
    if type(value) is not int:
        message = f"{a_type(value)} is not a number of seconds."
        hint = "Write an int, a timedelta, or None to leave the header out."
        if isinstance(value, str) and value.isdecimal() and value.isascii():
            hint = f"Write {int(value)}{_NO_STRING}."
        report.problem(setting, "wrong-type", message, hint)
        return None
    if not 0 <= value <= LARGEST_MAX_AGE:
        message = f"max_age must be between 0 and {LARGEST_MAX_AGE} seconds."
        hint = "Write 0 to have browsers ask each time, None to leave the header out."
        report.problem(setting, "out-of-range", message, hint)
        return None
    if value > BROWSERS_LONGEST_MAX_AGE:
        message = "No browser keeps a preflight's answer that long."
        hint = "Firefox keeps it 86400 s at most, Chromium 7200 s, Safari 600 s."
        report.warning(setting, "max-age-beyond-browsers", message, hint)
    return value


def check_risks(setting: Setting, report: Report) -> frozenset[str]:
    """Check the names of the risks that were accepted."""
    accepted: set[str] = set()
    for item in strings(setting, report):
        if item.value in RISKS:
            accepted.add(item.value)
        else:
            message = "There is no risk of this name."
            hint = did_you_mean(item.value, RISKS)
            report.problem(item, "unknown-risk", message, hint)
    return frozenset(accepted)


def check_methods(setting: Setting, report: Report) -> tuple[str, ...]:
    """Check the methods other than GET, HEAD and POST that pages may use."""
    value: object = setting.value
    if value is UNWRITTEN:
        return UNWRITTEN
    items = list(strings(setting, report))
    spelled = {item.value for item in items}
    for item in items:
        method = item.value
        if not is_token(method):
            message = "This is not an HTTP method."
            hint = _name_hint(method, 'Write a name such as "PUT".')
            report.problem(item, "method-token", message, hint)
        elif is_forbidden_method(method):
            message = "Browsers refuse to send this method (#forbidden-method)."
            report.problem(item, "method-forbidden", message, "Leave it out.")
        elif method not in NORMALIZED_METHODS and method.upper() in NORMALIZED_METHODS:
            message = (
                "Browsers send this method in upper case (#concept-method-normalize)."
            )
            report.problem(item, "method-case", message, f'Write "{method.upper()}".')
        elif method.upper() == "PATCH" and "PATCH" not in spelled:
            # Browsers do send "patch" as it is written, but only for a page that has
            # the very bug this would hide; who wants both lists both.
            message = (
                "Browsers send PATCH as the page spells it, and pages write PATCH."
            )
            report.problem(item, "method-case", message, 'Write "PATCH".')
    return _names(items, report, case_sensitive=True)


def check_allow_headers(setting: Setting, report: Report) -> tuple[str, ...]:
    """Check the request headers that pages may set."""
    items = list(strings(setting, report))
    for item in items:
        if not _is_header(item, report):
            continue
        if is_forbidden_request_header(item.value):
            message = "Pages cannot set this header (#forbidden-request-header)."
            report.problem(item, "header-forbidden", message, "Leave it out.")
        elif item.value.lower() in CORS_RESPONSE_HEADERS:
            message = "Only responses have this header; pages have no use for it."
            hint = "Leave it out, and do not set it in the page."
            report.problem(item, "header-of-responses", message, hint)
        elif item.value != WILDCARD and not _REGEX_SIGNS.isdisjoint(item.value):
            # The grammar has room for such names, but nobody means them.
            message = "This looks like a regular expression or a pattern of names."
            hint = 'Write the names of the headers out, or "*" for every header.'
            report.problem(item, "header-token", message, hint)
    # https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
    return _names(items, report, beside_wildcard=frozenset({"authorization"}))


def check_expose_headers(setting: Setting, report: Report) -> tuple[str, ...]:
    """Check the response headers that pages may read."""
    items = list(strings(setting, report))
    for item in items:
        if not _is_header(item, report):
            continue
        name = item.value.lower()
        if name in FORBIDDEN_RESPONSE_HEADERS:
            message = "No page can read this header (#forbidden-response-header-name)."
            report.problem(item, "header-forbidden", message, "Leave it out.")
        elif name in CORS_RESPONSE_HEADERS or name in CORS_REQUEST_HEADERS:
            message = "Browsers handle this header themselves; pages never need it."
            report.problem(item, "header-of-cors", message, "Leave it out.")
        elif name == "authorization":  # Some answer a login with a token in it.
            message = "Pages send this header; few responses have it."
            hint = "Leave it out, unless a response of yours has a token in it."
            report.warning(item, "header-of-requests", message, hint)
        elif name in REQUEST_ONLY_HEADERS:
            message = "Only requests have this header; pages cannot read their own."
            hint = "Leave it out; what pages may send is allow_headers."
            report.problem(item, "header-of-requests", message, hint)
    return _names(items, report)


def _is_header(item: Setting, report: Report) -> bool:
    if is_token(item.value):
        return True
    message = "This is not a header name."
    hint = _name_hint(item.value, 'Write a name such as "X-Token".')
    report.problem(item, "header-token", message, hint)
    return False


def _name_hint(text: str, otherwise: str) -> str:
    """Return what to write for *text*, which is no token."""
    names = [name.strip() for name in text.split(",")]
    if len(names) > 1 and all(map(is_token, names)):
        return f"Write each name as an item of its own: [{quoted(names)}]."
    name = text.partition(":")[0].strip()
    if name != text and is_token(name):
        return f'Write "{name}".'
    return otherwise + unset_hint(text)


def _names(
    items: list[Setting],
    report: Report,
    *,
    case_sensitive: bool = False,
    beside_wildcard: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return the names of *items*, each once, as first spelled, and in their order."""
    names: dict[str, str] = {}
    for item in items:
        names.setdefault(
            item.value if case_sensitive else item.value.lower(), item.value
        )
    if WILDCARD in names:
        for item in items:
            if item.value != WILDCARD and item.value.lower() not in beside_wildcard:
                message = '"*" covers this item already.'
                hint = 'Write "*" alone, or leave it out and list what is needed.'
                report.problem(item, "wildcard-mixed", message, hint)
    return tuple(names.values())


Check = Callable[[Setting, Report], Any]

CHECKS: Final[Mapping[str, Check]] = {
    "methods": check_methods,
    "allow_headers": check_allow_headers,
    "expose_headers": check_expose_headers,
    "supports_credentials": check_flag,
    "max_age": check_max_age,
    "preflight_status": check_preflight_status,
    "timing_allow_origin": check_timing,
    "enforce": check_enforce,
    "accept_risks": check_risks,
}
"""Option -> its check, for every option but ``origins`` (see ``origin_settings``)."""
