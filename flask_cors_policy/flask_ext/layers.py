"""Where the policy goes among the layers that are around an application already."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from .middleware import FlaskCORS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from .policies import RoutePolicies
    from .state import CORSState


def wrapped(
    wsgi_app: WSGIApplication, state: CORSState, policies: RoutePolicies
) -> WSGIApplication:
    """Return *wsgi_app* with *policies* around what serves the app of *state*.

    They go around all layers, so that the answers of these get headers too, but inside
    of two that say what a request is, and answer none: ``ProxyFix`` tells under which
    host and scheme it came, ``DispatcherMiddleware`` for which application. So it is
    all the same whether these were put around the application before ``CORS(app)`` or
    after it.

    :param wsgi_app: ``app.wsgi_app``; no layer of it is changed.
    """
    if isinstance(wsgi_app, ProxyFix | DispatcherMiddleware):
        layer = copy(wsgi_app)
        layer.app = wrapped(wsgi_app.app, state, policies)
        return layer
    state.layer = FlaskCORS(wsgi_app, state, policies)
    # Its method, as Flask's own wsgi_app is one: a call of the object itself would cost
    # every request 0.3 microseconds more, of 37.
    return state.layer.__call__
