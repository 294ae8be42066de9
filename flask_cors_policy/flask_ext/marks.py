"""Marks: what a decorator leaves on the object it decorates, and nothing else.

A mark is an attribute. It survives ``functools.wraps``, which copies attributes; it
may be set before or after a view is registered; and the decorated object stays the
same object, so that ``async def``, classes and generators are no special case.
"""

from __future__ import annotations

import inspect
import threading
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload
from weakref import WeakKeyDictionary, WeakSet

import flask
from flask import Blueprint, Flask
from flask.views import MethodView
from werkzeug.local import LocalProxy

from ..core.checks import UNSAFE
from ..core.errors import PolicyError, Problem
from ..core.policy import Policy, check_each
from ..core.settings import RawOptions, Report, Setting, copied

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState
    from typing_extensions import Unpack

    from ..core.decision import Enforce
    from ..core.options import PolicyOptions

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])

ATTRIBUTE: Final = "__flask_cors_policy__"


class Mark:
    """A policy, or the lack of one, at the place where it was written.

    :param place: what was marked, for people: ``@cross_origin on app.views.me``.
    :param settings: the options it does not inherit; ``None`` takes the marked object
        out of every policy.
    :param name: the named policy that comes between *settings* and the outer policy.
    """

    __slots__ = ("__weakref__", "name", "place", "settings")

    @property
    def may_enforce(self) -> Enforce:
        """Which requests a policy of this mark may refuse."""
        enforce = (self.settings or {}).get("enforce")
        if enforce is None or not enforce.value:
            return self.name is not None
        return UNSAFE if enforce.value == UNSAFE and self.name is None else True

    def __init__(
        self, place: str, settings: RawOptions | None, name: str | None = None
    ) -> None:
        self.place = place
        self.settings = settings
        self.name = name

    def says_the_same_as(self, other: Mark) -> bool:
        """Say whether both marks have the same options, wherever they were written."""
        return self.name == other.name and _values(self) == _values(other)


class Register:
    """Every mark of this process, held weakly.

    :ivar marks: the marks.
    :ivar generation: grows with each mark, so that nothing that was looked up before
        is used after it. 0 says that there has never been a mark.
    :ivar may_enforce: whether some mark may refuse requests.
    :ivar on_first_mark: called when there is a mark for the first time.
    :ivar on_blueprint: called when a marked blueprint is registered.
    """

    def __init__(self) -> None:
        self.marks: WeakSet[Mark] = WeakSet()
        self._lock = threading.Lock()
        self.generation = 0
        self.may_enforce = False
        self.on_first_mark: Callable[[], object] | None = None
        self.on_blueprint: Callable[[BlueprintSetupState], None] | None = None

    def add(self, mark: Mark) -> None:
        """Add *mark*."""
        with self._lock:
            self.marks.add(mark)
        self.changed(bool(mark.may_enforce))

    def snapshot(self) -> set[Mark]:
        """Return the marks that there are at this moment."""
        with self._lock:
            return set(self.marks)

    def changed(self, may_enforce: bool) -> None:
        """Note that there is a new mark, or a decorator that libraries may apply."""
        self.may_enforce = self.may_enforce or may_enforce
        if self.generation == 0 and self.on_first_mark is not None:
            self.on_first_mark()
        self.generation += 1


register: Final = Register()


def read_mark(target: object) -> Mark | None:
    """Return the mark that *target* has, or that its class inherits.

    :raises Exception: if it stands for something that is not there yet.
    """
    try:
        mark = getattr(target, ATTRIBUTE, None)
    except Exception:  # A proxy, or an object that computes its attributes.
        if isinstance(target, LocalProxy):
            raise
        mark = inspect.getattr_static(target, ATTRIBUTE, None)
    return mark if isinstance(mark, Mark) else None


def set_mark(target: object, mark: Mark) -> None:
    """Set *mark* on *target*.

    :raises PolicyError: if *target* has a different mark of its own already.
    :raises TypeError: if *target* cannot be marked, as a bound method.
    """
    present = vars(target).get(ATTRIBUTE) if hasattr(target, "__dict__") else None
    if isinstance(present, Mark):
        if mark.says_the_same_as(present):  # A factory that runs twice.
            return
        message = f"There is one already: {present.place}."
        hint = "Write one decorator with all options."
        raise PolicyError([Problem(mark.place, target, "marked-twice", message, hint)])
    try:
        setattr(target, ATTRIBUTE, mark)
    except AttributeError:
        raise TypeError(
            f"{mark.place}: this object cannot be marked; "
            "decorate the function or the class that it was made from"
        ) from None
    register.add(mark)
    if isinstance(target, Blueprint) and register.on_blueprint is not None:
        # A blueprint that is registered already takes no more functions.
        with suppress(AssertionError):
            target.record(register.on_blueprint)


def place_of(decorator: str, target: object) -> str:
    """Return a name for people of *decorator* on *target*."""
    if isinstance(target, Blueprint):
        return f"{decorator} on blueprint {target.name!r}"
    name: str | None = getattr(target, "__qualname__", None)
    if name is None:
        return f"{decorator} on {target!r}"
    own: str = getattr(target, "__name__", name)
    if not name.endswith(own):  # as_view() renames: people know the new name.
        name = own
    return f"{decorator} on {getattr(target, '__module__', None)}.{name}"


class Marker:
    """What ``@cross_origin(...)`` decorates with."""

    def __init__(self, name: str | None, options: dict[str, object]) -> None:
        self._name = name
        self._options = {option: copied(value) for option, value in options.items()}
        self._checked = False
        self._marks: WeakKeyDictionary[Any, Mark] = WeakKeyDictionary()
        # Some libraries keep it in a list, and mark nothing.
        register.changed("enforce" in options or name is not None)

    def __call__(self, target: T) -> T:
        """Mark *target* and return the same object."""
        if self._marks and flask.has_request_context():
            return target  # See below.
        try:
            set_mark(target, self._mark(target))
        except (PolicyError, TypeError):
            # Flask-RESTful and its like decorate bound methods anew for each request;
            # ``mark_of_class`` has read the decorator from the class before.
            if not flask.has_request_context():
                raise
        return target

    def mark_of_class(self, view_class: type) -> Mark:
        """Return the mark of a class that has this decorator in a list.

        :raises PolicyError: if an option is wrong by itself.
        """
        mark = self._marks.get(view_class)
        if mark is None:
            mark = self._marks.setdefault(view_class, self._mark(view_class))
        return mark

    def _mark(self, target: object) -> Mark:
        place = place_of("@cross_origin", target)
        settings = {
            option: Setting(value, f"{place}: {option}")
            for option, value in self._options.items()
        }
        if not self._checked:
            report = Report()
            if self._name is not None and (self._name == "*" or "://" in self._name):
                message = "This is an origin, and not the name of a policy."
                hint = f'Write @cross_origin(origins="{self._name}").'
                at = Setting(self._name, place)
                report.problem(at, "unknown-policy", message, hint)
            check_each(settings, report)
            report.raise_problems()
            self._checked = True
        return Mark(place, settings, self._name)


@overload
def cross_origin(policy: F, /) -> F: ...
@overload
def cross_origin(
    policy: str | Policy | None = None, /, **options: Unpack[PolicyOptions]
) -> Marker: ...
def cross_origin(policy: object = None, /, **options: Unpack[PolicyOptions]) -> object:
    """Give a view, or a blueprint, a policy of its own.

    Works above and below ``@app.route``, on functions of every kind, on ``View`` and
    ``MethodView`` classes and their methods, and in ``decorators = [...]``. It takes
    effect with ``CORS(app)`` and without.

    :param policy: the name of a policy in ``CORS_POLICIES``, or a ``Policy``.
    :param options: options of :class:`Policy`; what is left out is inherited from the
        named policy, then from the blueprint, the path rule and the application.
    :return: a decorator that returns the object it was given.
    :raises PolicyError: (from the decorator) if an option is wrong by itself, or
        the object has a different policy already.
    """
    if isinstance(policy, Policy):
        return Marker(None, {**policy.as_settings(), **options})
    if policy is None or isinstance(policy, str):
        return Marker(policy, {**options})
    if callable(policy):
        return Marker(None, {})(policy)
    raise TypeError(f"@cross_origin takes the name of a policy, not {policy!r}")


def cors_exempt(target: T) -> T:
    """Take a view or a blueprint out of every policy; return the same object.

    Its preflights reach ``before_request`` functions and the view, its responses stay
    as they are, and ``enforce`` does not apply to it.

    :raises PolicyError: if *target* has a policy of its own.
    """
    set_mark(target, Mark(place_of("@cors_exempt", target), None))
    return target


def _values(mark: Mark) -> dict[str, object] | None:
    if mark.settings is None:
        return None
    return {option: setting.value for option, setting in mark.settings.items()}


def view_marks(view: object, method: str) -> Iterator[Mark]:
    """Yield the marks that apply to *method* of a view, from the outside in.

    :param view: a view function, as in ``app.view_functions``.
    :param method: in upper case; empty for no method in particular.
    """
    own = read_mark(view)
    if own is not None:
        yield own
    view_class = class_of(view)
    if view_class is None:
        return
    for holder in (view_class, getattr(view_class, "dispatch_request", None)):
        mark = read_mark(holder)
        if mark is not None and mark is not own:
            yield mark
    # Flask-RESTful and Flask-RESTX keep decorators here and apply them to each request.
    decorators = getattr(view_class, "method_decorators", ())
    if isinstance(decorators, Mapping):
        decorators = decorators.get(method.lower(), ())
    for decorator in decorators:
        if isinstance(decorator, Marker):
            yield decorator.mark_of_class(view_class)
    mark = read_mark(_handler(view, view_class, method))
    if mark is not None:
        yield mark


def own_method(view: object, method: str) -> str:
    """Return *method* if the view can have a policy for that method only, else ""."""
    return "" if _handler(view, class_of(view), method) is None else method


def all_marks(view: object) -> Iterator[Mark]:
    """Yield every mark that can take effect on some method of a view."""
    yield from view_marks(view, "")
    for method in getattr(class_of(view), "methods", None) or ():
        yield from view_marks(view, method)


def app_marks(app: Flask) -> set[Mark]:
    """Return the marks that apply to the routes of *app*."""
    found: set[Mark] = set()
    for view in tuple(app.view_functions.values()):
        with suppress(Exception):  # It may be a proxy of something not there yet.
            found.update(all_marks(view))
    found.update(filter(None, map(read_mark, tuple(app.blueprints.values()))))
    return found


def class_of(view: object) -> type | None:
    """Return the class that a view was made from, by ``as_view()`` or as its method."""
    if type(view) is types.FunctionType:
        view_class = view.__dict__.get("view_class")
    else:  # It may be a proxy of something that is not there yet.
        view_class = inspect.getattr_static(view, "view_class", None)
    if isinstance(view_class, type):
        return view_class
    if isinstance(view, types.MethodType):
        holder = view.__self__
        return holder if isinstance(holder, type) else type(holder)
    return None


def _handler(view: object, view_class: type | None, method: str) -> object:
    """Return the method of a ``MethodView`` that serves *method*."""
    # Other classes have methods of such names for other reasons.
    if view_class is None or not issubclass(view_class, MethodView) or not method:
        return None
    if isinstance(view, types.MethodType):  # It is the view, and not the class.
        return None
    handler = getattr(view_class, method.lower(), None)
    if handler is None and method == "HEAD":
        return getattr(view_class, "get", None)
    return handler
