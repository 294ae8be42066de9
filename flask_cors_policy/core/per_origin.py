"""What a policy says for one item of its origins, and for all of them together."""

from __future__ import annotations

from itertools import chain
from typing import Any

from .origin_items import label, split_items
from .policy import Policy


def applying(policy: Policy, item: str, option: str) -> Any:
    """Return an option as it applies to an item of the origins of *policy*.

    :param item: as ``Rights.item`` has it; "" stands for the policy.
    """
    for name, origin, options in split_items(policy.origins) if item else ():
        if item == (name or label(origin)) and option in options:
            return options[option]
    return getattr(policy, option)


def all_listed(policy: Policy, option: str) -> tuple[str, ...]:
    """Return what *policy* or one of its origins lists in a list of names."""
    own = (options.get(option, ()) for _, _, options in split_items(policy.origins))
    return (*getattr(policy, option), *chain.from_iterable(own))


def has_credentials(policy: Policy) -> bool:
    """Say whether some origin of *policy* may send credentials."""
    return any(
        options.get("supports_credentials", policy.supports_credentials)
        for _, _, options in split_items(policy.origins)
    )
