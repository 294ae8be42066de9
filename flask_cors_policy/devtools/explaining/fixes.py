"""Fixes: each as text for people and as data that can be applied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from ...core.errors import PolicyError
from ...core.fetch_standard import NULL_ORIGIN
from ...core.paths import is_ambiguous
from ...core.policy import Policy
from ...core.settings import raw_options
from ..browser.urls import URL
from .case import Case, Fix
from .changes import PolicyChange, Trial

EXTENSION: Final = "CORS(app)"

OWN_ORIGIN: Final = Fix(
    "Serve the page from an origin of its own, for example with python -m "
    "http.server: any site can make a page whose origin is null."
)
WITHOUT_CREDENTIALS: Final = Fix(
    'If the page needs no cookies, have it leave them out: credentials: "omit".',
    page={"credentials": "omit"},
)


def whole_policy(case: Case, why: str = "") -> tuple[Fix, ...]:
    """Return the policy to write if there is none.

    :param why: what it is good for, as the beginning of a sentence.
    """
    options, change = _policy_for(case, {})
    if change.policy is None:
        if case.page.origin == NULL_ORIGIN:
            return (OWN_ORIGIN,)
        return tuple(Fix(problem.hint) for problem in change.problems)
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


def final_url(case: Case, target: URL | None) -> Fix:
    """Return the advice to request what a redirect leads to.

    :param target: ``None`` if that is not a URL.
    """
    if target is None:
        return Fix(case.step.fix)
    return Fix(f"Have the page request {target}.", page={"url": str(target)})


def both(page: Fix, policy: Fix) -> Fix:
    """Return the fix in which the page and the policy change."""
    return Fix(f"{page.text} {policy.text}", policy.at, policy.policy, page.page)


def policy_change(case: Case, options: Mapping[str, Any]) -> Fix:
    """Return the fix that changes *options* in the policy that applies."""
    server = case.server
    policy = server.policy
    assert policy is not None
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
        elif any(callable(item) for item in policy.origins):
            sentences.append("Or have the function there allow the origin.")
    return Fix(" ".join(sentences), next(iter(places)), dict(options))


def path_of(case: Case) -> str:
    """Return the requested path as the server sees it, decoded."""
    exchange = case.exchange
    assert exchange is not None
    return unquote(exchange.sent.url.path)


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
