"""The process that loads an application, runs it, and answers about it.

A new one is started whenever a file of the application has changed, so that nothing
of the old code is left.
"""

from __future__ import annotations

import logging
import os
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from ...log import logger
from .answers import Inspected, answer, told
from .link import Address, Link
from .servers import bind, listening
from .watched import files_read, written_here

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_FRAMES: Final = 4
"""How many frames of a traceback are shown: those nearest to the error."""
_PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.dirname(__file__))) + os.sep


def serve(load: Callable[[], Inspected], address: Address, port: int | None) -> None:
    """Load an application, and stay as long as somebody listens at *address*.

    :param load: imports and returns it.
    :param port: where it is served, on loopback; ``None`` for nowhere.
    """
    link = address.call()
    try:
        with suppress(KeyboardInterrupt):
            _serve(load, link, port)
    finally:
        link.close()


def _serve(load: Callable[[], Inspected], link: Link, port: int | None) -> None:
    with files_read() as files:
        try:
            inspected = load()
            inspected.routes()
            bound = None if port is None else bind(port)
        except (Exception, SystemExit) as error:
            link.send({"kind": "failed", "files": files, **_failure(error)})
            return
    with _refusals_sent(link), _running(inspected.app, bound):
        link.send({"kind": "loaded", "name": inspected.name, "files": files})
        for question in link.messages():
            found = answer(inspected, question)
            link.send({"kind": "answer", "number": question["number"], **found})


@contextmanager
def _running(app: WSGIApplication, bound: socket.socket | None) -> Iterator[None]:
    """Serve *app*, where there is a socket for it."""
    if bound is None:
        yield
        return
    with listening(app, bound):
        yield


class _RefusalHandler(logging.Handler):
    """Sends each refusal on."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def emit(self, record: logging.LogRecord) -> None:
        """Send *record*, if it is about one request or response."""
        reason = getattr(record, "cors_reason", None)
        if reason is not None:
            self._link.send(
                {
                    "kind": "refusal",
                    "time": record.created,
                    "reason": reason,
                    "place": getattr(record, "cors_place", ""),
                    "text": record.getMessage(),
                }
            )


@contextmanager
def _refusals_sent(link: Link) -> Iterator[None]:
    """Send refusals on; the terminal gets them as well, as it would without this."""
    handlers: list[logging.Handler] = [_RefusalHandler(link)]
    others = (*logger.handlers, *logging.getLogger().handlers)
    if all(isinstance(other, logging.NullHandler) for other in others):
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)


def _failure(error: BaseException) -> dict[str, Any]:
    """Return why an application cannot be loaded, as data."""
    frames = [
        f"{frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if written_here(frame.filename) and not frame.filename.startswith(_PACKAGE)
    ]
    return {"text": told(error), "frames": frames[-_FRAMES:]}
