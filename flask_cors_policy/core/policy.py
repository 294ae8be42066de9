"""``Policy``: written settings in, a frozen and compiled policy out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from .checks import CHECKS, RISKS, check_known
from .compiled import Compiled, compiled
from .errors import PolicyError, PolicyWarning, Problem, shown
from .fetch_standard import WILDCARD
from .origin import is_origin
from .origin_settings import CheckedOrigins, check_origins, check_with_credentials
from .settings import DEFAULTS, OPTIONS, Report, Setting, Written, written

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import OriginItem, PolicyOptions


class Policy:
    """Which origins may use an API, with which methods and headers, and how.

    A policy is checked when it is built, can never change, and can be hashed and
    compared: two policies are equal when their settings are.

    :param origins: ``"*"``, an origin (``"https://app.example.com"``), a pattern
        (``"https://*.example.com"``, ``"http://localhost:*"``), a compiled regular
        expression (with ``accept_risks=["regex-origin"]``), a function
        ``(origin: str, environ) -> bool``, or a list of these. Required.
    :param methods: methods pages may use beside GET, HEAD and POST, or ``"*"``
        (https://fetch.spec.whatwg.org/#http-access-control-allow-methods).
    :param allow_headers: request headers pages may set beside the safelisted ones,
        or ``"*"`` (``#http-access-control-allow-headers``). Today's browsers take
        ``"*"`` to cover Authorization: it does not keep that header out.
    :param expose_headers: response headers pages may read beside the safelisted
        ones, or ``"*"`` (``#http-access-control-expose-headers``).
    :param supports_credentials: whether pages may send cookies, HTTP authentication
        and client certificates (``#http-access-control-allow-credentials``).
    :param max_age: seconds, or a timedelta, for which browsers may keep the answer
        to a preflight; ``None`` leaves it to them, which is 5 seconds
        (``#http-access-control-max-age``).
    :param preflight_status: 204, or 200 for clients that want that.
    :param timing_allow_origin: whether allowed origins may also read detailed
        timings (https://w3c.github.io/resource-timing/#sec-timing-allow-origin).
    :param enforce: whether a cross-origin request that is not allowed is answered
        403 before the application runs.
    :param accept_risks: names of the dangers accepted on purpose: ``regex-origin``,
        ``null-origin``, ``insecure-origin``, ``public-suffix``.
    :raises PolicyError: with every problem there is, as ``problems``.
    """

    origins: tuple[OriginItem, ...]
    methods: tuple[str, ...]
    allow_headers: tuple[str, ...]
    expose_headers: tuple[str, ...]
    supports_credentials: bool
    max_age: int | None
    preflight_status: int
    timing_allow_origin: bool
    enforce: bool
    accept_risks: frozenset[str]
    compiled: Compiled

    # Not a dataclass: importing that takes 6 ms, of 15 for the whole library.
    __slots__ = (*OPTIONS, "compiled")

    def __init__(self, **options: Unpack[PolicyOptions]) -> None:
        for caution in self._build(written(options)):
            warnings.warn(str(caution), PolicyWarning, stacklevel=2)

    @classmethod
    def from_settings(cls, settings: Written) -> tuple[Policy, list[Problem]]:
        """Build a policy from settings that know where they were written.

        :param settings: option name to ``Setting``; its name is what an error says.
        :return: the policy, and what is worth a warning (``PolicyWarning``) in it.
        :raises PolicyError: with every problem there is, as ``problems``.
        """
        policy = cls.__new__(cls)
        return policy, policy._build(settings)

    def _build(self, settings: Written) -> list[Problem]:
        report = Report()
        values, checked = _check(settings, report)
        report.raise_problems()
        for option, value in values.items():
            object.__setattr__(self, option, value)
        object.__setattr__(self, "compiled", compiled(values, checked))
        return report.cautions

    def as_settings(self) -> PolicyOptions:
        """Return every setting: ``Policy(**policy.as_settings()) == policy``."""
        return {
            "origins": self.origins,
            "methods": self.methods,
            "allow_headers": self.allow_headers,
            "expose_headers": self.expose_headers,
            "supports_credentials": self.supports_credentials,
            "max_age": self.max_age,
            "preflight_status": self.preflight_status,
            "timing_allow_origin": self.timing_allow_origin,
            "enforce": self.enforce,
            "accept_risks": tuple(sorted(self.accept_risks)),
        }

    def replace(self, **changes: Unpack[PolicyOptions]) -> Policy:
        """Return a policy with some settings changed, checked as a whole again.

        :raises PolicyError: where the changed settings do not go together.
        """
        settings = written({**self.as_settings(), **changes})
        policy, cautions = Policy.from_settings(settings)
        for caution in cautions:
            warnings.warn(str(caution), PolicyWarning, stacklevel=2)
        return policy

    def allows_origin(
        self, origin: str, environ: Mapping[str, Any] | None = None
    ) -> bool:
        """Say whether pages of *origin* are allowed, for decisions made elsewhere.

        A WebSocket server's origin check, for instance. Never raises: a function
        given as ``origins`` that fails allows nobody.

        :param origin: the value of an Origin header, as it came.
        :param environ: handed to a function given as ``origins``; empty if left out.
        """
        if self.compiled.origins is None:
            return is_origin(origin)
        try:
            reason = self.compiled.origins.match(origin, environ or {})
        except Exception:
            return False
        return not reason.refused

    def __setattr__(self, name: str, value: object) -> NoReturn:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot set {name}: a policy never changes")

    def __delattr__(self, name: str) -> NoReturn:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete {name}: a policy never changes")

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.as_settings(),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and all(
            getattr(self, name) == getattr(other, name) for name in OPTIONS
        )

    def __hash__(self) -> int:
        # Not the origins: there may be a million, or a function without a hash.
        return hash(
            (
                self.methods,
                self.allow_headers,
                self.expose_headers,
                self.supports_credentials,
                self.max_age,
                len(self.origins),
            )
        )

    def __repr__(self) -> str:
        changed = [
            f"{option}={shown(value)}"
            for option, value in self.as_settings().items()
            if option == "origins" or value != _shape(DEFAULTS[option])
        ]
        return f"Policy({', '.join(changed)})"


def build(settings: Written, report: Report) -> Policy | None:
    """Build a policy; on a mistake report it and return ``None``."""
    try:
        policy, cautions = Policy.from_settings(settings)
    except PolicyError as error:
        report.add(problems=error.problems)
        return None
    report.add(cautions=cautions)
    return policy


def check_each(settings: Written, report: Report) -> None:
    """Check each setting on its own, before it is known what it will inherit.

    What is wrong only beside other settings (credentials, a risk not accepted) is
    left to the policy that these settings become part of.
    """
    check_known(settings, report)
    for option, check in CHECKS.items():
        if option in settings:
            check(settings[option], report)
    if "origins" in settings:
        check_origins(settings["origins"], frozenset(RISKS), report)


def _rebuilt(settings: PolicyOptions) -> Policy:
    """Return a copied or pickled policy; what it warns of was said before."""
    return Policy.from_settings(written(settings))[0]


def _shape(value: object) -> object:
    return tuple(value) if isinstance(value, frozenset) else value


def _check(settings: Written, report: Report) -> tuple[dict[str, Any], CheckedOrigins]:
    """Check every setting alone, then those that must go together."""
    check_known(settings, report)
    values: dict[str, Any] = dict(DEFAULTS)
    for option, check in CHECKS.items():
        if option in settings:
            values[option] = check(settings[option], report)
    risks = values["accept_risks"]
    if "origins" in settings:
        checked = check_origins(settings["origins"], risks, report)
    else:
        checked = CheckedOrigins()
        message = "A policy says which origins it allows; there is no default."
        hint = 'Write origins=["https://app.example.com"], or "*" for a public API.'
        missing = Setting(None, "origins")
        report.problem(missing, "origins-required", message, hint)
    if values["supports_credentials"]:
        credentials = settings["supports_credentials"]
        check_with_credentials(credentials, checked, risks, report)
        if WILDCARD in values["expose_headers"]:
            message = (
                f'{credentials.name} is True, and then browsers take "*" as a plain '
                "header name."
            )
            hint = "List the headers that pages shall read."
            at = settings["expose_headers"]
            report.problem(at, "expose-wildcard-credentials", message, hint)
    return {"origins": checked.values, **values}, checked
