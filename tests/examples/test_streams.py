"""Streams that fail before their first chunk."""

from __future__ import annotations

import pytest

from examples import streams
from tests.flask.helpers import allowed, request

APP = "https://app.example.com"


def test_failure_of_a_stream_that_is_begun_in_the_view_can_be_read() -> None:
    assert request(streams.app, "/early.csv", "GET", APP) == (500, allowed(APP))


def test_failure_of_a_stream_that_is_begun_by_the_server_is_no_answer() -> None:
    with pytest.raises(ConnectionError, match="the database is down"):
        request(streams.app, "/late.csv", "GET", APP)


def test_stream_that_does_not_fail_is_whole() -> None:
    client = streams.app.test_client()
    found = client.get("/report.csv", headers={"Origin": APP})
    assert found.text == "month,sales\n2026-10,41\n"
    assert found.headers["Access-Control-Allow-Origin"] == APP
    assert client.get("/report.csv").text == found.text
    assert list(streams.begun([])) == [""]
