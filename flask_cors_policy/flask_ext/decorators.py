"""``@cross_origin`` and ``@cors_exempt``: they mark, and do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, overload

from ..core.policy import Policy
from .blueprints import put_mark
from .marker import Marker
from .marks import Mark, place_of
from .watch import watch

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..core.options import PolicyOptions

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


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
    effect in every application that has ``CORS(app)``.

    :param policy: the name of a policy in ``CORS_POLICIES``, or a ``Policy``.
    :param options: options of :class:`Policy`; what is left out is inherited from the
        named policy, then from the nearest policy around the view.
    :return: a decorator that returns the object it was given.
    :raises PolicyError: (from the decorator) where an option is wrong by itself, or
        the object has a policy already.
    """
    watch()
    if isinstance(policy, Policy):
        return Marker(None, {**policy.as_settings(), **options})
    if policy is None or isinstance(policy, str):
        return Marker(policy, {**options})
    if callable(policy):
        return Marker(None, {})(policy)
    raise TypeError(f"@cross_origin takes the name of a policy, not {policy!r}")


def cors_exempt(target: T) -> T:
    """Take a view or a blueprint out of every policy; return the same object.

    Its preflights reach the view, and its responses stay as they are.

    :raises PolicyError: where *target* has a policy of its own.
    """
    put_mark(target, Mark(place_of("@cors_exempt", target), None))
    return target
