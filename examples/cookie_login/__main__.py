"""``python -m examples.cookie_login`` serves the API and the page."""

from __future__ import annotations

from examples.serve import parser, serve_both

from .api import create_api
from .page import create_page

if __name__ == "__main__":
    serve_both(create_api, create_page, "/me", parser(page=True).parse_args())
