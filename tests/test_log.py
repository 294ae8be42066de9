"""What goes to the log: escaped, short, rare, and with the traceback it needs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.core.decision import decide
from flask_cors_policy.core.request import CORSRequest
from flask_cors_policy.log import BURST, FLOOD, WINDOW, RefusalLog
from tests.helpers import EVIL, A, Spy, actual, call, preflight

LISTED = Policy(origins=A)
METHOD = "Access-Control-Request-Method"
HEADERS = "Access-Control-Request-Headers"


def refuse(log: RefusalLog, request: CORSRequest, place: str = "/*") -> None:
    """Have *log* note what became of *request* under a policy that allows A."""
    log.refused(decide(LISTED, request), request, place)


def test_refusal_is_one_readable_line(caplog: pytest.LogCaptureFixture) -> None:
    refuse(RefusalLog(), preflight(EVIL), "/api/*")
    (record,) = caplog.records
    assert record.name == "flask_cors_policy"
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "CORS refused (origin-not-allowed): preflight from origin "
        "'https://evil.example', /api/*: the policy does not list this origin; if "
        "pages of this origin are yours, add it to origins, exactly as printed"
    )
    assert record.__dict__["cors_reason"] == "origin-not-allowed"
    assert record.__dict__["cors_place"] == "/api/*"
    assert record.__dict__["cors_origin"] == "'https://evil.example'"
    assert record.exc_info is None


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example\r\nERROR root: forged",
        "\x1b[2J\x1b[31mhttps://a.example",
        "https://a.example\x00\x07\x85\u2028",
        "é" * 500,
        "%s %d %(x)s {}",
        "x" * 1_000_000,
    ],
    ids=["lines", "escapes", "controls", "latin", "formats", "long"],
)
def test_what_comes_from_a_request_can_neither_forge_nor_flood(
    origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    refuse(RefusalLog(), actual(origin))
    (record,) = caplog.records
    message = record.getMessage()
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 400
    assert len(record.__dict__["cors_origin"]) <= 83


def test_nothing_is_logged_while_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app = CORSMiddleware(Spy(), LISTED)
    own = {"Origin": "https://api.example.com"}
    for headers in ({}, {"Origin": A}, own):
        call(app, headers=headers)
    call(app, "OPTIONS", headers={"Origin": A, "Access-Control-Request-Method": "POST"})
    assert caplog.records == []


@pytest.mark.parametrize(
    ("asked", "reason", "named"),
    [
        ({METHOD: "PUT\x1b"}, "method-not-allowed", r"asks for 'PUT\x1b'"),
        (
            {METHOD: "POST", HEADERS: "x-a,x-b"},
            "headers-not-allowed",
            "asks for 'x-a,x-b'",
        ),
    ],
    ids=["a method", "headers"],
)
def test_a_preflight_the_browser_will_refuse_is_logged_with_what_it_asked_for(
    asked: dict[str, str],
    reason: str,
    named: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    call(CORSMiddleware(Spy(), LISTED), "OPTIONS", headers={"Origin": A, **asked})
    (record,) = caplog.records
    assert record.__dict__["cors_reason"] == reason
    assert named in record.getMessage()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still: its one item is the time."""
    now = [1000.0]
    for module in ("log", "serving"):
        name = f"flask_cors_policy.{module}.monotonic"
        monkeypatch.setattr(name, lambda: now[0])
    return now


def test_same_reason_at_the_same_place_is_logged_a_few_times_a_minute(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    log = RefusalLog()
    for number in range(BURST * 3):
        refuse(log, actual(f"https://evil{number}.example"))
    assert len(caplog.records) == BURST
    last = "(no more of these for up to 60 s)"
    assert [last in record.getMessage() for record in caplog.records] == (
        [False] * (BURST - 1) + [True]
    )
    clock[0] += WINDOW - 0.1
    refuse(log, actual(EVIL))
    assert len(caplog.records) == BURST
    clock[0] += 0.1
    refuse(log, actual(EVIL))
    assert len(caplog.records) == BURST + 1


def test_another_reason_place_or_application_has_a_limit_of_its_own(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    log = RefusalLog()
    for _ in range(BURST + 1):
        refuse(log, actual(EVIL))
    caplog.clear()
    refuse(log, actual("null"))
    refuse(log, actual(EVIL), "/other")
    refuse(RefusalLog(), actual(EVIL))
    refuse(log, preflight(EVIL))
    places = [
        (record.__dict__["cors_reason"], record.__dict__["cors_place"])
        for record in caplog.records
    ]
    assert places == [
        ("origin-null", "/*"),
        ("origin-not-allowed", "/other"),
        ("origin-not-allowed", "/*"),
    ]


def test_limit_holds_among_threads(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    log = RefusalLog()
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for _ in range(50):
            refuse(log, actual(EVIL))
            log.removed(["Access-Control-Allow-Origin"], "/*")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reasons = [record.__dict__["cors_reason"] for record in caplog.records]
    assert reasons.count("origin-not-allowed") == BURST
    assert reasons.count("stray-header") == 1


def fail(origin: str, environ: Mapping[str, Any]) -> bool:
    raise LookupError("the database is away")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"Origin": EVIL}, "200 OK"),
        ("GET", {"Origin": "https://api.example.com"}, "200 OK"),
        ("OPTIONS", {"Origin": EVIL, "Access-Control-Request-Method": "GET"}, "403"),
    ],
    ids=["an actual request", "its own origin", "a preflight"],
)
def test_failing_function_denies_and_leaves_one_record_with_its_traceback(
    method: str,
    headers: dict[str, str],
    status: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = call(CORSMiddleware(Spy(), origins=fail), method, "/", headers)
    assert response.status.startswith(status)
    assert response.values("Access-Control-Allow-Origin") == []
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.__dict__["cors_reason"] == "origin-lookup-failed"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)
    assert "in fail" in caplog.text
    assert "the database is away" in caplog.text


def test_failing_function_of_an_enforced_policy_never_becomes_a_500() -> None:
    spy = Spy()
    app = CORSMiddleware(spy, origins=fail, enforce=True)
    assert call(app, "POST", "/", {"Origin": A}).status == "403 Forbidden"
    assert call(app, "POST", "/").status == "200 OK"
    assert len(spy.calls) == 1


def test_removed_header_is_warned_of_once_for_each_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = RefusalLog()
    name = "Access-Control-Allow-Origin"
    log.removed([name, name.lower()], "/a")
    log.removed([name, "Access-Control-Max-Age"], "/a")
    log.removed([name], "/b")
    assert [
        (record.__dict__["cors_place"], str(record.args[0]).strip("'"))
        for record in caplog.records
        if isinstance(record.args, tuple)
    ] == [("/a", name), ("/a", "Access-Control-Max-Age"), ("/b", name)]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert {record.__dict__["cors_reason"] for record in caplog.records} == {
        "stray-header"
    }


def test_after_a_flood_nothing_at_the_place_is_classified_until_the_window_is_over(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    app = CORSMiddleware(Spy(), LISTED)
    for _ in range(FLOOD):
        call(app, headers={"Origin": EVIL})
    caplog.clear()
    for origin in (EVIL, "null", "nonsense"):
        response = call(app, headers={"Origin": origin})
        assert response.headers[1:] == [("Vary", "Origin")]
    assert caplog.records == []
    clock[0] += WINDOW
    call(app, headers={"Origin": "nonsense"})
    assert [r.__dict__["cors_reason"] for r in caplog.records] == ["origin-malformed"]


def test_in_a_flood_no_route_is_looked_up_whoever_decides(
    clock: list[float],
) -> None:
    """Flask matches a URL for it, which takes longer than all else."""
    asked: list[str] = []

    def route_of(request: CORSRequest) -> str:
        asked.append(request.host)
        return "GET /x"

    app = CORSMiddleware(Spy(), origins=lambda origin, environ: False)
    app._log.route_of = route_of
    for _ in range(FLOOD + 20):
        call(app, headers={"Origin": EVIL})
    assert len(asked) == FLOOD
    clock[0] += WINDOW
    call(app, headers={"Origin": EVIL})
    assert len(asked) == FLOOD + 1


def test_each_route_has_a_limit_of_its_own_and_the_policy_one_for_all(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    log = RefusalLog()
    log.route_of = lambda request: f"GET {request.host}"
    for _ in range(BURST + 1):
        for route in ("/x", "/y"):
            refuse(log, actual(EVIL, host=route))
    routes = [record.__dict__["cors_route"] for record in caplog.records]
    assert sorted(routes) == ["GET /x"] * BURST + ["GET /y"] * BURST


def test_a_record_has_what_programs_need(caplog: pytest.LogCaptureFixture) -> None:
    log = RefusalLog()
    log.route_of = lambda request: "GET /items/<int:item>"
    refuse(log, actual(EVIL), "the application")
    (record,) = caplog.records
    assert {
        name: value
        for name, value in record.__dict__.items()
        if name.startswith("cors_")
    } == {
        "cors_reason": "origin-not-allowed",
        "cors_kind": "actual",
        "cors_place": "the application",
        "cors_route": "GET /items/<int:item>",
        "cors_origin": "'https://evil.example'",
        "cors_hint": "if pages of this origin are yours, add it to origins, exactly as "
        "printed",
    }
    assert ", GET /items/<int:item>, the application: the" in record.getMessage()
