"""The demo plays the classic exchanges, and notices when one comes out wrong."""

from __future__ import annotations

import dataclasses
import json
import re
import urllib.request
from pathlib import Path

import pytest

from examples.demo import __main__ as demo
from examples.demo.exchanges import Exchange, classic_exchanges, play
from examples.demo.servers import demo_servers
from examples.demo.wire import KEPT, Wire
from examples.serve import HOST, origin_of
from tests.helpers import Spy, call


def test_once_plays_every_exchange_as_expected_and_succeeds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = demo.main(["--once"])

    printed = capsys.readouterr().out
    assert status == 0
    assert printed.count("\n  as expected\n") == len(classic_exchanges()) == 7


def test_the_classic_preflight_comes_out_exactly_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demo.main(["--once"])

    printed = capsys.readouterr().out
    asked = printed[printed.index("  > OPTIONS") :]
    request, response = asked.split("\n\n")[:2]
    assert {
        "  > OPTIONS /resources/post-here/ HTTP/1.1",
        "  > Origin: http://foo.example",
        "  > Access-Control-Request-Method: POST",
        "  > Access-Control-Request-Headers: X-PINGOTHER",
    } <= set(request.splitlines())
    assert {
        "  < HTTP/1.1 200 OK",
        "  < Access-Control-Allow-Origin: http://foo.example",
        "  < Access-Control-Allow-Methods: POST, GET, OPTIONS",
        "  < Access-Control-Allow-Headers: X-PINGOTHER",
        "  < Access-Control-Max-Age: 1728000",
        "  < Vary: Origin, Access-Control-Request-Method",
        "  < Content-Length: 0",
    } <= set(response.splitlines())


@pytest.mark.parametrize("position", range(7))
def test_an_exchange_that_differs_makes_the_demo_fail(
    position: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = classic_exchanges()
    expected = {**wrong[position].expected, "Access-Control-Allow-Origin": "http://x"}
    wrong[position] = dataclasses.replace(wrong[position], expected=expected)
    monkeypatch.setattr(demo, "classic_exchanges", lambda: wrong)

    assert demo.main(["--once"]) == 1
    assert "  ! Access-Control-Allow-Origin: expected 'http://x'" in (
        capsys.readouterr().out
    )


def test_a_wrong_status_and_a_missing_header_are_differences() -> None:
    exchange: Exchange = classic_exchanges()[0]
    with demo_servers() as (_, api):
        response = play(exchange.request, (HOST, api.port))
    lacking = dataclasses.replace(response, headers=(), first_line="HTTP/1.1 404 NO")

    assert exchange.differences(response) == []
    assert exchange.differences(lacking)[0] == (
        "expected 'HTTP/1.1 200 OK', got 'HTTP/1.1 404 NO'"
    )


def test_without_once_the_addresses_are_printed_and_the_page_is_served(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []

    def visit() -> None:
        printed = capsys.readouterr().out
        address = printed.split("The page, to open in a browser: ")[1].split()[0]
        with urllib.request.urlopen(address, timeout=10) as response:
            pages.append(response.read().decode())

    monkeypatch.setattr(demo, "wait", visit)

    assert demo.main([]) == 0
    assert "{{api}}" not in pages[0]
    assert pages[0].count("<button") == 7


def test_the_page_and_the_api_are_two_origins() -> None:
    with demo_servers() as (page, api):
        assert origin_of(page) != origin_of(api)


def test_the_page_asks_for_the_paths_that_the_exchanges_play() -> None:
    html = Path(demo.__file__).with_name("page.html").read_text(encoding="utf-8")

    for exchange in classic_exchanges():
        path = exchange.request.first_line.split()[1]
        assert f'"{path}"' in html


def test_an_exchange_that_should_be_blocked_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demo.main(["--once"])

    printed = capsys.readouterr().out
    parts = re.split(r"^(?=\d\. )", printed, flags=re.M)[1:]
    denied = [part for part in parts if "http://other.example" in part]
    assert len(denied) == 2
    for part in parts:
        is_denied = part in denied
        assert ("Blocked, as it should be: " in part) == is_denied
        assert ("The log says: CORS: " in part) == is_denied
        assert ("< Access-Control-Allow-Origin" in part) != is_denied


def test_the_page_can_show_what_went_over_the_wire() -> None:
    with demo_servers() as (page, api):
        for exchange in classic_exchanges():
            play(exchange.request, (HOST, api.port))
        with urllib.request.urlopen(
            f"{origin_of(page)}/wire?since=2", timeout=10
        ) as it:
            found = json.load(it)

    assert found["count"] == len(classic_exchanges())
    preflight, *others = found["exchanges"]
    assert len(others) == found["count"] - 3
    assert preflight.splitlines() == [
        "> OPTIONS /resources/post-here/",
        "> Access-Control-Request-Headers: X-PINGOTHER",
        "> Access-Control-Request-Method: POST",
        "> Origin: http://foo.example",
        "",
        "< 200 OK",
        "< Content-Type: text/plain",
        "< Vary: Origin, Access-Control-Request-Method",
        "< Access-Control-Allow-Origin: http://foo.example",
        "< Access-Control-Allow-Methods: POST, GET, OPTIONS",
        "< Access-Control-Allow-Headers: X-PINGOTHER",
        "< Access-Control-Max-Age: 1728000",
    ]


def test_the_wire_keeps_the_last_exchanges_only() -> None:
    wire = Wire()
    for number in range(KEPT + 5):
        call(wire.around(Spy()), path=f"/{number}")

    count, found = wire.since(KEPT)

    assert count == KEPT + 5
    assert [each.split()[2] for each in found] == [f"/{KEPT + n}" for n in range(5)]
    assert len(wire.since(0)[1]) == KEPT
