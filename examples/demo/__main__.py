"""Play the classic CORS exchanges and print both sides of each.

Exits with 1 where an exchange differs from what is stated. With ``--once`` it ends
after that; without, the two servers go on for people to click through in a browser.
"""

from __future__ import annotations

import argparse
import sys

from ..serve import HOST, origin_of, wait
from .exchanges import classic_exchanges, play
from .servers import demo_servers


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; return its exit status."""
    parser = argparse.ArgumentParser(prog="examples.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play, print and end")
    parser.add_argument("--page-port", type=int, default=0, metavar="PORT")
    parser.add_argument("--api-port", type=int, default=0, metavar="PORT")
    options = parser.parse_args(arguments)
    with demo_servers(options.page_port, options.api_port) as (page, api):
        differing = show_exchanges((HOST, api.port))
        if not options.once:
            print(f"The page, to open in a browser: {origin_of(page)}/")
            print(f"The API it talks to:            {origin_of(api)}")
            print("Ctrl-C ends both.", flush=True)
            wait()
    return 1 if differing else 0


def show_exchanges(address: tuple[str, int]) -> int:
    """Play and print every exchange; return how many differ from what is stated."""
    differing = 0
    for number, exchange in enumerate(classic_exchanges(), 1):
        response = play(exchange.request, address)
        differences = exchange.differences(response)
        print(f"{number}. {exchange.title}\n")
        print(_prefixed("  > ", str(exchange.request)))
        print(_prefixed("  < ", str(response)))
        for difference in differences:
            print(f"  ! {difference}")
        print("  differs\n" if differences else "  as stated\n")
        differing += bool(differences)
    return differing


def _prefixed(prefix: str, text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    return "\n".join((prefix + line).rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
