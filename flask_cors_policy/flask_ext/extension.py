"""``CORS``: the extension, on an application or on a blueprint."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from flask import Blueprint, Flask

from ..core.policy import Policy, check_each, warn_of
from ..core.settings import RawOptions, Report, Setting, copied, raw_options
from .config import NO_RESOURCES, OF_APPLICATIONS, RESOURCES
from .marks import Mark, place_of, set_mark
from .state import ExtensionState, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from flask.typing import RouteCallable
    from typing_extensions import Unpack

    from ..core.options import PolicyOptions

    PolicyLike = str | Policy | PolicyOptions

    class CORSOptions(PolicyOptions, total=False):
        """The options of ``CORS``: those of a policy, and where policies apply."""

        resources: str | Iterable[str] | Mapping[str, PolicyLike]
        policies: Mapping[str, Policy | PolicyOptions]
        report_only: PolicyOptions | None
        report_file: str | PathLike[str] | None
        refusal_response: RouteCallable | None


class CORS:
    """Apply a CORS policy to a Flask application or to a blueprint.

    .. code-block:: python

        CORS(app, origins="https://app.example.com")

        cors = CORS(origins="https://app.example.com")
        cors.init_app(app)          # in an application factory
        cors.check()                # at the end of the factory
        cors.reconfigure(origins="https://new.example.com")     # while it serves

        CORS(blueprint, origins="https://partner.example")

    On an application the options of :class:`Policy` are taken as keyword arguments
    and from the ``CORS_*`` keys of its config, ``CORS_ORIGINS`` and so on; a keyword
    argument wins over the config. Two more options say where policies apply:

    - ``resources`` (``CORS_RESOURCES``): path rules to policies. Then a policy applies
      only to the paths that they name; each inherits the options beside it. A path
      rule is ``"/api/*"`` or ``"/api/items"``, a policy is a mapping of options, the
      name of a named policy, or a ``Policy``. With ``{}`` only views and blueprints
      with a policy of their own have one.
    - ``policies`` (``CORS_POLICIES``): named policies, for ``@cross_origin("name")``.

    Three more are about refusals:

    - ``refusal_response`` (``CORS_REFUSAL_RESPONSE``): a view function that answers
      what ``enforce`` refuses before the view; its status is always 403.
    - ``report_only`` (``CORS_REPORT_ONLY``): options laid over those of the
      application. What the resulting policies would refuse is logged and sent as
      ``cors_refused``, and nothing is refused.
    - ``report_file`` (``CORS_REPORT_FILE``): the path of a file that notes what pages
      ask, for ``flask cors suggest``.

    On a blueprint the options are those of a policy only; it inherits the others from
    the blueprint around it, the path rule and the application.

    :param app: an application or a blueprint; left out if ``init_app`` follows.
    :param options: see above.
    :raises PolicyError: with every problem there is, as ``problems``.
    :raises RuntimeError: if *app* was initialised before.
    """

    def __init__(
        self, app: Flask | Blueprint | None = None, **options: Unpack[CORSOptions]
    ) -> None:
        # They may serve several applications.
        self._options = {option: copied(value) for option, value in options.items()}
        self._states: WeakSet[ExtensionState] = WeakSet()
        self._lock = threading.Lock()
        if app is not None:
            self._init(app, self._options)

    def init_app(self, app: Flask | Blueprint, **options: Unpack[CORSOptions]) -> None:
        """Apply the policy of this extension to *app*, an application or a blueprint.

        :param options: as those of ``CORS``, and winning over them.
        :raises PolicyError: with every problem there is, as ``problems``.
        :raises RuntimeError: if *app* was initialised before.
        """
        self._init(app, {**self._options, **options})

    def check(self) -> None:
        """Check the policies of all routes, as the first request does.

        For the end of an application factory, or a test. A mark that no view leads to
        is a :class:`PolicyWarning`.

        :raises PolicyError: with every problem there is, as ``problems``.
        """
        report = Report()
        for state in list(self._states):
            state.check(report)
        report.raise_problems()
        warn_of(report.warnings, stacklevel=2)

    def reconfigure(
        self,
        policy: Policy | Mapping[str, Policy] | None = None,
        /,
        **changes: Unpack[CORSOptions],
    ) -> None:
        """Change the policy of every application that this extension was put on.

        Everything is checked first. Then the new policies apply to each request that
        begins, for all threads of this process at once; a request under way keeps the
        policies that it began with. ``app.config`` is read anew. Browsers keep the
        answers to earlier preflights as long as these said (``max_age``).

        .. code-block:: python

            cors.reconfigure(origins=["https://a.example", "https://b.example"])

        :param policy: replaces all options of the application's own policy,
            ``resources`` too; or path rules to policies, in the place of ``resources``.
        :param changes: options as those of ``CORS``; what is left out stays as it was
            given before. Views and blueprints inherit from the new policies what they
            inherited from the old ones.
        :raises PolicyError: with every problem there is, as ``problems``; nothing has
            changed then.
        :raises RuntimeError: if this extension was put on no application.
        """
        states = list(self._states)
        if not states:
            raise RuntimeError(
                "there is no application to reconfigure: call CORS(app, ...) or "
                "cors.init_app(app) first"
            )
        ready: dict[str, Any] = {}
        if isinstance(policy, Mapping):
            ready = {RESOURCES: policy}
        elif policy is not None:
            ready = {**policy.as_settings(), RESOURCES: NO_RESOURCES}
        options = _keyword_arguments("reconfigure", {**ready, **changes})
        report = Report()
        with self._lock:
            pending = [state.reconfigured(options, report) for state in states]
            report.raise_problems()
            for each in pending:
                each.activate()
        for state in states:
            state.warn(report.warnings, stacklevel=2)

    def _init(self, app: Flask | Blueprint, options: dict[str, Any]) -> None:
        if isinstance(app, Blueprint):
            _init_blueprint(app, options)
        elif isinstance(app, Flask):
            self._init_app(app, options)
        else:
            raise TypeError(f"not a Flask application or blueprint: {app!r}")

    def _init_app(self, app: Flask, options: dict[str, Any]) -> None:
        present = state_of(app)
        if present is not None and not present.may_be_replaced:
            raise RuntimeError(
                f"this application has a CORS policy already, from {present.place}: "
                "call CORS(app, ...) or cors.init_app(app) once, with all options, "
                "before the first request"
            )
        report = Report()
        state = ExtensionState(app, _keyword_arguments("CORS(app)", options))
        table = state.table(state.options, report)
        report.raise_problems()
        state.warn(report.warnings, stacklevel=4)
        if present is not None:
            present.uninstall()
        state.install(table)
        self._states.add(state)


def _init_blueprint(blueprint: Blueprint, options: dict[str, Any]) -> None:
    place = place_of("CORS(...)", blueprint)
    report = Report()
    written: RawOptions = {
        option: Setting(copied(value), f"{place}: {option}")
        for option, value in options.items()
    }
    of_every_path = _of_every_path(written.get(RESOURCES))
    settings = {**of_every_path, **written}
    for option in OF_APPLICATIONS:
        if option in settings:
            message = "This belongs to an application, not to a blueprint."
            hint = f"Write CORS(app, {option}=...)."
            if option == RESOURCES and of_every_path:
                hint = "Write its options as those of CORS(blueprint), without a path."
            report.problem(settings.pop(option), "unknown-option", message, hint)
    check_each(settings, report)
    report.raise_problems()
    set_mark(blueprint, Mark(place, settings))


def _of_every_path(resources: Setting | None) -> RawOptions:
    """Return the options that *resources* has for its only path rule, if it has one.

    On a blueprint they are options of the blueprint.
    """
    rules = {} if resources is None else resources.value
    if resources is None or not isinstance(rules, Mapping) or len(rules) != 1:
        return {}
    ((rule, options),) = rules.items()
    place = f"{resources.name}[{rule!r}]"
    return raw_options(options, place) if isinstance(options, Mapping) else {}


def _keyword_arguments(place: str, options: Mapping[str, Any]) -> RawOptions:
    """Return *options* as settings typed at *place*, ready to be read again."""
    return {
        option: Setting(setting.value, f"{place}: {option}")
        for option, setting in raw_options(options).items()
    }
