"""Settings that no option has: what other libraries call ours, and what is meant.

Only ever runs on a mistake. A name that another library uses is answered with the
option that does the same, not with the option whose spelling is nearest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from .settings import DEFAULTS, Report, Setting, did_you_mean, nearest, quoted

CONFIG_PREFIX: Final = "CORS_"

FLASK_CORS_OPTIONS: Final[Mapping[str, str]] = {
    "send_wildcard": 'origins="*" is always sent as "*", other origins one by one.',
    "always_send": "Every response has the headers of its policy.",
    "automatic_options": "Every preflight is answered, before any view.",
    "vary_header": "Vary is sent whenever the response depends on the origin.",
    "intercept_exceptions": "Errors always have the headers of their route's policy.",
    "allow_private_network": (
        "Browsers replaced that header by a permission prompt; no server can grant it."
    ),
}
"""Options of Flask-CORS that have no counterpart -> what happens here instead."""

_OTHERS_OPTIONS: Final[Mapping[str, str]] = {
    "provide_automatic_options": FLASK_CORS_OPTIONS["automatic_options"],
    "attach_to_all": FLASK_CORS_OPTIONS["always_send"],
    "preflight_continue": FLASK_CORS_OPTIONS["automatic_options"],
    "vary": FLASK_CORS_OPTIONS["vary_header"],
}
"""The same for a well-known recipe of Flask's snippets, and for Express."""

_MATCHING: Final = (
    "To ask whether an origin is allowed, build a Policy and call "
    "policy.allows_origin(origin)."
)
_ANSWERING: Final = (
    "CORS(app) gives every response the headers of its policy: delete the call. Around "
    "other WSGI applications write CORSMiddleware(app, origins=...)."
)
_FLASK_CORS_NAMES: Final = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        ("CORS|cross_origin", "Write from flask_cors_policy import {name}."),
        ("ACL_[A-Z_]+", 'Write the name of the header: "Access-Control-...".'),
        (r"[gs]et_cors_\w+|get_allow_headers", _ANSWERING),
        ("FLASK_CORS_EVALUATED", "For a view without a policy write @cors_exempt."),
        ("LOG", 'Write logging.getLogger("flask_cors_policy").'),
        (r"try_match\w*|probably_regex|get_regexp_pattern|re_fix", _MATCHING),
        ("RegexObject|sanitize_regex_param|parse_resources", _MATCHING),
        (
            "(?:CONFIG|DEFAULT)_OPTIONS|(?:merge|serialize)_options?|get_app_kwarg_dict"
            "|flexible_str|ensure_iterable|ALL_METHODS",
            "To read the options of a policy call policy.as_settings().",
        ),
    )
)
"""Names that applications import from ``flask_cors.core`` -> what to do instead."""

# What the name means, after the prefixes below are taken off -> our option. From
# Starlette and FastAPI, django-cors-headers, Express, Flask-SocketIO, rs/cors, Spring,
# ASP.NET Core, the headers themselves, and from mistakes that people ask about.
_ALLOWED = r"(?:(?:allow(?:ed|s)?|permitted|trusted|accepted?)_)"
_LISTED = r"(?:_(?:white|allow)?_?list(?:ed)?|_urls?|_(?:host|domain)s?)"
_PATHS: Final = r"(?:resource|path|route)s?(?:_rules?)?"
_MEANINGS: Final = tuple(
    (re.compile(pattern), option)
    for pattern, option in (
        (rf"{_ALLOWED}?(?:origin|domain|host|site|url)s?{_LISTED}?", "origins"),
        (r"(?:white|allow)_?list(?:_origins?)?", "origins"),
        (rf"{_ALLOWED}?(?:http_)?(?:method|verb)s?", "methods"),
        (rf"{_ALLOWED}(?:request_)?headers?|request_headers?", "allow_headers"),
        (r"expos(?:e|ed|es|ing)(?:_response)?(?:_headers?)?", "expose_headers"),
        (
            rf"(?:{_ALLOWED}|supports?_|with_|use_)?(?:credentials?|cookies?)",
            "supports_credentials",
        ),
        (r"(?:preflight_)?max_?age(?:_seconds)?|preflight_cache", "max_age"),
        (
            r"(?:options|preflight)_(?:success_)?(?:status|code)(?:_code)?",
            "preflight_status",
        ),
        (_PATHS, "resources"),
    )
)
_ANY_ORIGIN = re.compile(
    r"(?:allow_|origins?_allow_)(?:all|any)(?:_origins?)?|any_origin"
)
_EXPRESSIONS = re.compile(r"(?:allow(?:ed)?_)?origins?_(?:regex(?:es)?|patterns?)\w*")
_FUNCTIONS = re.compile(r"(?:allow_|is_)?origins?_(?:func\w*|validator|allowed|check)")
_PATH_EXPRESSION = re.compile(r"(?:urls?|paths?)_regex(?:es)?")


class _Answer(NamedTuple):
    """What to say of a name, and what to go on with.

    :param hint: what to write instead.
    :param option: the option that is meant; "" if none is.
    :param value: its value; left out where it is the one that was written.
    :param message: what is wrong.
    """

    hint: str
    option: str = ""
    value: Any = ...
    message: str = "There is no such option."


def answer_unknown(
    at: Setting,
    typed: str,
    known: Collection[str],
    report: Report,
    *,
    in_config: bool = False,
    given: Collection[str] = (),
) -> tuple[str, Setting] | None:
    """Report a setting that no option has.

    :param at: the setting.
    :param typed: its name, without the place: ``CORS_HEADERS``, ``allow_origins``.
    :param known: the options that there are.
    :param in_config: whether it is a key of ``app.config``.
    :param given: options that were given elsewhere and win over this one.
    :return: the option that was meant and its setting, so that its value is checked
        in the same round; ``None`` if that is not certain.
    """
    name = _normalised(typed)
    answer = (
        _special(name, at.value, in_config)
        or _of_others(name, typed, known, in_config)
        or _by_spelling(name, typed, known, in_config)
    )
    hint = answer.hint
    if answer.option in given and in_config:
        hint = (
            f"{answer.option} is given already. Delete this line; or, if the "
            "application reads it, rename it so that it does not begin with "
            f"{CONFIG_PREFIX}."
        )
    report.problem(at, "unknown-option", answer.message, hint)
    if not answer.option or answer.option in given:
        return None
    value = at.value if answer.value is ... else answer.value
    return answer.option, Setting(value, at.name)


def instead_of_import(name: str) -> str:
    """Return what to do instead of importing *name* from ``flask_cors.core``.

    :return: ``""`` if there is no such name.
    """
    for pattern, hint in _FLASK_CORS_NAMES:
        if pattern.fullmatch(name):
            return hint.format(name=name)
    return ""


def _normalised(typed: str) -> str:
    """Return a name in lower case, with underscores, without "cors" and the like."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", typed).replace("-", "_").lower()
    return re.sub(r"^(?:cors_|access_control_|flask_cors_)+", "", name)


def _special(name: str, value: object, in_config: bool) -> _Answer | None:
    """Answer the names whose value means something else here."""
    does_nothing = {**FLASK_CORS_OPTIONS, **_OTHERS_OPTIONS}
    if name in does_nothing:
        library = (
            "of Flask-CORS" if name in FLASK_CORS_OPTIONS else "of other libraries"
        )
        message = f"This is an option {library}; it is not needed here."
        return _Answer(f"{does_nothing[name]} Leave it out.", message=message)
    if name == "headers":
        return _headers(value, in_config)
    if _ANY_ORIGIN.fullmatch(name):
        if value is True:
            return _Answer(
                f"It means {_here('origins', in_config, '*')}", "origins", "*"
            )
        return _Answer(_delete(in_config))
    if _EXPRESSIONS.fullmatch(name):
        return _expressions(value, in_config)
    if _FUNCTIONS.fullmatch(name) and callable(value):
        called = _called("origins", in_config)
        function = "def allowed(origin, environ) -> bool"
        return _Answer(f"A function goes into {called}: {function}.", "origins")
    if _PATH_EXPRESSION.fullmatch(name):
        from .path_mistakes import rules_to_write

        rules = quoted(rules_to_write(value) or ["/api/*"])
        where = _called("resources", in_config)
        return _Answer(f"Paths go into {where}, as rules: [{rules}].")
    return None


def _headers(value: object, in_config: bool) -> _Answer:
    """Answer ``headers``, an option of old versions of Flask-CORS."""
    message = "Flask-CORS ignores this too."
    text = value if isinstance(value, str) else ",".join(map(str, _items(value)))
    names = text.replace(",", " ").split()
    default = {each.lower() for each in DEFAULTS["allow_headers"]}
    others = [each for each in names if each.lower() not in default]
    hint = _delete(in_config)
    if others and all(re.fullmatch(r"[\w-]+", each) for each in others):
        where = _called("allow_headers", in_config)
        hint = f"{hint} If pages set these headers, write {where} = [{quoted(names)}]."
    return _Answer(hint, message=message)


def _of_others(
    name: str, typed: str, known: Collection[str], in_config: bool
) -> _Answer | None:
    """Answer a name of another library."""
    option = name if name in known else ""
    for pattern, meant in _MEANINGS:
        if not option and meant in known and pattern.fullmatch(name):
            option = meant
    if not option and re.fullmatch(_PATHS, name):
        return _Answer(
            'Paths belong to an application: write CORSMiddleware(app, {"/api/*": '
            "{...}}), or CORS(app, resources={...})."
        )
    if not option or f"{name}s" == option:
        return None
    called = _called(option, in_config)
    if option == name and in_config:
        return _Answer(f'Did you mean "{called}"?', option)
    if option == name and typed.upper().startswith(CONFIG_PREFIX):
        return _Answer(f'As an argument it is called "{called}".', option)
    return _Answer(f'It is called "{called}" here.', option)


def _by_spelling(
    name: str, typed: str, known: Collection[str], in_config: bool
) -> _Answer:
    """Answer what may be a slip of the keyboard, or the application's own."""
    option = nearest(name, known)
    if option:
        return _Answer(f'Did you mean "{_called(option, in_config)}"?', option)
    if not in_config:
        return _Answer(did_you_mean(typed, known))
    return _Answer(
        f"All keys that begin with {CONFIG_PREFIX} are options. If this one is the "
        "application's own, rename it; else delete this line."
    )


def _called(option: str, in_config: bool) -> str:
    return f"{CONFIG_PREFIX}{option.upper()}" if in_config else option


def _here(option: str, in_config: bool, value: str) -> str:
    equals = " = " if in_config else "="
    return f'{_called(option, in_config)}{equals}"{value}".'


def _delete(in_config: bool) -> str:
    return "Delete this line." if in_config else "Leave it out."


def _expressions(value: object, in_config: bool) -> _Answer:
    """Answer a list of regular expressions with the patterns that they stand for."""
    from .origin_regex import patterns_of

    each = [patterns_of(getattr(item, "pattern", item)) for item in _items(value)]
    called = _called("origins", in_config)
    if not each or [] in each:
        return _Answer(f'Write patterns in {called}, as "https://*.example.com".')
    patterns = [pattern for patterns in each for pattern in patterns]
    return _Answer(f"Write {called} = [{quoted(patterns)}].", "origins", patterns)


def _items(value: object) -> list[object]:
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return [] if value is None else [value]
