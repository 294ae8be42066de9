"""The Flask half: policies from ``app.config``, on routes and on blueprints.

The only folder of serving code that imports flask. Read ``extension`` for what it
offers, ``policies`` for which policy governs a route, ``middleware`` for what happens
to a request.
"""

from __future__ import annotations

from .decorators import cors_exempt, cross_origin
from .extension import CORS

__all__ = ["CORS", "cors_exempt", "cross_origin"]
