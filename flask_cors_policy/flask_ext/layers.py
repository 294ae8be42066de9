"""Where the policy goes among the layers that are around an application already."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from .middleware import FlaskCORS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from .state import CORSState


def wrapped(wsgi_app: WSGIApplication, state: CORSState) -> WSGIApplication:
    """Return *wsgi_app* with the policies of *state* around what serves the app.

    They go around all layers, so that the answers of these get headers too, but inside
    of two that say what a request is, and answer none: ``ProxyFix`` tells under which
    host and scheme it came, ``DispatcherMiddleware`` for which application. So it is
    all the same whether these were put around the application before ``CORS(app)`` or
    after it.

    :param wsgi_app: ``app.wsgi_app``; no layer of it is changed.
    """
    if isinstance(wsgi_app, ProxyFix | DispatcherMiddleware):
        layer = copy(wsgi_app)
        layer.app = wrapped(wsgi_app.app, state)
        return layer
    return FlaskCORS(wsgi_app, state)
