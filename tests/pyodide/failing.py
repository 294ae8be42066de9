"""Tests that come out in known ways: test_pyodide.py runs them, and looks."""

from __future__ import annotations

import sys
import threading


def test_that_passes() -> None:
    assert sys.version_info[:2] == (3, 14)


def test_that_fails() -> None:
    assert sys.version_info[:2] == (3, 13)


def test_that_needs_a_thread() -> None:
    threading.Thread(target=print).start()
