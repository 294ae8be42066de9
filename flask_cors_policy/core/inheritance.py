"""Policies inside policies: what an inner one leaves out it takes from the outer one.

An inner policy never falls back to the library's defaults past an outer one: that
would make it laxer, or stricter, than the place where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import a_type
from .origin_rights import check_inherited
from .path_settings import check_path_rules
from .policy import Policy, build
from .settings import RawOptions, Report, Setting, did_you_mean, raw_options

Named = Mapping[str, RawOptions]
"""Name of a named policy -> its own settings."""


def inherit(inner: RawOptions, outer: RawOptions) -> dict[str, Setting]:
    """Return *inner*, completed by *outer*; each setting keeps the place it is from."""
    return {**outer, **inner}


def own_settings(value: Setting, named: Named, report: Report) -> RawOptions | None:
    """Return the settings that *value* holds itself; report what is no policy.

    :param value: a policy, the options of one, or the name of one. A ready ``Policy``
        has all its settings, so that nothing is left to inherit.
    :param named: the named policies there are.
    """
    content = value.value
    if isinstance(content, Policy):
        return raw_options(content.as_settings(), value.name)
    if isinstance(content, Mapping):
        return raw_options(content, value.name)
    if not isinstance(content, str):
        message = f"{a_type(content)} is not a policy."
        hint = 'Write a Policy, or its options: {"origins": "https://app.example.com"}.'
        report.problem(value, "wrong-type", message, hint)
    elif content in named:
        return named[content]
    else:
        message = "There is no named policy of this name."
        hint = did_you_mean(content, named) if named else "None is configured."
        report.problem(value, "unknown-policy", message, hint)
    return None


def path_policies(
    rules: Setting, outer: RawOptions, report: Report
) -> dict[str, Policy]:
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


def read_policies(
    policy: object, options: RawOptions, report: Report
) -> Policy | dict[str, Policy]:
    """Return the policy of a whole application, or those of its path rules.

    :param policy: what was given as the policy: one, a mapping of path rules, or
        nothing, and then *options* are those of the policy.
    """
    at = Setting(", ".join(options), "options")
    if isinstance(policy, Mapping):
        ready = [isinstance(value, Policy) for value in policy.values()]
        if options and ready and all(ready):
            message = "Ready policies inherit nothing from the options beside them."
            hint = "Leave the options out, or write the policies as dicts of options."
            report.problem(at, "conflicting-options", message, hint)
        return path_policies(Setting(policy, "policy"), options, report)
    if policy is None:
        return build(options, report) or {}
    if options:
        message = "A ready policy takes no more options."
        hint = "Write policy.replace(...), or the options alone."
        report.problem(at, "conflicting-options", message, hint)
    if isinstance(policy, Policy):
        return policy
    message = f"{a_type(policy)} is not a policy."
    hint = 'Write a Policy, a mapping {"/api/*": policy}, or options: origins="..."'
    report.problem(Setting(policy, "policy"), "wrong-type", message, hint)
    return {}


def _resolve(value: Setting, outer: RawOptions, report: Report) -> Policy | None:
    if isinstance(value.value, Policy):
        return value.value
    own = own_settings(value, {}, report)
    if own is None:
        return None
    check_inherited(own, outer.get("origins"), report)
    return build(inherit(own, outer), report, value.name)
