"""One preflight for a URL, not one for each method: counted as a real browser sends."""

from __future__ import annotations

import pytest

from benchmarks import browser

from . import needs


@pytest.mark.browsers
def test_a_session_of_twelve_requests_to_three_urls_needs_three_preflights() -> None:
    found = browser.round_trips(needs.program("chromium", "browsers"))
    assert found.pop("flask_cors_policy") == {
        "requests": 12,
        "preflights": 3,
        "failed": 0,
    }
    asked = found["a server that lists the asked method"]
    assert (asked["requests"], asked["failed"]) == (12, 0)
    assert asked["preflights"] > 3


def test_the_session_has_no_two_requests_alike() -> None:
    assert len({(sent["method"], sent["path"]) for sent in browser.SESSION}) == 12
    assert {sent["path"] for sent in browser.SESSION} == set(browser.PATHS)
    assert {sent["method"] for sent in browser.SESSION} == set(browser.METHODS)
