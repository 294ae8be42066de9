"""Checks of arguments that are not settings of a policy: types, ranges, signatures."""

from __future__ import annotations

import inspect
import math


def check_seconds(name: str, value: object, *, zero: bool = True) -> float:
    """Return *value* if it is a number of seconds.

    :param zero: whether it may be 0.
    :raises TypeError: where it is no number (a bool is none).
    :raises ValueError: where it is negative, infinite or not a number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is a number of seconds, not {value!r}")
    if not math.isfinite(value) or value < 0 or not (value or zero):
        least = "0 or more" if zero else "more than 0"
        raise ValueError(f"{name} is {least} seconds, not {value!r}")
    return float(value)


def check_count(name: str, value: object) -> int:
    """Return *value* if it is 1 or more.

    :raises TypeError: where it is no whole number (a bool is none).
    :raises ValueError: where it is below 1.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is a whole number, not {value!r}")
    if value < 1:
        raise ValueError(f"{name} is 1 or more, not {value!r}")
    return value


def check_lookup(lookup: object, key: object) -> None:
    """Refuse a look-up that cannot be called as it will be.

    :raises TypeError: saying what to write.
    """
    arguments: tuple[object, ...] = ("https://app.example.com",)
    if key is not None:
        arguments += ({},)
        _check_call("key", key, ("https://app.example.com", {}))
    if inspect.iscoroutinefunction(lookup):
        raise TypeError("the look-up answers with a coroutine: give a plain function")
    if (
        key is None
        and _takes(lookup, (*arguments, {}))
        and not _takes(lookup, arguments)
    ):
        raise TypeError(
            "the look-up takes environ, so that its answers may depend on more than "
            "the origin: give key=, a function (origin, environ) that says on what"
        )
    _check_call("lookup", lookup, arguments)


def _check_call(name: str, function: object, arguments: tuple[object, ...]) -> None:
    if not _takes(function, arguments):
        called = "(origin)" if len(arguments) == 1 else "(origin, environ)"
        raise TypeError(f"{name} must be a function that can be called as {called}")


def _takes(function: object, arguments: tuple[object, ...]) -> bool:
    if not callable(function):
        return False
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return False
    except ValueError:
        pass  # Written in C, without a signature to look at.
    return True
