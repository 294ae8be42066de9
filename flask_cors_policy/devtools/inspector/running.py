"""Runs the inspector: its page on one port, the application in a process of its own."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import NamedTuple

from .answers import Inspected
from .application import PORT_VARIABLE, VARIABLE, Application
from .link import Address
from .served import serve
from .servers import QuietHandler, bind, listening, origin_of, port_of
from .site import Site


class Started(NamedTuple):
    """An inspector that runs.

    :param url: of its page.
    :param api: the origin of the application.
    :param problem: why the application could not be loaded; empty if it was.
    """

    url: str
    api: str
    problem: str


@contextmanager
def inspector(
    command: Sequence[str],
    port: int = 0,
    app_port: int = 0,
    app_url: str | None = None,
) -> Iterator[Started]:
    """Run an inspector, and end all of it afterwards.

    :param command: a command line that ends in ``serve_if_asked``.
    :param port: of the page, on loopback; 0 for any that is free.
    :param app_port: of the application, likewise.
    :param app_url: the origin at which the application runs already; it is not served
        a second time then.
    :raises OSError: if a port is taken.
    """
    served_at, api = None, app_url
    if api is None:
        # Chosen here, so that it stays the same whenever the process is started anew.
        with bind(app_port) as free:
            served_at = port_of(free)
        api = origin_of(served_at)
    with bind(port) as bound, closing(Application(command, served_at)) as application:
        token = secrets.token_urlsafe(16)
        own = port_of(bound)
        site = Site(application, token, own, api, serves=app_url is None)
        with listening(site, bound, QuietHandler):
            problem = application.state().get("text", "")
            yield Started(f"{_page_origin(application, own)}/{token}/", api, problem)


def _page_origin(application: Application, port: int) -> str:
    """Return the origin to open the page at: one that a policy allows, if one does.

    Policies often allow ``http://localhost:*``, and not the same by its address.
    """
    origins = [origin_of(port), f"http://localhost:{port}"]
    allowed = application.ask({"ask": "allowed", "origins": origins}).get("allowed")
    return (allowed or origins)[0]


def serve_if_asked(load: Callable[[], Inspected]) -> bool:
    """Serve an application, if the inspector has started this process for that.

    :param load: imports and returns it.
    :returns: whether it was so; all is over then.
    """
    asked = os.environ.get(VARIABLE)
    if asked is None:
        return False
    port = os.environ.get(PORT_VARIABLE)
    serve(load, Address.parse(asked), int(port) if port else None)
    return True


def own_command() -> list[str]:
    """Return the command line of this process, to run it once more."""
    return [sys.executable, *sys.orig_argv[1:]]


def wait() -> None:
    """Wait until somebody presses Ctrl-C."""
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print()
