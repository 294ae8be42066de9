"""The Flask half: policies from ``app.config``, on routes and on blueprints.

The only folder of serving code that imports flask. Read ``extension`` for what it
offers, ``table`` for which policy a route has, and ``middleware`` and
``request_functions`` for what happens to a request.
"""

from __future__ import annotations

from .extension import CORS
from .marks import cors_exempt, cross_origin
from .signals import cors_refused

__all__ = ["CORS", "cors_exempt", "cors_refused", "cross_origin"]
