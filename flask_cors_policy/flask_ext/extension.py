"""``CORS``: the extension, on an application or on a blueprint."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from flask import Blueprint, Flask

from ..core.policy import check_each
from ..core.settings import Report, Setting, Written, copied, written
from .blueprints import put_mark
from .layers import wrapped
from .marks import Mark, place_of
from .policies import RoutePolicies
from .settings import EVERYWHERE, POLICIES, RESOURCES, read_settings, refuse_habits
from .state import KEY, CORSState
from .watch import watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Unpack

    from ..core.options import PolicyOptions
    from ..core.policy import Policy

    PolicyLike = str | Policy | PolicyOptions

    class CORSOptions(PolicyOptions, total=False):
        """The options of ``CORS``: those of a policy, and where policies apply."""

        resources: str | Iterable[str] | Mapping[str, PolicyLike]
        policies: Mapping[str, Policy | PolicyOptions]


class CORS:
    """Put a Flask application, or a blueprint, under a CORS policy.

    .. code-block:: python

        CORS(app, origins="https://app.example.com")

        cors = CORS(origins="https://app.example.com")
        cors.init_app(app)          # in an application factory
        cors.reconfigure(origins="https://new.example.com")     # while it serves

        CORS(blueprint, origins="https://partner.example")

    On an application the options of :class:`Policy` are taken as keyword arguments
    and from the ``CORS_*`` keys of its config, ``CORS_ORIGINS`` and so on; a keyword
    argument wins over the config. Two more options say where policies apply:

    - ``resources`` (``CORS_RESOURCES``): path rules to policies. Only what they name is
      governed then; each inherits the options given beside it. A path rule is
      ``"/api/*"`` or ``"/api/items"``, a policy is a mapping of options, the name of
      a named policy, or a ``Policy``. With ``{}`` no path is governed, and only views
      and blueprints with a policy of their own are.
    - ``policies`` (``CORS_POLICIES``): named policies, for ``@cross_origin("name")``.

    On a blueprint the options are those of a policy only; it inherits the others from
    what is around it.

    :param app: an application or a blueprint; left out where ``init_app`` follows.
    :param options: see above.
    :raises PolicyError: with every problem there is, as ``problems``.
    :raises RuntimeError: where *app* was initialised before.
    """

    def __init__(
        self, app: Flask | Blueprint | None = None, **options: Unpack[CORSOptions]
    ) -> None:
        # They may serve several applications.
        self._options = {option: copied(value) for option, value in options.items()}
        self._states: WeakSet[CORSState] = WeakSet()
        self._lock = threading.Lock()
        if app is not None:
            self._init(app, self._options)

    def init_app(self, app: Flask | Blueprint, **options: Unpack[CORSOptions]) -> None:
        """Put *app*, an application or a blueprint, under the policy of this extension.

        :param options: as those of ``CORS``, and winning over them.
        :raises PolicyError: with every problem there is, as ``problems``.
        :raises RuntimeError: where *app* was initialised before.
        """
        self._init(app, {**self._options, **options})

    def reconfigure(
        self,
        policy: Policy | Mapping[str, Policy] | None = None,
        /,
        **changes: Unpack[CORSOptions],
    ) -> None:
        """Change the policy of every application that this extension was put on.

        Everything is checked first, and then governs each request that begins from
        then on, for all threads of this process at once; a request under way keeps the
        policies that it began with. ``app.config`` is read anew.

        .. code-block:: python

            cors.reconfigure(origins=["https://a.example", "https://b.example"])

        :param policy: takes the place of all options of the application's own policy,
            ``resources`` too; or path rules to policies, in the place of ``resources``.
        :param changes: options as those of ``CORS``; what is left out stays as it was
            given before. Views and blueprints inherit what they inherited, from the new
            policies.
        :raises PolicyError: with every problem there is, as ``problems``; nothing has
            changed then.
        :raises RuntimeError: where this extension was put on no application.
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
            ready = {**policy.as_settings(), RESOURCES: EVERYWHERE}
        options = _keyword_arguments("reconfigure", {**ready, **changes})
        report = Report()
        with self._lock:
            successors = [state.reconfigured(options, report) for state in states]
            report.raise_problems()
            for successor in successors:
                successor.put_in_force()
        for state in states:
            state.warn(report.cautions, stacklevel=2)

    def _init(self, app: Flask | Blueprint, options: dict[str, Any]) -> None:
        if isinstance(app, Blueprint):
            self._init_blueprint(app, options)
        elif isinstance(app, Flask):
            self._init_app(app, options)
        else:
            raise TypeError(f"not a Flask application or blueprint: {app!r}")

    def _init_app(self, app: Flask, options: dict[str, Any]) -> None:
        if KEY in app.extensions:
            raise RuntimeError(
                "this application has a CORS policy already: call CORS(app, ...) or "
                "cors.init_app(app) once, with all options"
            )
        report = Report()
        given = _keyword_arguments("CORS(app)", options)
        settings = read_settings(app.config, given, report)
        state = CORSState(app, given)
        policies = RoutePolicies(app, settings, state.log, report)
        report.raise_problems()
        state.warn(report.cautions, stacklevel=4)
        app.extensions[KEY] = state
        self._states.add(state)
        app.wsgi_app = wrapped(app.wsgi_app, state, policies)  # type: ignore[assignment, method-assign]

    def _init_blueprint(self, blueprint: Blueprint, options: dict[str, Any]) -> None:
        place = place_of("CORS(...)", blueprint)
        report = Report()
        settings = {
            option: Setting(copied(value), f"{place}: {option}")
            for option, value in options.items()
        }
        for option in (RESOURCES, POLICIES):
            if option in settings:
                message = "This belongs to an application, not to a blueprint."
                hint = f"Write CORS(app, {option}=...)."
                report.problem(settings.pop(option), "unknown-option", message, hint)
        check_each(refuse_habits(settings, report), report)
        report.raise_problems()
        watch()
        put_mark(blueprint, Mark(place, settings))


def _keyword_arguments(place: str, options: Mapping[str, Any]) -> Written:
    """Return *options* as settings typed at *place*, ready to be read again."""
    return {
        option: Setting(setting.value, f"{place}: {option}")
        for option, setting in written(options).items()
    }
