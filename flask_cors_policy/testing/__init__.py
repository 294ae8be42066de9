"""For tests of an API: a browser without sockets, and the attacks that find holes."""

from __future__ import annotations

from .wsgi_client import WSGIError, send_to

__all__ = ["WSGIError", "send_to"]
