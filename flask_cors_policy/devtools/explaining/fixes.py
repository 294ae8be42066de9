"""Fixes: each as text for people and as data that can be applied.

Rule 1. A change to a policy is a fix only if the changed policy can be built and the
        browser model reads its response (``changes``).
Rule 2. No origin is allowed that was not, other than the page's own. Methods and
        headers grow by what the page sends, credentials only if the page sends them. If
        other origins gain too, the fix says so.
Rule 3. What cannot be checked, the policy of another server, is worded as advice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from ...core.errors import PolicyError, plain
from ...core.fetch_standard import NULL_ORIGIN, VARY
from ...core.origin_items import bare_origins
from ...core.paths import is_ambiguous
from ...core.policy import Policy
from ...core.settings import raw_options
from ..browser.requests import HeaderPairs
from ..browser.urls import URL
from .case import Case, Fix, ServerInfo
from .changes import PolicyChange, Trial
from .items import for_one_of_many, for_origin
from .library import library_fix

EXTENSION: Final = "CORS(app)"

OWN_ORIGIN: Final = Fix(
    "Serve the page from an origin of its own, for example with python -m "
    "http.server: any site can make a page whose origin is null."
)
NULL_PAGE: Final = (
    "The page's origin is null, like that of files, sandboxed frames and data: URLs."
)
WITHOUT_CREDENTIALS: Final = Fix(
    'If the page needs no cookies, have it leave them out: credentials: "omit".',
    page={"credentials": "omit"},
)
HOST_PASSED_ON: Final = (
    "Have the proxy pass on Host, with the port (nginx: proxy_set_header Host "
    "$http_host)."
)
_SHARED: Final = {
    "methods": "use the method",
    "allow_headers": "send the header",
    "supports_credentials": "send credentials",
    "expose_headers": "read the header",
}


def whole_policy(case: Case, why: str = "") -> tuple[Fix, ...]:
    """Return the policy to write if there is none.

    :param why: what it is good for, as the beginning of a sentence.
    """
    options, change = _policy_for(case, {})
    if change.policy is None:
        if case.page.origin == NULL_ORIGIN:
            return (OWN_ORIGIN,)
        return problem_fixes(change)
    text = f"{why} Write {EXTENSION[:-1]}, {assignment(options)}).".lstrip()
    return (Fix(text, EXTENSION, options),)


def path_rule(case: Case) -> Fix:
    """Return the path rule that applies the present policies to the URL."""
    path = path_of(case)
    if is_ambiguous(path):
        text = "Have the page request the path without ., .. and empty segments."
        return Fix(text)
    server = case.server
    rule = path
    if "<" in server.route:
        rule = server.route[: server.route.index("<")].rstrip("/") + "/*"
    outer = {name: setting.value for name, setting in server.settings.items()}
    options, change = _policy_for(case, outer)
    if change.policy is None:
        hints = " ".join(problem.hint for problem in change.problems)
        text = f"Have the page request a path that has a policy. {hints}"
        return Fix(text.rstrip())
    resources = {rule: options}
    text = f"Add a path rule: {literal(resources)}."
    return Fix(text, f"{EXTENSION}: resources", {"resources": resources})


def near_rule(server: ServerInfo, path: str) -> str:
    """Say in what a path rule differs from one that covers *path*, if one is near."""
    for rule in server.path_rules:
        base = rule.removesuffix("/*").rstrip("/")
        if not base:
            continue
        if path.rstrip("/") == base:
            return f"The rule {rule} differs in the slash at the end."
        if path.startswith(f"{base}/"):
            return f"The rule {rule} covers that path only; {base}/* covers all below."
        folded, start = path.casefold(), base.casefold()
        if folded == start or (rule != base and folded.startswith(f"{start}/")):
            return f"The rule {rule} differs in upper and lower case."
    return ""


def problem_fixes(change: PolicyChange) -> tuple[Fix, ...]:
    """Return why a policy should stay as it is, and what to do instead."""
    return tuple(
        Fix(f"Leave the policy as it is: {problem.message} {problem.hint}")
        for problem in change.problems
    )


def final_url(target: URL) -> Fix:
    """Return the advice to request what a redirect leads to."""
    return Fix(f"Have the page request {target}.", page={"url": str(target)})


def both(page: Fix, policy: Fix) -> Fix:
    """Return the fix in which the page and the server change."""
    text = f"{page.text} {policy.text}"
    return Fix(text, policy.at, policy.policy, page.page, policy.headers)


def policy_change(case: Case, options: Mapping[str, Any]) -> Fix:
    """Return the fix that changes *options* in the policy that applies."""
    server = case.server
    policy = server.policy
    assert policy is not None
    options = for_origin(policy, case.page.origin, options)
    places: dict[str, dict[str, Any]] = {}
    for option, value in options.items():
        name = server.place_of(option).removesuffix(f": {option}")
        name = EXTENSION if name == "the application" else name
        places.setdefault(name, {})[option] = value
    sentences = [_sentence(place, values) for place, values in places.items()]
    if "origins" in options:
        if policy.compiled.is_open:
            sentences.append(
                "That closes the policy to all other origins: list each that needs it."
            )
        elif any(callable(item) for item in bare_origins(policy.origins)):
            sentences.append("Or have the function there allow the origin.")
    sentences += _gained_by_others(case, policy, options)
    return Fix(" ".join(sentences), next(iter(places)), dict(options))


def server_advice(case: Case) -> Fix:
    """Return what another server has to send, found by playing the request."""
    if case.page.origin == NULL_ORIGIN:
        return OWN_ORIGIN
    preflight, actual = needed = Trial.of(case).needed_headers()
    library = case.server.library
    where = f" in the options of {library}" if library else ""
    detail = library_fix(case)
    text = f"{detail} The" if detail else f"Allow {case.page.origin}{where}: the"
    text += " server has to "
    if preflight:
        method = plain(case.request.sent_method)
        text += f"answer OPTIONS with 204 and {_listed(preflight)}, and to send "
        text += f"{_listed(actual)} with the response to {method}"
    else:
        text += f"send {_listed(actual)} with this response"
    return Fix(f"{text}, and {VARY}: Origin.", headers=needed)


def path_of(case: Case) -> str:
    """Return the requested path as the server sees it, decoded."""
    exchange = case.exchange
    assert exchange is not None
    return case.server.path or unquote(exchange.sent.url.path)


def assignment(options: Mapping[str, Any]) -> str:
    """Return *options* as keyword arguments."""
    return ", ".join(f"{name}={literal(value)}" for name, value in options.items())


def literal(value: object) -> str:
    """Return the value of a setting as it is written in code."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, Mapping):
        items = (f"{literal(key)}: {literal(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, Iterable):
        return f"[{', '.join(map(literal, value))}]"
    name = getattr(value, "__name__", None)  # A function among the origins.
    if name == "<lambda>":
        return "lambda origin, environ: ..."
    return name if isinstance(name, str) else repr(value)


def _sentence(place: str, options: Mapping[str, Any]) -> str:
    """Say what to write at one place; a config key is one option."""
    if place.startswith("CORS_"):
        (value,) = options.values()
        return f"Set {assignment({place: value})}."
    return f"In {place} write {assignment(options)}."


def _gained_by_others(
    case: Case, policy: Policy, options: Mapping[str, Any]
) -> Iterable[str]:
    """Say what the other origins of a policy gain by a change, if there are others."""
    gained = [told for option, told in _SHARED.items() if option in options]
    if not gained or (policy.compiled.is_open and "origins" in options):
        return
    origin = case.page.origin
    if any(origin != other for other in policy.origins):
        yield f"The other origins of this policy can then {' and '.join(gained)}, too."
        alone = for_one_of_many(policy, origin, options)
        if alone is not None and Trial.of(case).play(alone[1]).failure is None:
            form = "a mapping" if isinstance(alone[0], Mapping) else "pairs"
            yield (
                f"To open it for {origin} alone, write origins as {form}: "
                f"{literal(alone[0])}."
            )


def _listed(headers: HeaderPairs) -> str:
    """Return headers as a list for people, without Vary."""
    lines = [f"{name}: {plain(value)}" for name, value in headers if name != VARY]
    *first, last = lines
    return f"{', '.join(first)} and {last}" if first else last


def _policy_for(
    case: Case, outer: Mapping[str, Any]
) -> tuple[dict[str, Any], PolicyChange]:
    """Return the options that, added to *outer*, let the request through."""
    options: dict[str, Any] = {}
    if "origins" not in outer:
        options["origins"] = (case.page.origin,)
    try:
        policy, _ = Policy.from_settings(raw_options({**outer, **options}))
    except PolicyError as error:
        return options, PolicyChange(options, None, error.problems)
    trial = Trial(case.page, case.request, True, case.as_cors_request)
    change = trial.change(policy)
    return {**options, **change.options}, change
