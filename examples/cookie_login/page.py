"""The front end: one page, from an origin of its own."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from examples.serve import page_of


def create_page(api_origin: str) -> Flask:
    """Return the application that serves the page.

    :param api_origin: of the API that the page talks to.
    """
    return page_of(Path(__file__).with_name("page.html"), api_origin)
