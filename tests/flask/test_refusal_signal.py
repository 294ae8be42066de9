"""The signal ``cors_refused``: sent with every refusal, and of no effect on it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from flask_cors_policy import CORS, cors_refused, cross_origin
from flask_cors_policy.log import FLOOD
from flask_cors_policy.refusals import Refusal

from .helpers import EVIL, A, B, make_app, preflight, request


@contextmanager
def received(app: Flask) -> Iterator[list[Refusal]]:
    """Note the refusals of *app*."""
    refusals: list[Refusal] = []

    def receive(_: Flask, refusal: Refusal) -> None:
        refusals.append(refusal)

    with cors_refused.connected_to(receive, app):
        yield refusals


def views(app: Flask) -> Flask:
    @app.route("/items/<int:item>", methods=["GET", "PUT"])
    def items(item: int) -> str:
        return str(item)

    return app


def test_the_signal_names_the_route() -> None:
    app = views(make_app(A))
    with received(app) as refusals:
        request(app, "/items/1", origin=EVIL)
        preflight(app, "/items/1", "PUT", origin=EVIL)
    assert [(each.route, each.status, each.by) for each in refusals] == [
        ("GET /items/<int:item>", None, "browser"),
        ("PUT /items/<int:item>", 403, "server"),
    ]
    assert {each.place for each in refusals} == {"the application"}


def test_the_signal_is_never_throttled() -> None:
    app = views(make_app(A, enforce=True))
    with received(app) as refusals:
        for _ in range(2 * FLOOD):
            assert request(app, "/items/1", origin=EVIL).status == 403
    assert len(refusals) == 2 * FLOOD


def test_a_mark_is_the_place_of_what_it_refuses() -> None:
    app = make_app(A)

    @app.route("/report")
    @cross_origin(origins=B, enforce=True)
    def report() -> str:
        return "report"

    with received(app) as refusals:
        assert request(app, "/report", origin=A).status == 403
    (refusal,) = refusals
    assert refusal.place.endswith("report")
    assert (refusal.reason, refusal.withheld) == ("origin-not-allowed", False)


def test_a_withheld_answer_is_told_as_such() -> None:
    app = make_app(A)

    @app.route("/report")
    def report() -> str:
        cross_origin(origins=B, enforce=True)(app.view_functions["report"])
        return "report"

    with received(app) as refusals:
        assert request(app, "/report", origin=A).status == 403
    assert [each.withheld for each in refusals] == [True]


def test_each_application_sends_its_own() -> None:
    one, other = views(make_app(A)), views(make_app(A))
    with received(one) as refusals:
        request(other, "/items/1", origin=EVIL)
        assert refusals == []
        request(one, "/items/1", origin=EVIL)
        assert len(refusals) == 1


def test_a_receiver_that_raises_changes_no_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = views(Flask(__name__))
    CORS(app, origins=A, enforce=True)

    def raises(_: Flask, refusal: Refusal) -> None:
        raise OSError(refusal.reason)

    with cors_refused.connected_to(raises, app):
        for _ in range(3):
            assert request(app, "/items/1", origin=EVIL).status == 403
    failures = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [each.__dict__["cors_reason"] for each in failures] == ["on-refused-failed"]
