"""The pure core: settings to :class:`Policy`, policy and request to ``Decision``.

Nothing in this folder opens a socket, reads a clock, logs, or knows what an environ
or a Flask app is. Read it in this order: ``fetch_standard`` (the facts), ``origin``
(who may ask), ``settings`` and ``policy`` (what was written), ``request`` and
``decision`` (what is answered), ``headers`` (how it gets onto a response), ``paths``
(which policy applies to a path).
"""

from __future__ import annotations


def __getattr__(name: str) -> object:
    from .other_names import instead_of_import  # Here: only mistakes need it.

    hint = instead_of_import(name)
    if hint:
        # "from flask_cors_policy.core import ..." shows no message of AttributeError.
        message = f"{name} is a name of flask_cors.core; it is not here. {hint}"
        raise ImportError(message, name=__name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
