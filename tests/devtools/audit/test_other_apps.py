"""The audit of applications on Flask-CORS, of headers set by hand, and of settings."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from flask_cors_policy import CORS, Policy
from flask_cors_policy.devtools.audit import audit
from flask_cors_policy.devtools.findings import Finding, Severity

from .audited_apps import HEAD, Load
from .by_hand_apps import BY_HAND
from .other_apps import FLASK_CORS
from .settings_apps import DEFENDED, FORGEABLE, SETTINGS, SILENT
from .sound_apps import SOUND

HOOK = """
        @app.before_request
        def count():
            flask.g.count = 1
        """
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
    written = re.search(r"(?:CORS\(\w+, |cross_origin\()(.*)\)\.$", finding.fix)
    assert written is not None
    options = eval(f"dict({written[1]})")
    policy = Policy(**options)
    assert policy.supports_credentials == ("supports_credentials=True" in finding.fix)
    assert not policy.allows_origin("https://attacker.example")
    assert finding.severity in (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)
    app = load("")
    CORS(app, **options)
    assert audit(app) == []


@pytest.mark.parametrize("name", [*SILENT, *SOUND])
def test_what_is_right_is_met_with_silence(name: str, load: Load) -> None:
    assert audit(load({**SILENT, **SOUND}[name])) == []


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


def test_an_application_that_has_answered_is_told_the_same(load: Load) -> None:
    app = load(FORGEABLE + HOOK)
    with app.test_request_context("/name"):  # Flask is entered past its wsgi_app.
        app.full_dispatch_request()
    assert len(app.before_request_funcs[None]) == 2
    assert "request-forged" in found_ids(app)
    assert found_ids(app) == found_ids(load(FORGEABLE + HOOK))


def found_ids(app: Flask) -> list[str]:
    return [each.id for each in audit(app)]


def test_the_decorator_that_makes_an_origin_a_mistake_is_named(load: Load) -> None:
    source = """
        CORS(app, origins="http://app.example.com")

        @app.get("/about")
        @cross_origin(max_age=60)
        def about(): ...

        @app.get("/me")
        @cross_origin(supports_credentials=True)
        def me(): ...
        """
    finding = found(source, load)
    assert finding.id == "policy-error"
    assert finding.place.startswith("@cross_origin on audited_shop_0.me")
    assert finding.place.endswith(": supports_credentials")
    assert str(finding).startswith(f"error: {finding.place} [policy-error] ")


def test_the_line_of_a_decorator_that_is_called_is_that_of_its_call(load: Load) -> None:
    source = """
        CORS(app, origins="http://app.example.com")

        def me(): ...

        app.add_url_rule("/me", view_func=cross_origin(supports_credentials=True)(me))
        """
    finding = found(source, load)
    assert finding.id == "policy-error"
    assert finding.place.startswith("@cross_origin on audited_shop_0.me")
    assert finding.spot is not None
    assert finding.spot.line == WITHOUT + 6


def test_an_expression_that_flask_cors_cannot_compile_is_met_with_silence(
    load: Load,
) -> None:
    source = """
        import flask_cors

        @app.get("/me")
        @flask_cors.cross_origin(origins="https://(app")
        def me(): ...
        """
    assert audit(load(source)) == []


def test_an_option_has_the_line_of_its_own_item_and_blueprint(load: Load) -> None:
    source = """
        shop = flask.Blueprint("shop", __name__)
        CORS(
            app,
            resources={
                "/a/*": {"origins": "https://a.example"},
                "/b/*": {
                    "max_age": 60,
                    "origins": "http://b.example",
                },
            },
        )
        CORS(
            shop,
            origins="http://c.example",
        )

        @shop.get("/c")
        def c(): ...

        @app.get("/a/x")
        def a(): ...

        @app.get("/b/x")
        def b(): ...

        app.register_blueprint(shop)
        """
    lines = {
        each.message: each.spot and each.spot.line
        for each in audit(load(source))
        if each.id == "origin-insecure"
    }
    assert lines == {
        "Anyone on the network can pose as http://b.example.": WITHOUT + 9,
        "Anyone on the network can pose as http://c.example.": WITHOUT + 15,
    }
