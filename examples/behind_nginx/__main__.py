"""``python -m examples.behind_nginx`` starts the API, and nginx in front of it.

nginx is a program of its own: on Debian ``make servers`` installs it (as root).
"""

from __future__ import annotations

import argparse
import sys

from ..serve import API_PORT, Attempt, add_port
from .servers import started

ATTEMPT = Attempt("/public/rates", "https://a.example.com")


def main(arguments: list[str] | None = None) -> int:
    """Run both until Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(prog="examples.behind_nginx", description=__doc__)
    add_port(parser, "--port", API_PORT, "nginx")
    options = parser.parse_args(arguments)
    try:
        with started(options.port) as (nginx, url):
            print(f"nginx serves: {url}")
            print(f"Try, twice:   {ATTEMPT.command(url)}")
            print(
                "X-Cache says where an answer comes from. Ctrl-C ends this.", flush=True
            )
            nginx.wait()
    except KeyboardInterrupt:
        print()
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
