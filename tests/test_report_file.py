"""``report_file``: what is written, and what nobody can keep out of it or put in."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import stat
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, PolicyError, report_file
from tests.helpers import EVIL, A, B, Spy, call, environ, preflight_headers

Line = dict[str, Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cors.jsonl"


def lines(path: Path) -> list[Line]:
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def make_app(path: Path, policy: Any = None, **options: Any) -> CORSMiddleware:
    options = options or ({} if policy else {"origins": [A, B]})
    return CORSMiddleware(Spy(), policy, report_file=path, **options)


def get(app: CORSMiddleware, origin: str, times: int = 1, path: str = "/") -> None:
    send(app, environ("GET", path, {"Origin": origin}), times)


def ask(app: CORSMiddleware, origin: str, names: str, times: int = 1) -> None:
    send(
        app, environ("OPTIONS", headers=preflight_headers(origin, "PUT", names)), times
    )


def send(app: CORSMiddleware, request: dict[str, Any], times: int) -> None:
    """Send a request, without the checks of ``call``: floods are long."""
    for _ in range(times):
        for _ in app(request, lambda *_: lambda _: None):
            pass


def today() -> str:
    return datetime.now(timezone.utc).date().isoformat()


def test_a_line_holds_what_was_asked_and_no_path_and_no_value(path: Path) -> None:
    app = make_app(path, {"/api/*": {}}, origins=A, methods="PUT")
    sent = {**preflight_headers(A, "PUT", "X-B, content-type"), "Cookie": "secret=1"}
    call(app, "OPTIONS", "/api/secret", sent, QUERY_STRING="token=secret")
    call(app, "GET", "/api/secret", {"Origin": A, "Authorization": "secret"})
    call(app, "GET", "/elsewhere", {"Origin": A})
    first = {
        "day": today(),
        "origin": A,
        "kind": "actual",
        "method": "GET",
        "headers": [],
        "route": "/api/*",
        "cookies": False,
        "verdict": "origin-allowed",
        "requests": 1,
    }
    assert lines(path) == [first]
    for _ in range(2):
        call(app, "OPTIONS", "/api/secret", sent)
    assert lines(path)[1] == {
        **first,
        "kind": "preflight",
        "method": "PUT",
        "headers": ["content-type", "x-b"],
        "cookies": True,
        "verdict": "header-not-allowed",
        "requests": 3,
    }
    assert "secret" not in path.read_text()


def test_the_same_is_written_at_the_first_and_the_third_request(path: Path) -> None:
    app = make_app(path)
    get(app, A, times=50)
    assert [line["requests"] for line in lines(path)] == [1, 3]


def test_each_day_begins_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        day = 27

        @classmethod
        def now(cls, zone: timezone) -> datetime:
            return datetime(2026, 11, cls.day, 23, 59, tzinfo=zone)

    monkeypatch.setattr(report_file, "datetime", Clock)
    app = make_app(path)
    get(app, A)
    Clock.day += 1
    get(app, A)
    assert [(line["day"], line["requests"]) for line in lines(path)] == [
        ("2026-11-27", 1),
        ("2026-11-28", 1),
    ]


def test_an_origin_that_is_not_written_out_is_written_from_its_third_request_on(
    path: Path,
) -> None:
    app = make_app(path, origins="*")
    get(app, EVIL, times=2)
    assert lines(path) == []
    get(app, EVIL)
    assert [line["origin"] for line in lines(path)] == [EVIL]


def test_requests_of_the_own_origin_and_without_origin_are_not_written(
    path: Path,
) -> None:
    app = make_app(path)
    call(app)
    call(app, "POST", headers={"Origin": "https://api.example.com"})
    assert lines(path) == []


def test_what_comes_from_a_request_is_escaped_and_cut(path: Path) -> None:
    app = make_app(path, origins="*")
    get(app, '\x1b"\n\u2028' + "x" * 5000, times=3)
    sent = preflight_headers(A, "P" * 500, ",".join(["é", "y" * 500, "x-a"]))
    for _ in range(3):
        call(app, "OPTIONS", headers=sent)
    first, second = lines(path)
    assert first["origin"].isascii()
    assert len(first["origin"]) <= 210
    assert (second["method"], second["headers"]) == ("", ["x-a"])


FRONT_ENDS = [f"https://app{number}.example" for number in range(3)]


@pytest.mark.parametrize("first", ["flood", "front ends"])
def test_a_flood_of_invented_origins_keeps_no_front_end_out(
    path: Path, first: str
) -> None:
    rules: dict[str, Any] = {f"/{n}": {} for n in range(3)}
    app = make_app(path, rules, origins="*")

    def flood() -> None:
        for number in range(10_000):
            for rule in rules:
                get(app, f"https://x{number}.evil.example", path=rule)

    def front_ends() -> None:
        for origin in FRONT_ENDS:
            for rule in rules:
                get(app, origin, times=3, path=rule)

    for step in (flood, front_ends) if first == "flood" else (front_ends, flood):
        step()
    written = Counter(line["origin"] for line in lines(path))
    assert all(written[origin] >= 3 for origin in FRONT_ENDS)
    assert sum(written.values()) < report_file.MAX_LINES


def test_a_flood_of_front_ends_in_between_keeps_none_out(path: Path) -> None:
    app = make_app(path, origins="*")
    for number in range(10_000):
        get(app, f"https://x{number}.evil.example", times=3)
        if number % 100 == 0:
            for origin in FRONT_ENDS:
                get(app, origin)
    assert {line["origin"] for line in lines(path)} >= set(FRONT_ENDS)


@pytest.mark.parametrize("allow_headers", [["X-Real"], "*"], ids=["listed", "any"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_flood_of_invented_names_keeps_no_real_request_out(
    path: Path, times: int, allow_headers: Any
) -> None:
    app = make_app(path, origins=A, allow_headers=allow_headers, methods="PUT")
    for number in range(10_000):
        ask(app, A, f"x-invented-{number}", times)
    ask(app, A, "content-type,x-real", times=60)
    get(app, A)
    found = lines(path)
    assert len(found) <= report_file.MAX_LINES_OF_ORIGIN
    assert {("PUT", "content-type x-real"), ("GET", "")} <= {
        (line["method"], " ".join(line["headers"])) for line in found
    }


def test_one_origin_has_a_bounded_number_of_lines(path: Path) -> None:
    rules: dict[str, Any] = {f"/{n}": {} for n in range(500)}
    app = make_app(path, rules, origins=[A, B])
    for rule in rules:
        get(app, A, path=rule)
    get(app, B, path="/0")
    found = Counter(line["origin"] for line in lines(path))
    assert found == {A: report_file.MAX_LINES_OF_ORIGIN, B: 1}


def test_the_file_is_for_its_owner_only(path: Path) -> None:
    get(make_app(path), A)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_renamed_is_begun_anew(path: Path) -> None:
    app = make_app(path)
    get(app, A)
    path.rename(path.with_suffix(".1"))
    get(app, B)
    assert [line["origin"] for line in lines(path)] == [B]


def test_a_missing_folder_is_told_at_start(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        make_app(tmp_path / "missing" / "cors.jsonl")
    (problem,) = caught.value.problems
    assert (problem.setting, problem.reason) == ("report_file", "report-file-folder")


def test_what_is_no_path_is_told_at_start() -> None:
    with pytest.raises(PolicyError) as caught:
        make_app(7)  # type: ignore[arg-type]
    assert [each.reason for each in caught.value.problems] == ["wrong-type"]


def test_a_file_that_cannot_be_written_is_logged_once_and_changes_nothing(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(path)
    path.mkdir()
    for method in ("GET", "POST", "PUT"):
        assert call(app, method, headers={"Origin": A}).body == b"hello"
    (failure,) = caplog.records
    assert failure.levelno == logging.ERROR
    assert failure.__dict__["cors_reason"] == "report-file-failed"
    path.rmdir()
    call(app, "DELETE", headers={"Origin": A})
    assert [line["method"] for line in lines(path)] == ["DELETE"]


def test_a_full_disk_leaves_no_line_that_hides_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(path)
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, data: write(file, data[:9]))
        assert call(app, headers={"Origin": A}).body == b"hello"
        assert call(app, "POST", headers={"Origin": A}).body == b"hello"
    assert len(caplog.records) == 1
    call(app, "PUT", headers={"Origin": A})
    assert json.loads(path.read_text().splitlines()[-1])["method"] == "PUT"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes: use POSIX")
def test_a_pipe_that_nobody_reads_stops_no_request(path: Path) -> None:
    os.mkfifo(path)
    done = threading.Thread(target=get, args=(make_app(path), A), daemon=True)
    done.start()
    done.join(20)
    assert not done.is_alive()


def write_much(path: Path, number: int, origins: Mapping[str, int], gate: Any) -> None:
    app = make_app(path, {f"/{n}": {} for n in range(50)}, origins=list(origins))
    for origin, place in origins.items():
        if place == 10:  # The half is written; the file is rotated before the rest is.
            assert gate.wait(60)
        for n in range(50):
            get(app, origin, path=f"/{n}")


def test_workers_share_a_file_through_rotations_and_lose_nothing(path: Path) -> None:
    origins = {f"https://app{n}.example": n for n in range(20)}
    context = multiprocessing.get_context("spawn")
    gate = context.Event()
    workers = [
        context.Process(target=write_much, args=(path, number, origins, gate))
        for number in range(8)
    ]
    for worker in workers:
        worker.start()
    rotated: list[Path] = []
    while any(worker.is_alive() for worker in workers):
        if path.exists():
            rotated.append(path.rename(path.with_suffix(f".{len(rotated)}")))
            gate.set()
        for worker in workers:
            worker.join(0.01)
    assert [worker.exitcode for worker in workers] == [0] * 8
    assert len([each for each in [*rotated, path] if each.exists()]) > 1
    found = Counter(
        (line["origin"], line["route"])
        for each in [*rotated, path]
        for line in lines(each)
    )
    assert found == {(origin, f"/{n}"): 8 for origin in origins for n in range(50)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork: use POSIX")
def test_a_worker_that_is_forked_while_a_line_is_counted_goes_on(path: Path) -> None:
    app = make_app(path)
    assert app._reporting is not None
    assert app._reporting._file is not None
    with app._reporting._file._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            get(app, A)
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert [line["origin"] for line in lines(path)] == [A]


@pytest.mark.parametrize("times", [1, 3])
def test_a_flood_of_invented_methods_keeps_no_real_request_out(
    path: Path, times: int
) -> None:
    app = make_app(path, origins=A, methods=["PUT", "REAL"])
    for number in range(10_000):
        send(app, environ(f"M{number}", headers={"Origin": A}), times)
    for method in ("PATCH", "PUT", "REAL"):
        send(app, environ(method, headers={"Origin": A}), 1)
    assert {line["method"] for line in lines(path)} >= {"PATCH", "PUT", "REAL"}


def test_a_day_has_a_bounded_number_of_lines(path: Path) -> None:
    rules: dict[str, Any] = {
        f"/{n}": {} for n in range(report_file.MAX_LINES_OF_ORIGIN)
    }
    count = report_file.MAX_LINES // report_file.MAX_LINES_OF_ORIGIN + 1
    origins = [f"https://app-{number}.example" for number in range(count)]
    app = make_app(path, rules, origins=origins)
    for origin in origins:
        for rule in rules:
            get(app, origin, path=rule)
    assert len(lines(path)) == report_file.MAX_LINES


def test_a_process_that_was_forked_counts_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(path)
    get(app, A, times=2)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    get(app, A, times=2)
    assert [line["requests"] for line in lines(path)] == [1, 1]
