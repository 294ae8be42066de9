"""Reports change no byte of what random requests are answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_cors_policy import CORS, cors_refused
from flask_cors_policy.refusals import Refusal
from tests.flask.differential import build as building
from tests.flask.differential.build import Built, build
from tests.flask.differential.describe import Request
from tests.flask.differential.generate import random_case
from tests.flask.differential.parts import Journal
from tests.flask.differential.play import Seen, send
from tests.flask.differential.words import B

APPLICATIONS = 15


@contextmanager
def counted() -> Iterator[list[Refusal]]:
    """Note what only a second policy denies, and raise: that must change nothing."""
    found: list[Refusal] = []

    def receive(_: Flask, refusal: Refusal) -> None:
        if refusal.report_only:
            found.append(refusal)
        raise RuntimeError(refusal.reason)

    with cors_refused.connected_to(receive):
        yield found


def answer(built: Built, request: Request) -> tuple[Any, ...]:
    """Return all of an answer, and which views ran for it."""
    app = built.old if request.old else built.flask
    seen: Seen = send(app, request, built.journal)
    headers = [
        # The session's cookie holds the time.
        (name, value.partition("=")[0] if name == "Set-Cookie" else value)
        for name, value in seen.headers
    ]
    return seen.status, headers, seen.body, seen.error, seen.journal.views


def test_no_byte_changes_of_what_random_requests_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "asked.json"

    def reporting(app: Any, **options: Any) -> CORS:
        if isinstance(app, Flask):
            options.update(report_only={"origins": B}, report_file=str(file))
        return CORS(app, **options)

    with counted() as found:
        for seed in range(APPLICATIONS):
            case = random_case(seed)
            plain = build(case.app, Journal(), policies=True)
            with monkeypatch.context() as patch:
                patch.setattr(building, "CORS", reporting)
                reported = build(case.app, Journal(), policies=True)
            for request in case.requests:
                assert answer(plain, request) == answer(reported, request), (
                    seed,
                    request,
                )
    assert len(found) > APPLICATIONS
    assert len(file.read_text().splitlines()) > APPLICATIONS
