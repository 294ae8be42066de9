"""The audit of applications on Flask-CORS, of headers set by hand, and of settings."""

from __future__ import annotations

import pytest

from flask_cors_policy import CORS, Policy
from flask_cors_policy.devtools.audit import audit
from flask_cors_policy.devtools.findings import Finding, Severity

from .audited_apps import HEAD, Load
from .other_apps import BY_HAND, FLASK_CORS
from .settings_apps import DEFENDED, FORGEABLE, SETTINGS, SILENT

WITHOUT = HEAD.count("\n")
FOREIGN = {**FLASK_CORS, **BY_HAND}


def found(source: str, load: Load) -> Finding:
    finding, *_ = audit(load(source))
    return finding


@pytest.mark.parametrize("name", [*FOREIGN, *SETTINGS])
def test_what_is_wrong_is_found_at_its_line(name: str, load: Load) -> None:
    source, check, place, says, line = {**FOREIGN, **SETTINGS}[name]
    finding = found(source, load)
    assert (finding.id, finding.place) == (check, place)
    assert says in finding.message
    assert finding.spot is not None
    assert finding.spot.file == "audited_shop_0.py"
    assert finding.spot.line == WITHOUT + line


@pytest.mark.parametrize("name", FOREIGN)
def test_the_policy_that_replaces_it_can_be_built(name: str, load: Load) -> None:
    finding = found(FOREIGN[name][0], load)
    _, _, call = finding.fix.partition("CORS(app, ")
    options = eval(f"dict({call.removesuffix('.')}")
    policy = Policy(**options)
    assert policy.supports_credentials == ("supports_credentials=True" in finding.fix)
    assert not policy.allows_origin("https://attacker.example")
    assert finding.severity in (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)
    app = load("")
    CORS(app, **options)
    assert audit(app) == []


@pytest.mark.parametrize("name", SILENT)
def test_what_is_right_is_met_with_silence(name: str, load: Load) -> None:
    assert audit(load(SILENT[name])) == []


@pytest.mark.parametrize("name", DEFENDED)
def test_posts_that_something_may_protect_are_met_with_silence(
    name: str, load: Load
) -> None:
    old, new = DEFENDED[name]
    assert old in FORGEABLE
    assert "request-forged" in [each.id for each in audit(load(FORGEABLE))]
    changed = load(FORGEABLE.replace(old, new, 1))
    assert "request-forged" not in [each.id for each in audit(changed)]


def test_the_hint_about_posts_names_what_other_sites_post_on_purpose(
    load: Load,
) -> None:
    finding = found(FORGEABLE, load)
    assert 'enforce="unsafe"' in finding.fix
    assert "@cross_origin(enforce=False)" in finding.fix
    assert finding.severity is Severity.MEDIUM


def test_credentials_make_an_open_application_critical(load: Load) -> None:
    source = FLASK_CORS["everybody, with credentials"][0]
    assert found(source, load).severity is Severity.CRITICAL
    source = BY_HAND["Origin is copied, with credentials"][0]
    assert found(source, load).severity is Severity.CRITICAL
