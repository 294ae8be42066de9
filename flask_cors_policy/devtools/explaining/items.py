"""Policies whose origins have options of their own: what applies to a page's origin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.origin_items import has_rights, label, split_items
from ...core.policy import Policy
from ...core.settings import raw_options


def as_applied(policy: Policy, origin: str) -> Policy:
    """Return *policy* as it applies to *origin*: without options of other origins."""
    found = _item_of(policy, origin)
    if found is None:
        return policy
    item, options = found
    settings = {**policy.as_settings(), **options, "origins": (item,)}
    return Policy.from_settings(raw_options(settings))[0]


def for_origin(policy: Policy, origin: str, step: Mapping[str, Any]) -> dict[str, Any]:
    """Return *step*, a change of options, as one for *origin* alone.

    That is the step itself if the origins of *policy* have no options of their own.
    """
    options = {name: value for name, value in step.items() if name != "origins"}
    if not any(map(has_rights, policy.origins)):
        return dict(step)
    if not options:
        origins = step.get("origins")
        added = isinstance(origins, tuple) and origins[-1] == origin
        return {"origins": _with_item(policy, origin, {})} if added else dict(step)
    found = _item_of(policy, origin)
    own = dict(found[1]) if found is not None else {}
    return {"origins": _with_item(policy, origin, {**own, **options})}


def for_one_of_many(
    policy: Policy, origin: str, step: Mapping[str, Any]
) -> tuple[Any, Policy] | None:
    """Return ``origins`` with *step* for *origin* alone, and *policy* with them.

    :param policy: one whose origins have no options of their own.
    :return: ``None`` if that policy cannot be built.
    """
    options = {name: value for name, value in step.items() if name != "origins"}
    origins = _with_item(policy, origin, options)
    settings = {**policy.as_settings(), "origins": origins}
    try:
        return origins, Policy.from_settings(raw_options(settings))[0]
    except ValueError:
        return None


def _item_of(policy: Policy, origin: str) -> tuple[Any, Mapping[str, Any]] | None:
    """Return the item that allows *origin*, and its own options."""
    try:
        rights = policy.compiled.origins.match(origin, {}).rights
    except Exception:  # A user's function may raise anything.
        return None
    for name, item, options in split_items(policy.origins):
        if rights is not None and rights.item == (name or label(item)):
            return item, options
    return None


def _with_item(policy: Policy, origin: str, options: Mapping[str, Any]) -> Any:
    """Return the origins of *policy*, and *origin* with *options*."""
    items = [each for each in split_items(policy.origins) if each[1] != origin]
    if all(isinstance(item, str) and not name for name, item, _ in items):
        return {**{item: own for _, item, own in items}, origin: options}
    pairs = [(name, item, own) if name else (item, own) for name, item, own in items]
    return (*pairs, (origin, options))
