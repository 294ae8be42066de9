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
from flask_cors_policy.log import BURST, FLOOD, MAX_ORIGIN_SHOWN, WINDOW, RefusalLog
from flask_cors_policy.sources import OriginLookupError
from tests.helpers import EVIL, A, Spy, actual, call, preflight

LISTED = Policy(origins=A)
METHOD = "Access-Control-Request-Method"
HEADERS = "Access-Control-Request-Headers"


def refuse(
    log: RefusalLog, request: CORSRequest, place: str = "/*", route: str = ""
) -> None:
    """Have *log* note what became of *request* under a policy that allows A."""
    log.refused(decide(LISTED, request), request, place, policy=LISTED, route=route)


def test_refusal_is_one_readable_line(caplog: pytest.LogCaptureFixture) -> None:
    refuse(RefusalLog(), preflight(EVIL), "/api/*")
    (record,) = caplog.records
    assert record.name == "flask_cors_policy"
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "CORS: refused the preflight of 'https://evil.example' for PUT "
        "(origin-not-allowed, /api/*): the policy does not list this origin. If its "
        "pages are yours, add 'https://evil.example' to origins."
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
    assert len(record.__dict__["cors_origin"]) <= MAX_ORIGIN_SHOWN + len("'...'")


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
        ({METHOD: "PUT"}, "method-not-allowed", "Add 'PUT' to methods."),
        (
            {METHOD: "POST", HEADERS: "x-a,x-b"},
            "header-not-allowed",
            "Write allow_headers=['Authorization', 'Content-Type', 'x-a', 'x-b'].",
        ),
        # These cannot be listed, so that there is nothing to advise.
        ({METHOD: "TRACE"}, "method-not-allowed", "that the policy does not list."),
        (
            {METHOD: "POST", HEADERS: "cookie"},
            "header-not-allowed",
            "that the policy does not list.",
        ),
    ],
    ids=["a method", "headers", "a forbidden method", "a forbidden header"],
)
def test_what_the_browser_will_block_is_logged_with_what_to_list(
    asked: dict[str, str],
    reason: str,
    named: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    call(CORSMiddleware(Spy(), LISTED), "OPTIONS", headers={"Origin": A, **asked})
    (record,) = caplog.records
    assert record.__dict__["cors_reason"] == reason
    message = record.getMessage()
    assert message.startswith(f"CORS: the browser will block {asked[METHOD]} / for")
    assert message.endswith(named)


def test_a_header_is_added_to_a_list_that_somebody_wrote(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = CORSMiddleware(Spy(), origins=A, allow_headers="X-A")
    asked = {"Origin": A, METHOD: "POST", HEADERS: "x-a,x-b"}
    call(app, "OPTIONS", headers=asked)
    (message,) = caplog.messages
    assert message.endswith("Add 'x-b' to allow_headers.")


def test_a_preflight_for_what_is_no_method_is_logged_readably(
    caplog: pytest.LogCaptureFixture,
) -> None:
    headers = {"Origin": A, METHOD: "PUT\x1b"}
    call(CORSMiddleware(Spy(), LISTED), "OPTIONS", headers=headers)
    (record,) = caplog.records
    assert record.__dict__["cors_reason"] == "method-malformed"
    assert record.getMessage().isprintable()
    assert r"PUT\x1b" in record.getMessage()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still: its one item is the time."""
    now = [1000.0]
    for module in ("log", "handler"):
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
    last = "(not logged again for up to 60 s)"
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
    assert reasons.count("removed-header") == 1


OWN_PAGE = "https://api.example.com"


def fail(origin: str, environ: Mapping[str, Any]) -> bool:
    raise LookupError("the database is away")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"Origin": EVIL}, "200 OK"),
        ("GET", {"Origin": OWN_PAGE}, "200 OK"),
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


OWN = "http://api.example.com"
OWN_PAGES: list[tuple[str, dict[str, str], str]] = [
    ("behind TLS", {"Origin": "https://api.example.com"}, "x_proto=1"),
    ("behind a port", {"Origin": f"{OWN}:8443"}, "proxy_set_header Host $http_host"),
    ("without a referrer", {"Origin": "null"}, "strict-origin-when-cross-origin"),
    ("of another site", {"Origin": EVIL}, f"add '{EVIL}' to origins"),
    (
        "of another port, as the browser says",
        {"Origin": "https://api.example.com:8443", "Sec-Fetch-Site": "same-site"},
        "add 'https://api.example.com:8443' to origins",
    ),
    (
        "of a frame, as the browser says",
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        "(origin-null, the whole application): the origin is null, as for sandboxed "
        "frames and data: URLs. Serve the page from an origin of its own",
    ),
]


@pytest.mark.parametrize(
    ("headers", "fix"),
    [row[1:] for row in OWN_PAGES],
    ids=[row[0] for row in OWN_PAGES],
)
def test_a_refused_page_that_may_be_the_api_s_own_gets_a_fix_of_its_own(
    headers: dict[str, str], fix: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = CORSMiddleware(Spy(), origins=A, enforce=True)
    host = {"Host": "api.example.com"}
    scheme = {"wsgi.url_scheme": "http"}
    answer = call(app, "POST", "/me", {**host, **headers}, **scheme)
    assert answer.status == "403 Forbidden"
    assert fix in caplog.text


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
        "removed-header"
    }


def test_after_a_flood_nothing_is_logged_at_the_place_until_the_window_is_over(
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


def test_refusals_cannot_hide_a_function_that_fails(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    def lookup(origin: str, environ: Mapping[str, Any]) -> bool:
        return fail(origin, environ) if origin == A else False

    app = CORSMiddleware(Spy(), origins=lookup)
    for _ in range(FLOOD * 2):
        call(app, headers={"Origin": EVIL})
    caplog.clear()
    call(app, headers={"Origin": A})
    assert [r.__dict__["cors_reason"] for r in caplog.records] == [
        "origin-lookup-failed"
    ]


def test_each_route_has_a_limit_of_its_own_and_the_policy_one_for_all(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    log = RefusalLog()
    for _ in range(BURST + 1):
        for route in ("GET /x", "GET /y"):
            refuse(log, actual(EVIL), route=route)
    routes = [record.__dict__["cors_route"] for record in caplog.records]
    assert sorted(routes) == ["GET /x"] * BURST + ["GET /y"] * BURST


def test_a_record_has_what_programs_need(caplog: pytest.LogCaptureFixture) -> None:
    refuse(RefusalLog(), actual(EVIL), "the application", "GET /items/<int:item>")
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
        "cors_hint": "If its pages are yours, add 'https://evil.example' to origins",
        "cors_item": "",
        "cors_report_only": False,
    }
    assert record.getMessage().startswith(
        "CORS: 'https://evil.example' may not read GET /items/<int:item> "
        "(origin-not-allowed, the application): "
    )


def test_a_function_that_fails_for_the_own_page_is_no_refusal() -> None:
    refusals: list[object] = []
    app = CORSMiddleware(Spy(), origins=fail, on_refused=refusals.append)
    assert call(app, "POST", "/", {"Origin": OWN_PAGE}).status == "200 OK"
    assert refusals == []


def test_a_store_that_fails_for_the_own_page_is_logged_where_it_is_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def ask(origin: str, environ: Mapping[str, Any]) -> bool:
        raise OriginLookupError("the store is away", is_logged=True)

    app = CORSMiddleware(Spy(), origins=ask)
    assert call(app, "POST", "/", {"Origin": OWN_PAGE}).status == "200 OK"
    assert caplog.records == []
    call(app, "POST", "/", {"Origin": EVIL})
    assert [each.__dict__["cors_reason"] for each in caplog.records] == [
        "origin-lookup-failed"
    ]


def test_an_origin_that_is_too_long_to_show_is_no_fix(
    caplog: pytest.LogCaptureFixture,
) -> None:
    origin = f"https://{'a.' * (MAX_ORIGIN_SHOWN // 2)}example"
    call(CORSMiddleware(Spy(), origins=A), "GET", "/", {"Origin": origin})
    (record,) = caplog.records
    assert record.__dict__["cors_reason"] == "origin-not-allowed"
    assert record.__dict__["cors_hint"] == ""
    assert "add '" not in record.getMessage()


def test_a_method_in_lower_case_is_logged_as_it_was_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = CORSMiddleware(Spy(), origins=A, methods="PATCH")
    asked = {"Origin": A, METHOD: "patch"}
    assert call(app, "OPTIONS", "/items", asked).status == "204 No Content"
    (record,) = caplog.records
    assert "the browser will block patch /items" in record.getMessage()
    assert "Have the page write PATCH" in record.getMessage()
