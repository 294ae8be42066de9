"""PolicyFile: a policy in a TOML file, and what becomes of changes to it."""

from __future__ import annotations

import builtins
import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_cors_policy import CORS, CORSMiddleware, Policy, PolicyError, PolicyWarning
from flask_cors_policy.sources import PolicyFile, policy_file
from tests.helpers import A, B, Spy, call
from tests.threads import in_threads

from .helpers import Clock

ONE = 'origins = ["https://a.example"]\n'
TWO = 'origins = ["https://b.example"]\nmax_age = 5\n'


class Followed:
    """A middleware that follows a file, a clock, and the file."""

    def __init__(self, path: Path, content: str = ONE) -> None:
        self.path = path / "cors.toml"
        self.path.write_text(content, "utf-8")
        self.clock = Clock()
        self.file = PolicyFile(self.path, timer=self.clock)
        self.middleware = CORSMiddleware(Spy(), self.file.policy)
        self.app = self.file.follow(self.middleware, self.apply)

    def apply(self, policy: Any) -> None:
        self.middleware.policy = policy

    def write(self, content: str) -> None:
        """Write the file as an editor does, in place or not."""
        self.path.write_text(content, "utf-8")

    def allows(self, origin: str = A, path: str = "/") -> bool:
        """Say whether a request of *origin* is allowed, half a second later."""
        self.clock.pass_(0.5)
        answer = call(self.app, "GET", path, {"Origin": origin})
        return bool(answer.values("Access-Control-Allow-Origin"))


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    return Followed(tmp_path)


def test_change_is_in_force_after_two_looks(followed: Followed) -> None:
    assert followed.allows(A)
    followed.write(TWO)
    assert followed.allows(A)  # It may be half-way through being written.
    assert followed.allows(B)
    assert not followed.allows(A)
    assert followed.file.policy == Policy(origins=B, max_age=5)


def test_file_is_not_looked_at_for_every_request(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    stat = os.stat

    def counted(path: str) -> os.stat_result:
        looks.append(path)
        return stat(path)

    monkeypatch.setattr(policy_file, "stat", counted)
    for _ in range(100):
        call(followed.app)
    assert looks == []
    for _ in range(11):
        followed.clock.pass_(0.125)
        call(followed.app)
    assert len(looks) == 2


BROKEN = [
    ("origins = [", "Invalid value"),
    ("", "origins-required"),
    ('origins = "https://b.example/"\n', "origin-path"),
    ('origin = "https://b.example"\n', "unknown-option"),
    ('origins = "*"\nsupports_credentials = true\n', "origin-wildcard-credentials"),
    ('resources = 7\norigins = "*"\n', "resources = 7: An int is not a table"),
    ('origins = "*"\n[resources."api/*"]\n', "path-syntax"),
    ('origins = "*"\n[resources]\n', "paths-empty"),
    ('origins = "*"\nresources."/a" = "partners"\n', "unknown-policy"),
    ('origins = "*"\nmax_age = 1000000\n', "max-age-beyond-browsers"),
    ("origins = 'https://\xff.example'", "origin-unicode"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_file_with_a_mistake_changes_nothing_and_is_logged_once(
    followed: Followed, content: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert followed.allows(A)
    followed.write(content)
    for _ in range(5):
        assert followed.allows(A)
    assert followed.file.policy == Policy(origins=A)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert message in record.getMessage()
    followed.write(TWO)
    assert [followed.allows(B), followed.allows(B)] == [False, True]


def test_file_that_is_gone_or_cannot_be_read_changes_nothing(
    followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    followed.path.unlink()
    assert [followed.allows(A) for _ in range(3)] == [True] * 3
    followed.path.mkdir()
    assert [followed.allows(A) for _ in range(3)] == [True] * 3
    followed.path.rmdir()
    followed.write(TWO)
    assert [followed.allows(B) for _ in range(3)][-1]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2


def test_file_that_keeps_changing_is_taken_after_two_seconds(
    followed: Followed,
) -> None:
    for length in range(1, 5):
        followed.write(TWO + "#" * length)
        assert followed.allows(A)
    followed.write(TWO + "#" * 5)
    assert followed.allows(B)  # Two seconds after the first look that saw it change.
    followed.write(ONE)
    assert followed.allows(B)
    assert followed.allows(A)


def test_change_that_is_old_counts_for_the_very_next_request(
    followed: Followed,
) -> None:
    """As in a worker that had nothing to do for a while."""
    followed.write(TWO)
    time.sleep(0.6)
    assert followed.allows(B)


def test_idle_worker_with_many_threads_answers_none_by_the_old_file(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.write(TWO)
    time.sleep(0.6)
    followed.clock.pass_(1000)
    read = PolicyFile._read

    def slowly(file: PolicyFile) -> Any:
        time.sleep(0.1)
        return read(file)

    monkeypatch.setattr(PolicyFile, "_read", slowly)
    allowed: list[bool] = []

    def work(_: int) -> None:
        answer = call(followed.app, "GET", "/", {"Origin": B})
        allowed.append(bool(answer.values("Access-Control-Allow-Origin")))

    in_threads(4, work)
    assert allowed == [True] * 4


@pytest.mark.parametrize(
    "error",
    [OSError(24, "Too many open files"), PermissionError(13, "Permission denied")],
)
def test_read_that_failed_is_tried_again_at_each_look(
    followed: Followed,
    error: OSError,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Though the file does not change any more."""

    def refused(*_: object) -> Any:
        raise error

    followed.write(TWO)
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", refused)
        assert [followed.allows(A) for _ in range(4)] == [True] * 4
    health = followed.file.health()
    assert health.failing_since is not None
    assert str(error) in health.failure
    assert [followed.allows(B), followed.allows(A)] == [True, False]
    assert followed.file.health().failing_since is None
    told = [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.__dict__["cors_reason"].startswith("policy-file")
    ]
    assert [level for level, _ in told] == ["ERROR", "WARNING"]
    assert str(error) in told[0][1]
    assert "taken" in told[1][1]


def test_failure_that_lasts_is_logged_once_a_minute(
    followed: Followed,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    followed.write("origins = [")
    for _ in range(5):
        followed.allows()
    monkeypatch.setattr(policy_file, "REMINDER", 0.0)
    followed.allows()
    assert len(caplog.records) == 2


def test_rewrite_with_the_same_size_and_time_is_noticed(followed: Followed) -> None:
    before = followed.path.stat()
    time.sleep(0.01)
    followed.write(ONE.replace("a.", "b."))
    os.utime(followed.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = followed.path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert [followed.allows(B), followed.allows(B)] == [False, True]


def test_file_put_in_the_place_of_another_is_noticed(followed: Followed) -> None:
    before = followed.path.stat()
    new = followed.path.with_suffix(".new")
    new.write_text(ONE.replace("a.", "b."), "utf-8")
    os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(new, followed.path)
    assert [followed.allows(B), followed.allows(B)] == [False, True]


def test_paths_may_have_policies_of_their_own(followed: Followed) -> None:
    followed.write(f'{ONE}[resources."/b/*"]\norigins = "{B}"\n[resources."/a"]\n')
    followed.allows()
    assert followed.allows(A, "/a")
    assert followed.allows(B, "/b/x")
    assert not followed.allows(A, "/b/x")
    assert not followed.allows(A, "/elsewhere")


def test_what_refuses_the_policy_keeps_what_it_has(
    followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(policy: object) -> None:
        raise RuntimeError("not now")

    app = followed.file.follow(Spy(), refuse)
    followed.write(TWO)
    for _ in range(3):
        followed.clock.pass_(0.5)
        call(app)
    assert followed.file.policy == Policy(origins=A)
    assert "not now" in caplog.text


def test_flask_application_follows_a_file(tmp_path: Path) -> None:
    path = tmp_path / "cors.toml"
    path.write_text(ONE)
    clock = Clock()
    file = PolicyFile(path, timer=clock)
    app = Flask(__name__)
    assert isinstance(file.policy, Policy)
    cors = CORS(app, **file.policy.as_settings())
    app.wsgi_app = file.follow(app.wsgi_app, cors.reconfigure)  # type: ignore[assignment, method-assign]
    app.add_url_rule("/", view_func=lambda: "ok")
    client = app.test_client()

    def allowed(origin: str) -> str | None:
        clock.pass_(0.5)
        response = client.get("/", headers={"Origin": origin})
        return response.headers.get("Access-Control-Allow-Origin")

    assert allowed(A) == A
    path.write_text(TWO)
    assert [allowed(B), allowed(B)] == [None, B]
    path.write_text(f'{ONE}[resources."/elsewhere"]\n')
    assert [allowed(B), allowed(B), allowed(A)] == [B, None, None]
    path.write_text(ONE)
    assert [allowed(A), allowed(A)] == [None, A]


def test_file_may_be_looked_at_without_following_it(followed: Followed) -> None:
    file = PolicyFile(followed.path, timer=followed.clock)
    followed.write(TWO)
    for _ in range(2):
        followed.clock.pass_(0.5)
        file.refresh()
    assert file.policy == Policy(origins=B, max_age=5)


def test_many_threads_take_a_change_once(
    followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    followed.write(TWO)

    def work(_: int) -> None:
        for _ in range(50):
            followed.clock.pass_(0.01)
            followed.file.refresh()

    in_threads(4, work)
    assert [r.levelname for r in caplog.records] == ["INFO"]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_file_must_be_in_order_at_start(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "cors.toml"
    path.write_text(content, "utf-8")
    with pytest.raises((PolicyError, ValueError, PolicyWarning)) as caught:
        PolicyFile(path)
    assert message in str(caught.value)


def test_file_must_be_there_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PolicyFile(tmp_path / "cors.toml")


def test_mistake_names_the_file_and_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "cors.toml"
    path.write_text('origins = ["https://a.example", "b.example"]')
    with pytest.raises(PolicyError) as caught:
        PolicyFile(path)
    assert caught.value.problems[0].setting == f"{path}: origins[1]"
