"""``flask cors audit``: what it finds in applications, and that others stay silent."""

from __future__ import annotations

import importlib.util
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.cli import ScriptInfo

from flask_cors_policy import CORS
from flask_cors_policy.explaining.findings import Finding, Severity, Spot, sarif
from flask_cors_policy.flask_ext.auditing import CHECKS, audit
from flask_cors_policy.flask_ext.cli import cors

Load = Callable[[str], Flask]

HEAD = """
import re
import flask
from flask import Flask, Response, jsonify, request, session
from flask_cors_policy import CORS, cors_exempt, cross_origin

app = Flask(__name__, static_folder=None)
app.secret_key = "secret"
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Return what makes an application of the source of its module."""
    monkeypatch.chdir(tmp_path)
    names: list[str] = []

    def load(source: str) -> Flask:
        name = f"audited_shop_{len(names)}"
        path = tmp_path / f"{name}.py"
        path.write_text(HEAD + textwrap.dedent(source), "utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        names.append(name)
        spec.loader.exec_module(module)
        app: Flask = module.app
        return app

    yield load
    for name in names:
        del sys.modules[name]


CLEAN = """
    app.config["CORS_ORIGINS"] = ["https://app.example.com", "http://localhost:*"]
    app.config["CORS_ALLOW_HEADERS"] = ["Content-Type", "X-Tenant", "X-CSRFToken"]
    app.config["CORS_EXPOSE_HEADERS"] = ["X-Total", "ETag"]
    CORS(
        app,
        supports_credentials=True,
        max_age=86400,
        resources={"/*": {}, "/reports/*": {"methods": "PUT"}},
    )

    @app.get("/items")
    def items():
        tenant = request.headers.get("X-Tenant")
        agent = request.headers["User-Agent"]
        ours = {"X-Total": "7", "X-Frame-Options": "DENY", "Cache-Control": "no-store"}
        return jsonify(tenant), 200, ours

    @app.route("/items/<int:item>", methods=["PUT", "DELETE"])
    def item(item):
        address = request.headers.get("X-Forwarded-For")
        return {"item": item}

    @app.after_request
    def protect(response):
        response.headers["X-Frame-Options"] = "DENY"
        return response

    @app.get("/me")
    def me():
        return {"name": session.get("name")}

    @app.get("/reports/<name>")
    def report(name):
        return name

    @app.get("/news")
    @cross_origin(origins="*", supports_credentials=False, expose_headers=())
    def news():
        return []

    @app.post("/hook")
    @cors_exempt
    def hook():
        secret = request.headers["X-Secret"]
        return "", 204, {"Access-Control-Allow-Origin": "https://hooks.example"}
"""

# What is wrong -> the application, the place, and a word of the message.
CASES: dict[str, tuple[str, str, str, str]] = {
    "a setting that is no policy": (
        """
        CORS(app, origins="*")
        app.config["CORS_MAX_AGE"] = 60
        """,
        "policy-error",
        "CORS_MAX_AGE",
        "This was changed after CORS(app) had read it. [setting-changed]",
    ),
    "a mark behind a decorator that hides it": (
        """
        def hidden(view):
            return lambda: view()

        CORS(app, origins="*")
        app.add_url_rule("/x", "x", hidden(cross_origin(max_age=1)(lambda: "x")))
        """,
        "mark-without-effect",
        "@cross_origin on audited_shop_0.<lambda>",
        "No request ever gets to see this.",
    ),
    "a mark without CORS(app)": (
        """
        @app.get("/x")
        @cross_origin(origins="*")
        def x(): ...
        """,
        "mark-without-effect",
        "@cross_origin on audited_shop_0.x",
        "The application has no CORS(app): nothing reads this.",
    ),
    "a playground": (
        'CORS(app, origins=["https://app.example.com", "https://fiddle.jshell.net"])',
        "origin-playground",
        "CORS(app): origins[1]",
        "Anybody can run a script on fiddle.jshell.net.",
    ),
    "all of a playground, with credentials": (
        """
        CORS(app, origins="https://*.codepen.io", supports_credentials=True)
        """,
        "origin-playground",
        "CORS(app): origins",
        "on codepen.io, with the cookies of your users.",
    ),
    "plain http": (
        'app.config["CORS_ORIGINS"] = "http://app.example.com"\nCORS(app)',
        "origin-insecure",
        "CORS_ORIGINS",
        "Who sits on the network can act as http://app.example.com.",
    ),
    "the origin null": (
        """
        CORS(app, origins=["null"], accept_risks=["null-origin"])
        """,
        "origin-null",
        "CORS(app): origins[0]",
        "Any site can make a page whose origin is null.",
    ),
    "a loose expression": (
        r"""
        CORS(
            app,
            origins=[re.compile(r"https://[a-z]+\.example.com")],
            accept_risks="regex-origin",
        )
        """,
        "origin-regex-dot",
        "CORS(app): origins[0]",
        "A dot that is not escaped stands for any character",
    ),
    "a public view that knows its users": (
        """
        CORS(app, origins="*")

        @app.get("/me")
        def me():
            return {"name": session.get("name")}
        """,
        "public-beside-cookies",
        "GET /me",
        "The view looks at cookies, but its policy allows every origin",
    ),
    "headers that one method lets the other have": (
        """
        CORS(app, origins="https://app.example.com")

        @app.get("/x")
        @cross_origin(allow_headers=["X-CSRFToken", "Content-Type"])
        def read(): ...

        @app.post("/x")
        @cross_origin(allow_headers=["Content-Type"])
        def write(): ...
        """,
        "preflight-cache",
        "POST /x",
        "does not allow X-CSRFToken, that of GET (@cross_origin on "
        "audited_shop_0.read) does; browsers keep that for the whole URL",
    ),
    "every header that one method lets the other have": (
        """
        CORS(app, origins=["https://app.example.com", "https://b.example"])

        @app.get("/x")
        @cross_origin(origins="https://*.example.com", allow_headers="*")
        def read(): ...

        @app.post("/x")
        def write(): ...
        """,
        "preflight-cache",
        "POST /x",
        "does not allow every header, that of GET",
    ),
    "headers that everybody's method lets the other have": (
        """
        CORS(app, origins="https://app.example.com")

        @app.get("/x")
        @cross_origin(origins="*", allow_headers=["X-CSRFToken"])
        def read(): ...

        @app.post("/x")
        def write(): ...
        """,
        "preflight-cache",
        "POST /x",
        "does not allow X-CSRFToken, that of GET",
    ),
    "a view that sets the header itself": (
        """
        CORS(app, origins="https://app.example.com")

        @app.get("/x")
        def x():
            response = jsonify([])
            response.headers["access-control-allow-origin"] = "*"
            return response
        """,
        "stray-header",
        "GET /x",
        "The view sets access-control-allow-origin itself; its policy",
    ),
    "a hook that sets the header itself": (
        """
        CORS(app, origins="https://app.example.com")

        @app.after_request
        def allow(response):
            response.access_control_allow_origin = "*"
            return response
        """,
        "stray-header",
        "after_request",
        "runs with every request sets Access-Control-Allow-Origin",
    ),
    "a path rule without routes": (
        """
        CORS(app, origins="*", resources=["/Items/*", "/items/*"])
        app.add_url_rule("/items/<int:item>", "item", lambda item: "x")
        """,
        "path-rule-unreachable",
        "resources '/Items/*'",
        "No route of the application is under this path rule.",
    ),
    "a header that no page may send": (
        """
        CORS(app, origins="https://app.example.com", allow_headers="Content-Type")

        @app.get("/x")
        def x():
            return request.headers["X-Version"]
        """,
        "header-not-allowed",
        "GET /x",
        "The view reads X-Version, which its policy (the application) lets no page",
    ),
    "a header that nothing reads": (
        """
        app.config.update({"CORS_ALLOW_HEADERS": ["X-Old", "Content-Type"]})
        CORS(app, origins="https://app.example.com")
        """,
        "header-not-read",
        "CORS_ALLOW_HEADERS",
        "Nothing in the application reads X-Old.",
    ),
    "a header that no page may read": (
        """
        CORS(app, origins="https://app.example.com", expose_headers="X-A")

        @app.get("/x")
        def x():
            return "x", {"X-Total": "7", "X-A": "1"}
        """,
        "header-not-exposed",
        "GET /x",
        "The view sets X-Total, which its policy (the application) lets no page read.",
    ),
    "a header that nothing sets": (
        """
        CORS(app, origins="https://app.example.com", expose_headers=["X-Old", "ETag"])
        """,
        "header-not-set",
        "CORS(app): expose_headers",
        "Nothing in the application sets X-Old.",
    ),
    "an answer kept for a month": (
        """
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            CORS(app, origins="*", max_age=2592000)
        """,
        "max-age-beyond-browsers",
        "CORS(app): max_age",
        "No browser keeps an answer for 2592000 s; at most: Chromium 7200 s, Firefox "
        "86400 s, WebKitGTK 600 s, WPE WebKit 600 s.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_found_and_nothing_else(name: str, load: Load) -> None:
    source, check, place, says = CASES[name]
    (finding,) = audit(load(source))
    assert finding.check == check
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
    assert finding.check == "credentials-needless"
    assert finding.place == "CORS(app): supports_credentials"


def test_every_check_is_tested() -> None:
    tested = {check for _, check, _, _ in CASES.values()} | {"credentials-needless"}
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
        CORS(app, origins="https://a.example")

        @app.get("/x")
        @cross_origin(max_age=0, allow_headers="*")
        def read(): ...

        @app.post("/x")
        def write(): ...
        """,
        """
        CORS(app, origins="https://a.example")

        @app.get("/x")
        @cross_origin(origins="https://b.example", allow_headers="*")
        def read(): ...

        @app.post("/x")
        def write(): ...
        """,
        """
        CORS(app, origins="https://a.example")

        @app.get("/x")
        @cross_origin(max_age=60)
        def read(): ...

        @app.post("/x")
        @cross_origin(max_age=10)
        def write(): ...
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
        "an answer that is not kept",
        "origins of their own",
        "the same headers",
        "dots that are escaped",
    ],
)
def test_what_is_meant_so_is_met_with_silence(source: str, load: Load) -> None:
    assert audit(load(source)) == []


def run(app: Any, *arguments: str) -> tuple[int, str]:
    make: Any = (lambda: app) if isinstance(app, Flask) else app
    info = ScriptInfo(create_app=make)
    runner = Flask("x").test_cli_runner()
    result = runner.invoke(cors, ["audit", *arguments], obj=info)
    return result.exit_code, result.output


def test_findings_are_printed_with_place_and_fix_the_worst_first(load: Load) -> None:
    app = load(
        """
        CORS(app, origins="http://a.example", expose_headers="X-Old")

        @app.get("/x")
        @cross_origin(origins="https://jsfiddle.net", supports_credentials=True)
        def x():
            return request.cookies["name"]
        """
    )
    status, output = run(app)
    assert status == 1
    place = "@cross_origin on audited_shop_0.x"
    assert (
        output
        == f"""\
error: {place}: origins [origin-playground]
  audited_shop_0.py:12
  Anybody can run a script on jsfiddle.net, with the cookies of your users.
  Fix: Leave it out; try things on an origin of your own, or on localhost.

warning: CORS(app): origins [origin-insecure]
  audited_shop_0.py:10
  Who sits on the network can act as http://a.example.
  Fix: Serve these pages over https, and list that origin.

note: CORS(app): expose_headers [header-not-set]
  audited_shop_0.py:10
  Nothing in the application sets X-Old.
  Fix: Take it out, unless something in front of the application sets it.

1 error, 1 warning, 1 note.
"""
    )
    assert json.loads(run(app, "--json")[1])[0] == {
        "check": "origin-playground",
        "severity": "error",
        "place": f"{place}: origins",
        "message": "Anybody can run a script on jsfiddle.net, with the cookies of your "
        "users.",
        "fix": "Leave it out; try things on an origin of your own, or on localhost.",
        "file": "audited_shop_0.py",
        "line": 12,
    }


@pytest.mark.parametrize(
    ("source", "fail_on", "status"),
    [
        (CASES["a header that nothing sets"][0], "note", 1),
        (CASES["a header that nothing sets"][0], "warning", 0),
        (CASES["plain http"][0], "warning", 1),
        (CASES["plain http"][0], "error", 0),
        (CASES["a mark without CORS(app)"][0], "error", 1),
        (CASES["a mark without CORS(app)"][0], "never", 0),
        (CLEAN, "note", 0),
    ],
)
def test_the_exit_status_tells_whether_it_is_bad_enough(
    source: str, fail_on: str, status: int, load: Load
) -> None:
    app = load(source)
    assert run(app, "--fail-on", fail_on)[0] == status


def test_nothing_found_is_said(load: Load) -> None:
    assert run(load(CLEAN)) == (0, "Nothing found.\n")
    assert run(load(CLEAN), "--json") == (0, "[]\n")


def test_an_application_that_does_not_start_is_audited_by_what_stops_it() -> None:
    def make() -> Flask:
        app = Flask("shop")
        CORS(app, origins=["https://a.example/", "*"])
        return app

    status, output = run(make, "--json")
    assert status == 1
    findings = json.loads(output)
    assert [(each["check"], each["place"], each["file"]) for each in findings] == [
        ("policy-error", "CORS(app): origins[0]", None),
        ("policy-error", "CORS(app): origins[1]", None),
    ]


def test_sarif_is_what_the_format_asks_for(load: Load) -> None:
    status, output = run(load(CASES["plain http"][0]), "--sarif")
    assert status == 1
    log = json.loads(output)
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run_,) = log["runs"]
    driver = run_["tool"]["driver"]
    assert driver["name"] == "flask_cors_policy"
    assert driver["semanticVersion"]
    assert [rule["id"] for rule in driver["rules"]] == [check.id for check in CHECKS]
    for rule, check in zip(driver["rules"], CHECKS, strict=True):
        assert rule["shortDescription"]["text"] == f"{check.meaning}."
        assert rule["defaultConfiguration"] == {"level": check.severity.value}
    (result,) = run_["results"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    fingerprints = result.pop("partialFingerprints")
    assert [*fingerprints] == ["finding/v1"]
    assert result == {
        "ruleId": "origin-insecure",
        "ruleIndex": 3,
        "level": "warning",
        "message": {
            "text": "CORS_ORIGINS: Who sits on the network can act as "
            "http://app.example.com. Serve these pages over https, and list that "
            "origin."
        },
        "locations": [
            {
                "logicalLocations": [{"fullyQualifiedName": "CORS_ORIGINS"}],
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": "audited_shop_0.py",
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": 9},
                },
            }
        ],
    }


def test_sarif_of_a_finding_without_a_file_and_its_fingerprint() -> None:
    rules = [("a", Severity.NOTE, "meaning")]
    finding = Finding("a", Severity.ERROR, "CORS(app): origins", "message", "fix")
    moved = replace(finding, spot=Spot("app.py", 3))
    other = Finding("a", Severity.ERROR, "CORS(app): methods", "message", "fix")
    results = sarif([finding, moved, other], rules, "1.0")["runs"][0]["results"]
    assert "physicalLocation" not in results[0]["locations"][0]
    assert results[0]["level"] == "error"
    prints = [result["partialFingerprints"]["finding/v1"] for result in results]
    assert prints[0] == prints[1] != prints[2]


def test_an_application_without_a_file_is_audited_by_its_policies() -> None:
    namespace: dict[str, Any] = {"__name__": "typed_in"}
    source = """
CORS(app, origins="http://a.example", allow_headers="X-Old", expose_headers="X-Old")
app.add_url_rule("/x", "x", cross_origin(origins="http://b.example")(lambda: "x"))

"""
    exec(HEAD + source, namespace)
    status, output = run(namespace["app"])
    assert status == 1
    assert output.startswith(
        "warning: @cross_origin on typed_in.<lambda>: origins [origin-insecure]\n"
        "  Who sits on the network can act as http://b.example.\n"
    )
    assert "2 warnings" in output
