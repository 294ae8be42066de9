"""``python -m examples.wrong_reflection`` serves the WRONG API and an attacker's page.

With ``--right`` it serves the same API under a policy, and the page gets nothing.
"""

from __future__ import annotations

from examples.serve import parser, serve_both

from .apps import create_attackers_page, create_right_api, create_wrong_api

if __name__ == "__main__":
    reader = parser(page=True)
    reader.add_argument(
        "--right", action="store_true", help="serve the API under a policy instead"
    )
    options = reader.parse_args()
    create_api = create_right_api if options.right else create_wrong_api
    if not options.right:
        print("WRONG: this API lets every page read it as its user. Do not copy it.")
    serve_both(lambda page: create_api(), create_attackers_page, "/me", options)
