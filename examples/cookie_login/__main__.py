"""``python -m examples.cookie_login`` serves the API and the page."""

from __future__ import annotations

from examples.serve import PAGE_PORT, serve

from .api import create_api
from .page import create_page

if __name__ == "__main__":
    page_origin = f"http://127.0.0.1:{PAGE_PORT}"
    serve(create_api(page_origin), create_page("http://127.0.0.1:5000"))
