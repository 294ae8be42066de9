"""``Policy``: written settings in, a frozen and compiled policy out."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from .checks import CHECKS, known_options
from .compiled import CompiledPolicy, compile_policy
from .errors import PolicyError, PolicyWarning, Problem, shown
from .origin_items import origins_key
from .origin_rights import OriginGroup, check_groups, check_together
from .origin_settings import CheckedOrigins, report_no_origins
from .settings import (
    DEFAULTS,
    OPTIONS,
    UNWRITTEN,
    RawOptions,
    Report,
    Setting,
    raw_options,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import OriginItem, OriginWithOptions, PolicyOptions


class Policy:
    """Which origins may use an API, with which methods and headers, and how.

    A policy is checked when it is built, can never change, and can be hashed and
    compared: two policies are equal when their settings are.

    :param origins: ``"*"``, an origin (``"https://app.example.com"``), a pattern
        (``"https://*.example.com"``, ``"http://localhost:*"``), a compiled regular
        expression (with ``accept_risks=["regex-origin"]``), a function
        ``(origin: str, environ) -> bool``, or a list of these. Or a mapping of such
        items to options of their own, which are laid over those of the policy:
        ``{"https://app.example.com": {"supports_credentials": True}, "*": {}}``; with
        functions, ``[("tenants", allowed, {...})]``. Required.
    :param methods: methods pages may use other than GET, HEAD and POST, or ``"*"``
        (https://fetch.spec.whatwg.org/#http-access-control-allow-methods).
    :param allow_headers: request headers pages may set beside the safelisted ones,
        or ``"*"`` (``#http-access-control-allow-headers``). Left out, it is
        Authorization and Content-Type: what pages need to send a token and JSON. A
        list replaces that, ``[]`` allows none. Today's browsers take ``"*"`` to cover
        Authorization: it does not keep that header out.
    :param expose_headers: response headers pages may read beside the safelisted
        ones, or ``"*"`` (``#http-access-control-expose-headers``).
    :param supports_credentials: whether pages may send cookies, HTTP authentication
        and client certificates (``#http-access-control-allow-credentials``).
    :param max_age: seconds, or a timedelta, for which browsers may keep the answer
        to a preflight; ``None`` leaves it to them, which is 5 seconds
        (``#http-access-control-max-age``).
    :param preflight_status: 204, or 200 for clients that want that.
    :param timing_allow_origin: whether allowed origins may also read detailed
        timings (https://w3c.github.io/resource-timing/#sec-timing-allow-origin);
        ``"*"`` lets every site read them, of every response.
    :param enforce: whether a cross-origin request that is not allowed is answered
        403 before the view runs. One that carries cookies is allowed only with
        ``supports_credentials``. ``"unsafe"`` refuses only those that may change
        something: methods other than GET, HEAD and OPTIONS, and WebSocket handshakes.
    :param accept_risks: names of the dangers accepted on purpose: ``regex-origin``,
        ``null-origin``, ``insecure-origin``, ``public-suffix``.
    :raises PolicyError: with every problem there is, as ``problems``.
    """

    origins: tuple[OriginItem | OriginWithOptions, ...]
    methods: tuple[str, ...]
    allow_headers: tuple[str, ...]
    expose_headers: tuple[str, ...]
    supports_credentials: bool
    max_age: int | None
    preflight_status: int
    timing_allow_origin: bool | Literal["*"]
    enforce: bool | Literal["unsafe"]
    accept_risks: frozenset[str]
    compiled: CompiledPolicy
    _key: tuple[Hashable, ...]
    _hash: int

    __slots__ = (*OPTIONS, "_hash", "_key", "compiled")

    def __init__(self, **options: Unpack[PolicyOptions]) -> None:
        warn_of(self._build(raw_options(options)), stacklevel=2)

    @classmethod
    def from_settings(cls, settings: RawOptions) -> tuple[Policy, list[Problem]]:
        """Build a policy from settings that know where they were written.

        :param settings: option name to ``Setting``; errors print its name.
        :return: the policy, and the problems that are worth only a warning.
        :raises PolicyError: with every problem there is, as ``problems``.
        """
        policy = cls.__new__(cls)
        return policy, policy._build(settings)

    def _build(self, settings: RawOptions) -> list[Problem]:
        report = Report()
        values, groups = _check(settings, report)
        report.raise_problems()
        for option, value in values.items():
            object.__setattr__(self, option, value)
        key = _key(values)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "_hash", hash(key))
        object.__setattr__(self, "compiled", compile_policy(values, groups))
        return report.warnings

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
        settings = raw_options({**self.as_settings(), **changes})
        policy, found = Policy.from_settings(settings)
        warn_of(found, stacklevel=2)
        return policy

    def allows_origin(
        self,
        origin: str,
        environ: Mapping[str, Any] | None = None,
        *,
        credentials: bool = False,
    ) -> bool:
        """Say whether pages of *origin* are allowed, for decisions made elsewhere.

        A WebSocket server's origin check, for instance. Never raises: a function
        given as ``origins`` that fails allows nobody.

        :param origin: the value of an Origin header, as it came.
        :param environ: passed to a function given as ``origins``; empty if left out.
        :param credentials: whether it must be allowed to send credentials, too. A
            WebSocket handshake carries the user's cookies.
        """
        try:
            match = self.compiled.origins.match(origin, environ or {})
        except Exception:
            return False
        if match.reason.denied:
            return False
        return not credentials or match.rights.credentials is True

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"cannot set {name}: a policy never changes")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"cannot delete {name}: a policy never changes")

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.as_settings(),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        changed = [
            f"{option}={shown(value)}"
            for option, value in self.as_settings().items()
            if option == "origins"
            or value != _shape(DEFAULTS[option])
            or (option == "methods" and self.methods is not UNWRITTEN)
        ]
        return f"Policy({', '.join(changed)})"


def build(
    settings: RawOptions, report: Report, place: str = "", origins_hint: str = ""
) -> Policy | None:
    """Build a policy; on a mistake report it and return ``None``.

    :param place: where the policy would apply: names what is written nowhere.
    :param origins_hint: what to write there, if no origins are written anywhere.
    """
    try:
        policy, found = Policy.from_settings(settings)
    except PolicyError as error:
        missing = f"{place}: origins" if place else "origins"
        for problem in error.problems:
            if problem.setting == "origins" and problem.value is None:
                hint = origins_hint or problem.hint
                problem = problem._replace(setting=missing, hint=hint)
            report.add([problem])
        return None
    report.add(warnings=found)
    return policy


def warn_of(problems: Iterable[Problem], stacklevel: int) -> None:
    """Issue a ``PolicyWarning`` for each problem, at a caller's line."""
    for problem in problems:
        warnings.warn(str(problem), PolicyWarning, stacklevel=stacklevel + 1)


def check_each(settings: RawOptions, report: Report, *, together: bool = True) -> None:
    """Check settings before it is known what they will inherit.

    What is wrong only beside other settings is left to the policy that these become
    part of, unless both are among these. A risk may be accepted outside of them.

    :param together: whether they apply together; not if each may be replaced alone.
    """
    found = Report()
    settings = known_options(settings, found)
    values = {
        option: check(settings[option], found)
        for option, check in CHECKS.items()
        if option in settings
    }
    if "origins" in settings:
        check_groups(settings, values, found, together=together)
    elif together:
        check_together(settings, values, CheckedOrigins(), found)
    report.add(found.problems, found.warnings)


def _rebuilt(settings: PolicyOptions) -> Policy:
    """Return a copied or pickled policy, without the warnings of the first one."""
    return Policy.from_settings(raw_options(settings))[0]


def _key(values: Mapping[str, Any]) -> tuple[Hashable, ...]:
    """Return what a policy is compared by: functions by identity, the rest by value."""
    written = values["methods"] is not UNWRITTEN
    others = (values[option] for option in DEFAULTS)
    return (origins_key(values["origins"]), written, *others)


def _shape(value: object) -> object:
    return tuple(value) if isinstance(value, frozenset) else value


def _check(
    settings: RawOptions, report: Report
) -> tuple[dict[str, Any], list[OriginGroup]]:
    """Check every setting, and then those that concern each other."""
    settings = known_options(settings, report)
    values = {
        option: check(settings[option], report)
        if option in settings
        else DEFAULTS[option]
        for option, check in CHECKS.items()
    }
    if "origins" in settings:
        origins, groups = check_groups(settings, values, report)
    else:
        origins, groups = (), []
        credentials = values["supports_credentials"]
        report_no_origins(Setting(None, "origins"), report, credentials)
        check_together(settings, values, CheckedOrigins(), report)
    return {"origins": origins, **values}, groups
