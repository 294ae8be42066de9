"""Browsers send nothing to some URLs, and ask their user before others."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import ENGINES, Page, PageRequest, Received
from flask_cors_policy.devtools.browser.cache import PreflightCache
from flask_cors_policy.devtools.browser.fetching import drive, fetch
from flask_cors_policy.devtools.browser.outcome import Outcome
from flask_cors_policy.devtools.browser.reachable import BLOCKED_PORTS

from ..explaining.helpers import ALLOW, A, codes, explain

PUBLIC = "https://api.example.com"


def get(url: str, engine: str, answer: Received | None = None) -> Outcome:
    page = Page(A, ENGINES[engine])
    steps = fetch(page, PageRequest(url), PreflightCache(page.engine))
    return drive(steps, lambda sent: answer or Received(200, (ALLOW,)))


def test_the_standard_blocks_83_ports() -> None:
    assert len(BLOCKED_PORTS) == 83


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("port", [1, 22, 587, 5060, 6000, 6667, 10080])
def test_nothing_is_sent_to_a_blocked_port(port: int, engine: str) -> None:
    outcome = get(f"https://api.example.com:{port}/items", engine)
    assert outcome.exchanges == ()
    assert outcome.failure is not None
    assert outcome.failure.rule.code.value == "port-blocked"


@pytest.mark.parametrize("port", [80, 3000, 5000, 5173, 6001, 8080, 65535])
def test_other_ports_are_asked(port: int) -> None:
    assert get(f"https://api.example.com:{port}/items", "standard").failure is None


def test_nothing_is_sent_to_a_blocked_port_after_a_redirect() -> None:
    there = ("Location", "https://api.example.com:6000/items")
    outcome = get(f"{PUBLIC}/items", "standard", Received(302, (ALLOW, there)))
    assert len(outcome.exchanges) == 1
    explanation = explain(Received(302, (ALLOW, there)))
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "port-blocked"


@pytest.mark.parametrize(
    ("origin", "url", "noted"),
    [
        (A, "http://127.0.0.1:5000/items", True),
        (A, "http://localhost:5000/items", True),
        (A, "https://192.168.0.5/items", True),
        (A, "https://[fd00::1]/items", True),
        (A, "https://printer.local/items", True),
        (A, "https://8.8.8.8/items", False),
        (A, PUBLIC, False),
        ("http://localhost:3000", "http://127.0.0.1:5000/items", False),
        ("http://192.168.0.7", "http://192.168.0.5/items", False),
    ],
)
def test_a_public_page_that_contacts_a_local_network_is_told(
    origin: str, url: str, noted: bool
) -> None:
    allow = ("Access-Control-Allow-Origin", origin)
    explanation = explain(Received(200, (allow,)), origin=origin, url=url)
    assert explanation.allowed
    assert ("local-network" in codes(explanation)) is noted
