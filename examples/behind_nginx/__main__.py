"""``python -m examples.behind_nginx`` starts the API, and nginx in front of it.

nginx is not Python's: on Debian ``apt-get install nginx`` has it, or ``make servers``.
"""

from __future__ import annotations

import argparse

from .servers import started


def main(arguments: list[str] | None = None) -> None:
    """Run both until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="examples.behind_nginx")
    parser.add_argument("--port", type=int, default=5000)
    options = parser.parse_args(arguments)
    with started(options.port) as (nginx, url):
        print(f"Ask twice, and look at X-Cache: {url}/public/rates", flush=True)
        try:
            nginx.wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
