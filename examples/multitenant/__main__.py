"""Serve the API of two tenants, their pages, and a page to allow origins.

By default the origins are in an SQLite file that is deleted at the end.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from ..serve import Attempt, wait
from .servers import all_servers
from .store import KNOWN_GOOD, STATED_SECONDS


def main(arguments: list[str] | None = None) -> int:
    """Run the example until Ctrl-C; return its exit status."""
    parser = argparse.ArgumentParser(prog="examples.multitenant", description=__doc__)
    store = parser.add_mutually_exclusive_group()
    store.add_argument(
        "--postgres",
        metavar="URL",
        help="the store of the origins: postgresql+psycopg://user:password@host/name",
    )
    store.add_argument(
        "--redis", metavar="URL", help="the store of the origins: redis://host:6379/0"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=2,
        metavar="N",
        help="processes that serve the API (default: %(default)s)",
    )
    parser.add_argument(
        "--known-good",
        metavar="PATH",
        help="a file of known origins, for workers that start while the store is down",
    )
    options = parser.parse_args(arguments)
    if options.known_good:
        os.environ[KNOWN_GOOD] = os.path.abspath(options.known_good)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # It ends like Ctrl-C.
    with all_servers(options.postgres or options.redis, options.workers) as addresses:
        for tenant, page in addresses.pages.items():
            print(f"The page of {tenant + ':':9}{page}/")
        print(f"The admin page:    {addresses.admin}/")
        print(f"The API they read: {addresses.api}")
        attempt = Attempt("/acme/items", addresses.pages["acme"])
        print(f"Try:               {attempt.command(addresses.api)}")
        print(
            "On the admin page, allow the origin of acme: its page can then read this."
        )
        within = "a second" if options.redis else f"{STATED_SECONDS:g} seconds"
        print(f"A change applies in every worker within {within}. Ctrl-C ends all.")
        sys.stdout.flush()
        wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
