"""What an audit finds in applications, and that others are met with silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_cors_policy.devtools.audit import CHECKS, audit

from .audited_apps import CASES, CLEAN, Load
from .by_hand_apps import BY_HAND
from .other_apps import FLASK_CORS
from .settings_apps import SETTINGS


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_found_and_nothing_else(name: str, load: Load) -> None:
    source, check, place, says = CASES[name]
    (finding,) = audit(load(source))
    assert finding.id == check
    assert finding.place == place
    assert says in finding.message
    assert finding.fix
    assert finding.spot is not None
    assert finding.spot.file == "audited_shop_0.py"


def test_credentials_without_users_are_found(load: Load) -> None:
    source = 'CORS(app, origins="https://a.example", supports_credentials=True)'
    app = load(source)
    assert audit(app) == []  # There is a secret key: but "session" is imported too.
    file = Path("audited_shop_0.py")
    file.write_text(file.read_text("utf-8").replace(", session", ""), "utf-8")
    (finding,) = audit(app)
    assert finding.id == "credentials-unused"
    assert finding.place == "CORS(app): supports_credentials"


def test_every_check_is_tested() -> None:
    tested = {check for _, check, _, _ in CASES.values()} | {"credentials-unused"}
    for cases in (FLASK_CORS, BY_HAND, SETTINGS):
        tested |= {check for _, check, _, _, _ in cases.values()}
    assert {check.id for check in CHECKS} == tested
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def test_a_clean_application_is_met_with_silence(load: Load) -> None:
    assert audit(load(CLEAN)) == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        'CORS(app, origins="*")',
        'CORS(app, origins="*", resources={"/*": {}})',
        """
        @app.get("/x")
        def x():
            return "x", {"Access-Control-Allow-Origin": "*"}
        """,
        """
        app.config["CORS_POLICIES"] = {"public": {"origins": "*"}}

        @app.get("/x")
        @cross_origin("public")
        def x(): ...
        """,
        """
        CORS(app, origins="https://a.example")

        @app.get("/x")
        @cross_origin(max_age=60, allow_headers="*")
        def read(): ...

        @app.post("/x")
        def write(): ...
        """,
        """
        from werkzeug.middleware.proxy_fix import ProxyFix

        inner = app.wsgi_app
        app.wsgi_app = lambda *arguments: inner(*arguments)
        CORS(app, origins="*", resources=["/socket.io/*"])
        app.wsgi_app = ProxyFix(app.wsgi_app)
        """,
        r"""
        CORS(
            app,
            origins=[re.compile(r"https://[a-z]+\.example\.com(:8.*)?")],
            accept_risks="regex-origin",
        )
        """,
    ],
    ids=[
        "no policy",
        "everybody",
        "the rest of all paths",
        "headers by hand, without a policy",
        "a decorator without CORS(app)",
        "two policies at one URL, whose answers no browser keeps",
        "a path of middleware in front",
        "dots that are escaped",
    ],
)
def test_what_is_meant_so_is_met_with_silence(source: str, load: Load) -> None:
    assert audit(load(source)) == []
