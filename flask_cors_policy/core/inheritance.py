"""Policies inside policies: what an inner one leaves out it takes from the outer one.

An inner policy never falls back to the library's defaults past an outer one: that
would make it laxer, or stricter, than the place where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping

from .path_settings import check_path_rules
from .policy import Policy, build
from .settings import Report, Setting, Written, did_you_mean, written

Named = Mapping[str, Written]
"""Name of a named policy -> its own settings."""


def inherit(inner: Written, outer: Written) -> dict[str, Setting]:
    """Return *inner*, completed by *outer*; each setting keeps the place it is from."""
    return {**outer, **inner}


def own_settings(value: Setting, named: Named, report: Report) -> Written | None:
    """Return the settings that *value* holds itself; report what is no policy.

    :param value: a policy, the options of one, or the name of one. A ready ``Policy``
        has all its settings, so that nothing is left to inherit.
    :param named: the named policies there are.
    """
    content = value.value
    if isinstance(content, Policy):
        return written(content.as_settings(), value.name)
    if isinstance(content, Mapping):
        return written(content, value.name)
    if not isinstance(content, str):
        message = f"A {type(content).__name__} is not a policy."
        hint = 'Write a Policy, or its options: {"origins": "https://app.example.com"}.'
        report.problem(value, "wrong-type", message, hint)
    elif content in named:
        return named[content]
    else:
        message = "There is no named policy of this name."
        hint = did_you_mean(content, named) if named else "None is configured."
        report.problem(value, "unknown-policy", message, hint)
    return None


def path_policies(rules: Setting, outer: Written, report: Report) -> dict[str, Policy]:
    """Return the policy of each path rule in the mapping *rules*.

    The policy of a rule that is not in order is checked all the same.
    """
    good = frozenset(check_path_rules(rules, report))
    policies = {}
    for rule, value in rules.value.items():
        policy = _resolve(Setting(value, f"{rules.name}[{rule!r}]"), outer, report)
        if policy is not None and rule in good:
            policies[rule] = policy
    return policies


def _resolve(value: Setting, outer: Written, report: Report) -> Policy | None:
    if isinstance(value.value, Policy):
        return value.value
    own = own_settings(value, {}, report)
    return None if own is None else build(inherit(own, outer), report)
