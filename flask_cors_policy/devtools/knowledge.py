"""What is known of an application of any kind; Flask is imported only if it is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..core.errors import PolicyError
from .explaining import ServerInfo
from .playing import Knowledge, SeenRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from .browser.requests import Sent


def knowledge_of(app: WSGIApplication) -> Knowledge:
    """Return what is known of *app*."""
    flask = sys.modules.get("flask")
    found: Any = app
    if flask is not None and isinstance(found, flask.Flask):
        from .app_explain import FlaskKnowledge

        return FlaskKnowledge(found)
    return Knowledge(app)


def info_after(
    knowledge: Knowledge, sent: Sent, seen: SeenRequest | None
) -> ServerInfo:
    """Return what is known about *sent*, after it was answered. Never raises.

    :param seen: what the application has seen of it, if it was reached.
    """
    try:
        return knowledge.info(sent, seen)
    except PolicyError as error:
        return ServerInfo(invalid=error.problems)
