"""``suggest``: a policy for what report files hold."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import Final

from ...core.origin_items import bare_origins
from ...core.policy import Policy
from ...wsgi import CORSMiddleware
from ..suggest import suggestion
from .loading import load
from .terminal import complain

_DEPTH: Final = 16
"""How many middlewares around an application are looked through."""


def suggest(options: argparse.Namespace) -> int:
    """Run the command; return its exit status.

    :raises ValueError: if what was typed is wrong, or a file cannot be read.
    """
    listed = [] if options.app is None else _of_middleware(load(options.app))
    print(suggestion(options.files, options.origin, listed, complain), end="")
    return 0


def listed_origins(policies: Iterable[Policy | None]) -> list[str]:
    """Return the origins, as strings, that *policies* list."""
    return list(
        dict.fromkeys(
            origin
            for policy in policies
            if policy is not None
            for origin in bare_origins(policy.origins)
            if isinstance(origin, str)
        )
    )


def _of_middleware(app: object) -> list[str]:
    """Return what the ``CORSMiddleware`` around *app* lists."""
    return listed_origins(_policies(app))


def _policies(app: object) -> Iterator[Policy]:
    for _ in range(_DEPTH):
        if isinstance(app, CORSMiddleware):
            policy = app.policy
            yield from [policy] if isinstance(policy, Policy) else policy.values()
        app = getattr(app, "app", None) or getattr(app, "wsgi_app", None)
