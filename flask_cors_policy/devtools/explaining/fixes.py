"""Ways out, each as text for people and as data that can be applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from ...core.errors import PolicyError
from ...core.fetch_standard import NULL_ORIGIN
from ...core.paths import is_ambiguous
from ...core.policy import Policy
from ...core.settings import raw_options
from ..browser.urls import URL
from .diagnosis import Case, Fix, assignment, literal
from .mending import Mending, mend

EXTENSION: Final = "CORS(app)"

_OWN_ORIGIN: Final = (
    "Serve the page from an origin of its own, as with python -m http.server: any site "
    "can make a page whose origin is null."
)


def own_origin() -> Fix:
    """Return what to do about a page whose origin is null."""
    return Fix(_OWN_ORIGIN)


def whole_policy(case: Case, why: str = "") -> tuple[Fix, ...]:
    """Return the policy to write where there is none.

    :param why: what it is good for, as the beginning of a sentence.
    """
    options, mending = _policy_for(case, {})
    if mending.policy is None:
        if case.page.origin == NULL_ORIGIN:
            return (own_origin(),)
        return tuple(Fix(problem.hint) for problem in mending.problems)
    text = f"{why} Write {EXTENSION[:-1]}, {assignment(options)}).".lstrip()
    return (Fix(text, EXTENSION, options),)


def path_rule(case: Case) -> Fix:
    """Return the path rule that puts the URL under the policies there are."""
    path = path_of(case)
    if is_ambiguous(path):
        text = "Have the page ask for the path without ., .. and empty segments."
        return Fix(text)
    sighting = case.sighting
    rule = path
    if "<" in sighting.route:
        rule = sighting.route[: sighting.route.index("<")].rstrip("/") + "/*"
    outer = {name: setting.value for name, setting in sighting.settings.items()}
    options, mending = _policy_for(case, outer)
    if mending.policy is None:
        hints = " ".join(problem.hint for problem in mending.problems)
        return Fix(f"Have the page ask for a path that has a policy. {hints}".rstrip())
    resources = {rule: options}
    text = f"Add a path rule: {literal({rule: options})}."
    return Fix(text, f"{EXTENSION}: resources", {"resources": resources})


def final_url(case: Case, target: URL | None) -> Fix:
    """Return the advice to ask where a redirect leads to, ``None`` if to no URL."""
    if target is None:
        return Fix(case.step.fix)
    return Fix(f"Have the page ask for {target}.", page={"url": str(target)})


def both(page: Fix, policy: Fix) -> Fix:
    """Return what is to be done where page and policy have to change."""
    return Fix(f"{page.text} {policy.text}", policy.at, policy.policy, page.page)


def without_credentials() -> Fix:
    """Return the advice to a page that needs no cookies."""
    text = 'Have the page leave them out (credentials: "omit"), if it needs no cookies.'
    return Fix(text, page={"credentials": "omit"})


def change(case: Case, changes: Mapping[str, Any]) -> Fix:
    """Return what to change in the policy that governs."""
    sighting = case.sighting
    policy = sighting.policy
    assert policy is not None
    places: dict[str, dict[str, Any]] = {}
    for option, value in changes.items():
        name = sighting.written_at(option).removesuffix(f": {option}")
        name = EXTENSION if name == "the application" else name
        places.setdefault(name, {})[option] = value
    sentences = [_sentence(place, options) for place, options in places.items()]
    if "origins" in changes:
        if policy.compiled.is_open:
            sentences.append(
                "That closes it to all other origins: list each that is to stay."
            )
        elif any(callable(item) for item in policy.origins):
            sentences.append("Or have the function there allow the origin.")
    return Fix(" ".join(sentences), next(iter(places)), dict(changes))


def _sentence(place: str, options: Mapping[str, Any]) -> str:
    """Say what to write at one place; a config key is one option."""
    if place.startswith("CORS_"):
        (value,) = options.values()
        return f"Set {assignment({place: value})}."
    return f"In {place} write {assignment(options)}."


def _policy_for(case: Case, outer: Mapping[str, Any]) -> tuple[dict[str, Any], Mending]:
    """Return the options beside those of *outer* that let the request through."""
    options: dict[str, Any] = {}
    if "origins" not in outer:
        options["origins"] = (case.page.origin,)
    try:
        policy, _ = Policy.from_settings(raw_options({**outer, **options}))
    except PolicyError as error:
        return options, Mending(options, None, error.problems)
    mending = mend(
        policy, case.page, case.request, derives_methods=True, asking=case.asking
    )
    return {**options, **mending.changes}, mending


def path_of(case: Case) -> str:
    """Return the path that was asked for, decoded, as a server has it."""
    exchange = case.exchange
    assert exchange is not None
    return unquote(exchange.sent.url.path)
