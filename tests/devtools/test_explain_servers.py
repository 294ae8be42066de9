"""Servers of other makes: the true cause comes first, and the advice works."""

from __future__ import annotations

import pytest

from flask_cors_policy.testing import Browser, CORSBlocked

from .broken_apps import A
from .broken_servers import SERVERS, explained, repaired


def test_there_are_as_many_servers_as_are_promised() -> None:
    assert len(SERVERS) == 12


@pytest.mark.parametrize("name", SERVERS)
def test_the_true_cause_comes_first(name: str) -> None:
    server = SERVERS[name]
    explanation = explained(server)
    diagnosis = explanation.diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == server.cause
    said = " ".join([diagnosis.found, *(fix.text for fix in diagnosis.fixes)])
    assert server.says in said
    assert not explanation.allowed


@pytest.mark.parametrize("name", SERVERS)
def test_the_first_fix_works(name: str) -> None:
    server = SERVERS[name]
    assert explained(repaired(server, explained(server))).allowed


@pytest.mark.parametrize("name", SERVERS)
def test_a_failed_test_names_the_same_cause(name: str) -> None:
    server = SERVERS[name]
    request = server.request()
    with pytest.raises(CORSBlocked) as caught:
        Browser(server.app(), A).fetch(
            request.url,
            request.method,
            request.headers,
            credentials=request.credentials,
            body=request.body,
        )
    assert caught.value.reason == server.cause


@pytest.mark.parametrize("name", SERVERS)
def test_advice_allows_the_page_and_no_other_origin(name: str) -> None:
    diagnosis = explained(SERVERS[name]).diagnosis
    assert diagnosis is not None
    for fix in diagnosis.fixes:
        for part in fix.headers:
            allowed = dict(part).get("Access-Control-Allow-Origin", A)
            assert allowed == A
        assert "null" not in fix.text
        assert "'*'" not in fix.text
