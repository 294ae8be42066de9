"""What browsers and attacks did during one test, for the report if it fails.

Without the pytest plugin, which opens the journal, nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable

Entry = tuple[str, Callable[[], str]]
"""A title, and what gives the text at the end of the test; empty says nothing."""

_entries: list[Entry] | None = None


def begin() -> None:
    """Open an empty journal."""
    global _entries
    _entries = []


def keep(title: str, text: Callable[[], str]) -> None:
    """Add an entry, if the journal is open."""
    if _entries is not None:
        _entries.append((title, text))


def entries() -> list[Entry]:
    """Return what is in the journal; nothing where it is closed."""
    return list(_entries or ())


def end() -> None:
    """Close the journal."""
    global _entries
    _entries = None
