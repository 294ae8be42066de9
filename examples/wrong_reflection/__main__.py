"""``python -m examples.wrong_reflection`` serves the WRONG API and an attacker's page.

With ``--right`` the same API has a policy, and the page can read nothing.
"""

from __future__ import annotations

from examples.serve import parser, serve_both

from .apps import create_attackers_page, create_right_api, create_wrong_api

if __name__ == "__main__":
    reader = parser(page=True)
    reader.add_argument(
        "--right", action="store_true", help="serve the API with a policy"
    )
    options = reader.parse_args()
    create_api = create_right_api if options.right else create_wrong_api
    if not options.right:
        print("WRONG: every page can read this API as its user. Do not copy it.")
    serve_both(lambda page: create_api(), create_attackers_page, "/me", options)
