"""``python -m examples.wrong_reflection`` serves the WRONG API and an attacker's page.

With ``--right`` it serves the same API under a policy, and the page gets nothing.
"""

from __future__ import annotations

import sys

from examples.serve import API_PORT, serve

from .apps import create_attackers_page, create_right_api, create_wrong_api

if __name__ == "__main__":
    arguments = sys.argv[1:]
    right = "--right" in arguments
    api = create_right_api() if right else create_wrong_api()
    if right:
        arguments.remove("--right")
    else:
        print("WRONG: this API lets every page read it as its user. Do not copy it.")
    page = create_attackers_page(f"http://127.0.0.1:{API_PORT}")
    serve(api, page, arguments)
