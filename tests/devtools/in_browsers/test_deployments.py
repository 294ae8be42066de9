"""Broken deployments are broken in a real Chromium too, and cured by their fixes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devtools import broken_apps, broken_servers
from tests.devtools.broken_apps import A
from tests.devtools.broken_cases import CASES
from tests.devtools.broken_in_front import IN_FRONT
from tests.devtools.broken_readable import READABLE
from tests.devtools.broken_servers import SERVERS
from tests.devtools.more_broken_cases import MORE

from .stage import Stage, stage

pytestmark = pytest.mark.browsers

APPS = {**CASES, **MORE, **IN_FRONT, **READABLE}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("stage")) as found:
        yield found


@pytest.mark.parametrize("name", APPS)
def test_an_application_is_broken_and_the_first_fix_cures_it(
    name: str, played: Stage
) -> None:
    broken = APPS[name]
    explanation = broken_apps.explained(broken)
    asked = broken_apps.page_request(broken)
    app = broken_apps.build(broken)
    found = played.play(app, broken.origin, asked, broken.cookie)
    assert found["allowed"] is explanation.allowed
    assert explanation.diagnosis is not None
    after = broken_apps.repaired(broken, explanation.diagnosis.fixes[0])
    again = broken_apps.explained(after)
    app = broken_apps.build(after)
    asked = broken_apps.page_request(after)
    found = played.play(app, after.origin, asked, after.cookie)
    assert again.case.outcome.readable is not None
    assert found["status"] == again.case.outcome.readable.status < 400


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_broken_and_the_first_fix_cures_it(
    name: str, played: Stage
) -> None:
    server = SERVERS[name]
    found = played.play(server.app(), A, server.request())
    assert not found["allowed"]
    after = broken_servers.repaired(server, broken_servers.explained(server))
    found = played.play(after.app(), A, after.request())
    assert found["allowed"]
