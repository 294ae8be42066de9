"""Play the classic CORS exchanges and print both sides of each.

Two of them are blocked, as they should be. The exit status is 1 if a response is not as
expected. With ``--once`` the demo ends after that. Otherwise both servers go on, with a
page to click in a browser.
"""

from __future__ import annotations

import argparse
import logging
import sys

from ..serve import HOST, add_port, origin_of, wait
from .exchanges import classic_exchanges, play
from .servers import demo_servers


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; return its exit status."""
    parser = argparse.ArgumentParser(prog="examples.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play, print and end")
    add_port(parser, "--page-port", 0, "the page")
    add_port(parser, "--api-port", 0, "the API")
    options = parser.parse_args(arguments)
    with demo_servers(options.page_port, options.api_port) as (page, api):
        differing = show_exchanges((HOST, api.port))
        if not options.once:
            print(f"The page, to open in a browser: {origin_of(page)}/")
            print(f"The API it talks to:            {origin_of(api)}")
            print("The page shows the headers of each request. Ctrl-C ends both.")
            sys.stdout.flush()
            wait()
    return 1 if differing else 0


class _Lines(logging.Handler):
    """Keeps what is logged, to print it below the exchange that it is about."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep *record*."""
        self.lines.append(self.format(record))


def show_exchanges(address: tuple[str, int]) -> int:
    """Play and print every exchange; return how many are not as expected."""
    logger, log = logging.getLogger("flask_cors_policy"), _Lines()
    logger.addHandler(log)
    try:
        return _show_exchanges(address, log)
    finally:
        logger.removeHandler(log)


def _show_exchanges(address: tuple[str, int], log: _Lines) -> int:
    differing = 0
    for number, exchange in enumerate(classic_exchanges(), 1):
        response = play(exchange.request, address)
        differences = exchange.differences(response)
        print(f"{number}. {exchange.title}\n   {exchange.outcome}\n")
        print(_prefixed("  > ", str(exchange.request)))
        print(_prefixed("  < ", str(response)))
        for line in log.lines:
            print(f"  The log says: {line}\n")
        log.lines.clear()
        for difference in differences:
            print(f"  ! {difference}")
        print("  NOT as expected\n" if differences else "  as expected\n")
        differing += bool(differences)
    return differing


def _prefixed(prefix: str, text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    return "\n".join((prefix + line).rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
