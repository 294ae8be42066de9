"""The last-known-good file: for processes that start while a store fails."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from flask_cors_policy.sources import CachedOrigins, known_good, saving
from flask_cors_policy.sources.known_good import MARK
from flask_cors_policy.sources.waiting import MOST

from .helpers import EVIL, A, B, C, Clock, Store, ask, tenant_of
from .test_breaker import DOWN, Sick, opened, sick
from .test_waiting import FOREVER, Asking, until

__all__ = ["sick"]

TTL, STALE = 10, 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "known.json"


@pytest.fixture(autouse=True)
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Save nothing in the background, nor when the tests have ended."""
    monkeypatch.setattr(saving, "DELAY", 1000)
    yield
    saving._all.clear()


def process(lookup: Callable[..., object], path: Path, **options: Any) -> CachedOrigins:
    """Return the source of a process that has just started."""
    chosen = {"timeout": None, "ttl": TTL, "stale_if_error": STALE, **options}
    return CachedOrigins(lookup, known_good=path, store_name="the store", **chosen)


def save(cache: CachedOrigins) -> None:
    """Save at once, and not a second later."""
    assert cache._saving is not None
    cache._saving.flush()


def failing() -> Store:
    store = Store()
    store.failure = OSError("down")
    return store


def rows(path: Path) -> list[list[Any]]:
    """Return the answers in the file."""
    answers = json.loads(path.read_text().removeprefix(MARK))["answers"]
    assert isinstance(answers, list)
    return answers


def rewrite(path: Path, **changes: Any) -> None:
    """Change what the file says."""
    content = json.loads(path.read_text().removeprefix(MARK))
    path.write_text(MARK + json.dumps({**content, **changes}))


def told(path: Path, *allowed: str) -> None:
    """Have a process write the file."""
    cache = process(Store(*allowed), path)
    for origin in allowed:
        assert ask(cache, origin) is True
    save(cache)


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.__dict__["cors_reason"]
        for record in caplog.records
        if record.__dict__["cors_reason"].startswith("known-good")
    ]


# What is known


def test_process_that_starts_while_the_store_fails_allows_what_others_were_told(
    path: Path,
) -> None:
    told(path, A, B)
    second = process(failing(), path)
    assert [ask(second, origin) for origin in (A, EVIL, B, C)] == [
        True,
        DOWN,
        True,
        DOWN,
    ]
    assert second.counters.stale == 2


def test_file_counts_only_while_the_store_fails(path: Path) -> None:
    told(path, A)
    clock = Clock()
    store = Store()
    second = process(store, path, timer=clock)
    assert ask(second, A) is False
    clock.pass_(TTL)
    store.failure = OSError("down")
    assert ask(second, A) == DOWN  # What it was told itself is newer.


def test_newest_answer_of_all_processes_stays_also_if_it_denies(path: Path) -> None:
    late = process(Store(A), path)
    assert ask(late, A) is True
    told(path, A)
    time.sleep(0.01)
    second = process(Store(), path)
    assert ask(second, A) is False
    save(second)
    save(late)  # What it was told is older.
    assert [row[2] for row in rows(path)] == [False]
    assert ask(process(failing(), path), A) == DOWN


def test_of_two_answers_of_one_moment_the_denial_stays(path: Path) -> None:
    told(path, A)
    (row,) = rows(path)
    for answers in ([row, [A, None, False, row[3]]], [[A, None, False, row[3]], row]):
        rewrite(path, answers=answers)
        assert ask(process(failing(), path), A) == DOWN


def test_process_that_runs_learns_of_a_denial_when_the_store_fails(path: Path) -> None:
    clock = Clock()
    store = Store(A, B)
    first = process(store, path, timer=clock)
    assert [ask(first, A), ask(first, B)] == [True, True]
    save(first)
    time.sleep(0.01)
    second = process(Store(B), path)
    assert ask(second, A) is False
    save(second)
    clock.pass_(0.02)
    store.failure = OSError("down")
    clock.pass_(TTL)
    # Until the breaker opens it knows only what it was told itself.
    assert [ask(first, A), ask(first, A), ask(first, A)] == [True, True, True]
    assert [ask(first, A), ask(first, B)] == [DOWN, True]


@pytest.mark.parametrize(("age", "answer"), [(TTL + STALE - 2, True), (111, DOWN)])
def test_answer_is_never_used_beyond_the_stale_bound(
    path: Path, age: float, answer: object
) -> None:
    told(path, A)
    rewrite(path, answers=[[A, None, True, time.time() - age]])
    clock = Clock()
    second = process(failing(), path, timer=clock)
    assert ask(second, A) == answer
    clock.pass_(3)
    assert ask(second, A) == DOWN
    told(path, B)
    assert A not in [row[0] for row in rows(path)] or age < TTL + STALE


@pytest.mark.parametrize("forgotten", [A, None])
def test_what_is_forgotten_is_denied_to_those_that_start_later(
    path: Path, forgotten: str | None
) -> None:
    first = process(Store(A, B), path)
    assert [ask(first, A), ask(first, B)] == [True, True]
    save(first)
    first.forget(forgotten)
    save(first)
    second = process(failing(), path)
    assert [ask(second, A), ask(second, B)] == [DOWN, True if forgotten else DOWN]


def test_answers_for_tenants_are_kept_for_each(path: Path) -> None:
    def lookup(origin: str, environ: Mapping[str, Any]) -> bool:
        return (origin, environ["tenant"]) in {(A, "acme"), (B, 7), (C, (1, 2))}

    first = process(lookup, path, key=tenant_of)
    for origin, tenant in ((A, "acme"), (B, 7), (C, (1, 2))):
        assert ask(first, origin, tenant=tenant) is True
    save(first)
    assert len(rows(path)) == 2  # The key of the third cannot be written.

    def fails(origin: str, environ: Mapping[str, Any]) -> bool:
        raise OSError("down")

    second = process(fails, path, key=tenant_of)
    assert ask(second, A, tenant="acme") is True
    assert ask(second, A, tenant="globex") == DOWN
    assert ask(second, B, tenant=7) is True
    first.forget(B)
    save(first)
    assert ask(process(fails, path, key=tenant_of), B, tenant=7) == DOWN


def test_file_holds_the_newest_of_too_many(path: Path) -> None:
    origins = [f"https://{n}.example" for n in range(8)]
    first = process(Store(*origins), path, maxsize=4)
    for origin in origins:
        assert ask(first, origin) is True
    for origin in origins:
        first.forget(origin)
    save(first)
    told(path, *origins[4:])
    second = process(Store(*origins[:4]), path, maxsize=4)
    for origin in origins[:4]:
        assert ask(second, origin) is True
    save(second)
    assert sorted(row[0] for row in rows(path)) == origins[:4]


def test_process_that_starts_beside_one_whose_store_hangs_has_few_requests_wait(
    path: Path, sick: Sick
) -> None:
    down = process(failing(), path)
    for _ in range(3):
        ask(down)
    assert opened(down)
    save(down)
    sick.hang()
    second = process(sick, path, timeout=FOREVER)
    strangers = [Asking(second, f"https://{n}.example") for n in range(6)]
    until(lambda: sum(isinstance(each.answer, str) for each in strangers) == 6 - MOST)
    assert second.health().waiting == MOST
    sick.work()
    assert [each.end() for each in strangers].count(False) == MOST
    assert ask(second, A) is True


def test_old_news_of_a_failing_store_is_not_believed(path: Path) -> None:
    told(path, A)
    for moment in (time.time() - 1000, time.time() + 1000, "now"):
        rewrite(path, failing=moment)
        second = process(Store(A), path)
        assert ask(second, A) is True
        assert second._schedule.breaker.is_well


# How it is written


def test_file_is_written_soon_and_when_the_process_ends(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "DELAY", 0.01)
    first = process(Store(A, B), path)
    assert ask(first, A) is True
    until(path.exists)
    until(lambda: len(rows(path)) == 1)
    monkeypatch.setattr(saving, "DELAY", 1000)
    assert ask(first, B) is True
    saving._at_exit()
    assert len(rows(path)) == 2
    before = path.stat().st_mtime_ns
    saving._at_exit()  # There is nothing new.
    assert path.stat().st_mtime_ns == before


def test_its_owner_alone_can_read_it_and_nothing_else_is_left(path: Path) -> None:
    told(path, A)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    left = {
        each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()
    }
    assert left == {"known.json": 0o600, "known.json.lock": 0o600}


def test_many_processes_lose_nothing_of_what_they_write_at_once(path: Path) -> None:
    origins = [f"https://{n}.example" for n in range(8)]
    threads = [threading.Thread(target=told, args=(path, each)) for each in origins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row[0] for row in rows(path)) == origins


def test_what_could_not_be_saved_is_saved_later(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(known_good, "LOCKED_FOR", 0.01)
    first = process(Store(A), path)
    assert ask(first, A) is True
    with FileLock(f"{path}.lock"):
        save(first)
        save(first)
    assert not path.exists()
    assert reasons(caplog) == ["known-good-unsaved"]
    save(first)
    assert [row[0] for row in rows(path)] == [A]
    first.forget(A)
    with FileLock(f"{path}.lock"):
        save(first)
    assert reasons(caplog) == ["known-good-unsaved"] * 2  # It had worked in between.


def test_full_disk_leaves_no_half_a_file_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told(path, A)

    def replace(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        told(path, B)
    assert reasons(caplog) == ["known-good-unsaved"]
    assert "disk full" in caplog.text
    assert [row[0] for row in rows(path)] == [A]
    assert {each.name for each in path.parent.iterdir()} == {
        path.name,
        f"{path.name}.lock",
    }


def test_process_without_threads_to_spare_saves_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(saving, "DELAY", 0.01)
    first = process(Store(A, B), path)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        assert ask(first, A) is True
    assert ask(first, B) is True
    until(lambda: path.exists() and len(rows(path)) == 2)


def test_file_is_read_once_however_many_ask_at_first(path: Path) -> None:
    told(path, A)
    second = process(failing(), path)
    found = second._saving
    assert found is not None
    with found._reading:
        asking = Asking(second, B)
        time.sleep(0.05)
        found.is_unread = False  # As another request has read it.
    assert asking.end() == DOWN
    assert ask(second, A) == DOWN


def test_file_is_of_no_use_where_no_old_answer_is() -> None:
    with pytest.raises(ValueError, match="known_good is of no use"):
        CachedOrigins(lambda _: True, known_good="known.json", stale_if_error=0)


# What is not trusted


def valid(answers: object = (), **changes: Any) -> str:
    content = {"source": "the store", "keyed": False, "failing": None}
    return MARK + json.dumps({**content, "answers": answers, **changes})


def row_of(**changes: Any) -> list[Any]:
    fields = {"origin": A, "name": None, "allowed": True, "began": time.time()}
    return list({**fields, **changes}.values())


GOOD = [A, None, True, 1.0]
OURS = ["", MARK, MARK + "{", valid([GOOD])[:-9], MARK + "[]", MARK + "1"]
OURS += [MARK + '{"source": "the store"}', MARK + "[" * 100_000]
FOREIGN = ["#!/bin/sh\n", "\0\xff", MARK[:-3], valid([GOOD], source="another store")]
FOREIGN += [valid([GOOD], keyed=True), " " * 20_000_000]


@pytest.mark.parametrize("text", [*OURS, *FOREIGN])
def test_file_that_is_cut_or_foreign_is_not_trusted_and_told_once(
    path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(text)
    path.chmod(0o600)
    second = process(failing(), path)
    assert [ask(second, A) for _ in range(20)] == [DOWN] * 20
    assert reasons(caplog) == ["known-good-untrusted"]
    told(path, A)
    if text in OURS:
        assert [row[0] for row in rows(path)] == [A]
    else:
        assert path.read_text() == text


@pytest.mark.parametrize(
    "bad",
    [
        row_of(origin="null"),
        row_of(origin="*"),
        row_of(origin="https://a.example/"),
        row_of(origin=7),
        row_of(name=[]),
        row_of(name=True),
        row_of(allowed="yes"),
        row_of(allowed=1),
        row_of(began="1"),
        row_of(began=True),
        row_of(began=-1),
        row_of(began=2e300),
        row_of(began=float("nan")),
        row_of()[:3],
        {"origin": A},
        None,
    ],
)
def test_row_that_is_no_answer_is_not_trusted_and_told_once(
    path: Path, bad: object, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(valid([bad, row_of(origin=B)]))
    path.chmod(0o600)
    second = process(failing(), path)
    assert [ask(second, A) for _ in range(5)] == [DOWN] * 5
    assert ask(second, B) is True
    assert reasons(caplog) == ["known-good-untrusted"]
    assert "1 answers that are not trusted" in caplog.text


def test_answers_that_are_no_list_are_none(path: Path) -> None:
    path.write_text(valid({A: True}))
    path.chmod(0o600)
    assert ask(process(failing(), path), A) == DOWN


def test_answer_from_the_future_is_not_trusted(path: Path) -> None:
    told(path, A)
    rewrite(path, answers=[row_of(began=time.time() + 60)])
    assert ask(process(failing(), path), A) == DOWN


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_link(path: Path) -> None:
    other = path.with_name("other.json")
    told(other, A)
    path.symlink_to(other)


def make_writable(path: Path) -> None:
    told(path, A)
    path.chmod(0o666)


@pytest.mark.parametrize("make", [make_folder, make_pipe, make_link, make_writable])
def test_what_others_could_have_put_there_is_not_trusted_and_told_once(
    path: Path, make: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    make(path)
    second = process(failing(), path)
    assert [ask(second, A) for _ in range(20)] == [DOWN] * 20
    assert reasons(caplog) == ["known-good-untrusted"]


def test_file_of_another_user_is_not_trusted(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told(path, A)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert ask(process(failing(), path), A) == DOWN
    assert reasons(caplog) == ["known-good-untrusted"]


def test_folder_that_cannot_be_made_is_told_and_hinders_nobody(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text("This is no folder.")
    first = process(Store(A), path / "known.json")
    assert ask(first, A) is True
    save(first)
    assert ask(first, A) is True
    assert reasons(caplog) == ["known-good-untrusted", "known-good-unsaved"]


def test_folder_that_is_not_there_is_made(path: Path) -> None:
    told(path.parent / "new" / "known.json", A)
    assert [row[0] for row in rows(path.parent / "new" / "known.json")] == [A]
