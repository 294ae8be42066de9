"""Under real servers: no header is lost, doubled, or mixed up between requests."""

from __future__ import annotations

import pytest

from benchmarks import servers
from benchmarks.serving import VARIANTS

from . import needs

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("server", [*servers.COMMANDS, *servers.NOT_MEASURED])
def test_every_answer_of_a_real_server_has_its_own_headers(server: str) -> None:
    """Requests of many origins at once, actual ones and preflights between them."""
    with servers.started(server) as running:
        assert servers.mistakes(running.port, requests=60, connections=6) == []


@pytest.mark.parametrize("server", ["gunicorn gthread", "waitress"])
def test_a_server_under_load_answers_without_an_error(server: str) -> None:
    needs.program("wrk", "servers")
    with servers.started(server) as running:
        load = servers.load(running, seconds=1)
    assert load.errors == 0
    assert load.per_second > 1
    assert load.processor > 0


def test_every_variant_is_measured_beside_the_bare_application() -> None:
    needs.program("wrk", "servers")
    measured = servers.measure("Werkzeug", rounds=1, seconds=1)
    assert (measured["wrong"], measured["errors"]) == (0, 0)
    assert measured["bare"]["throughput beside bare"] == 1
    assert all(measured[name]["requests a second"] > 1 for name in VARIANTS)


def test_a_wrong_answer_is_noticed() -> None:
    """The application without the middleware answers each of them wrongly."""
    with servers.started("Werkzeug", "bare") as running:
        wrong = servers.mistakes(running.port, requests=10, connections=2)
    assert len(wrong) == 20


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = {
        "broken": (servers.COMMANDS["Werkzeug"][0], "-c", "raise SystemExit('oh')")
    }
    monkeypatch.setattr(servers, "COMMANDS", commands)
    with (
        pytest.raises(RuntimeError, match=r"broken does not answer: oh"),
        servers.started("broken"),
    ):
        pass
