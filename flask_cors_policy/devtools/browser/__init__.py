"""The other side of the wire: what a browser does with a request a page makes.

A model of the CORS protocol as the Fetch standard gives it to browsers, pure as the
core is: it opens no socket and reads no clock. Who drives it carries the messages.

.. code-block:: python

    page = Page("https://app.example.com")
    steps = fetch(page, PageRequest("https://api.example.com/items"), PreflightCache())
    outcome = drive(steps, send)        # send: Sent -> Received

Read it in this order: ``urls`` and ``requests`` (what a page asks for), ``safelist``
(whether that needs a preflight), ``rules`` and ``checks`` (the CORS check and the
preflight check, step by step), ``cache`` (preflights that need not be sent again),
``fetching`` (all of it in order, with redirects). ``engines`` is the one table of what
real browsers were seen to do differently.

What is not modelled is listed in ``docs/testing.md``.
"""

from __future__ import annotations

from .cache import PreflightCache
from .engines import (
    CHROMIUM,
    CHROMIUM_BLOCKING,
    ENGINES,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    WPE,
    Engine,
)
from .fetching import Fetching, drive, fetch
from .outcome import Exchange, Outcome, Readable
from .requests import Body, Page, PageRequest, Received, Sent
from .rules import Rule, Step
from .safelist import unsafe_names
from .text import as_data, explanation, verdict
from .variants import StreamUpload

__all__ = [
    "CHROMIUM",
    "CHROMIUM_BLOCKING",
    "ENGINES",
    "FIREFOX",
    "STANDARD",
    "WEBKITGTK",
    "WPE",
    "Body",
    "Engine",
    "Exchange",
    "Fetching",
    "Outcome",
    "Page",
    "PageRequest",
    "PreflightCache",
    "Readable",
    "Received",
    "Rule",
    "Sent",
    "Step",
    "StreamUpload",
    "as_data",
    "drive",
    "explanation",
    "fetch",
    "unsafe_names",
    "verdict",
]
