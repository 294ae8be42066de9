"""``flask cors audit``: what it prints and exits with."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.cli import ScriptInfo

from flask_cors_policy import Policy, PolicyError
from flask_cors_policy.devtools.audit import CHECKS, audit_problems
from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.findings import Finding, Severity, Spot
from flask_cors_policy.devtools.sarif import Rule, sarif

from .audited_apps import CASES, CLEAN, HEAD, Load


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
  audited_shop_0.py:13
  Anyone can run a script on jsfiddle.net, with the cookies of your users.
  Fix: Remove it; try code on an origin of your own, or on localhost.

warning: CORS(app): origins [origin-insecure]
  audited_shop_0.py:10
  Anyone on the network can pose as http://a.example.
  Fix: Serve these pages over https, and list that origin.

note: CORS(app): expose_headers [header-not-set]
  audited_shop_0.py:10
  Nothing in the application sets X-Old.
  Fix: Remove it, unless something in front of the application sets it.

1 error, 1 warning, 1 note.
"""
    )
    assert json.loads(run(app, "--json")[1])[0] == {
        "check": "origin-playground",
        "severity": "error",
        "place": f"{place}: origins",
        "message": "Anyone can run a script on jsfiddle.net, with the cookies of your "
        "users.",
        "fix": "Remove it; try code on an origin of your own, or on localhost.",
        "file": "audited_shop_0.py",
        "line": 13,
    }


@pytest.mark.parametrize(
    ("source", "fail_on", "status"),
    [
        (CASES["a header that nothing sets"][0], "note", 1),
        (CASES["a header that nothing sets"][0], "warning", 0),
        (CASES["plain http"][0], "warning", 1),
        (CASES["plain http"][0], "error", 0),
        (CASES["a mark behind a decorator that hides it"][0], "error", 1),
        (CASES["a mark behind a decorator that hides it"][0], "never", 0),
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


def test_an_application_that_does_not_start_is_audited_by_what_stops_it(
    load: Load,
) -> None:
    source = """
        shop = flask.Blueprint("shop", __name__)
        CORS(
            app,
            origins=["https://a.example/", "*"],
        )
        """
    status, output = run(lambda: load(source), "--json")
    assert status == 1
    places = [
        (each["check"], each["place"], each["file"], each["line"])
        for each in json.loads(output)
    ]
    line = HEAD.count("\n") + 3
    assert places == [
        ("policy-error", "CORS(app): origins[0]", "audited_shop_0.py", line),
        ("policy-error", "CORS(app): origins[1]", "audited_shop_0.py", line),
    ]


def test_what_stops_an_application_outside_of_its_own_code_has_no_place() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(origins="https://a.example/")
    error = caught.value.with_traceback(None)
    assert [each.spot for each in audit_problems(error)] == [None]


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
        assert rule["defaultConfiguration"] == {"level": check.severity.level}
        assert rule["helpUri"].startswith("https://cwe.mitre.org/data/definitions/")
        assert rule["help"]["text"].endswith(".")
        properties = rule["properties"]
        assert 0 < float(properties["security-severity"]) < 10
        assert properties["tags"][0] == "security"
        assert re.fullmatch("external/cwe/cwe-[0-9]{3,4}", properties["tags"][1])
    (result,) = run_["results"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    fingerprints = result.pop("partialFingerprints")
    assert [*fingerprints] == ["finding/v1"]
    assert result == {
        "ruleId": "origin-insecure",
        "ruleIndex": 4,
        "level": "warning",
        "message": {
            "text": "CORS_ORIGINS: Anyone on the network can pose as "
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


@pytest.mark.parametrize(
    ("file", "artifact"),
    [
        ("shop/my app.py", {"uri": "shop/my%20app.py", "uriBaseId": "%SRCROOT%"}),
        ("/srv/app.py", {"uri": "file:///srv/app.py"}),
        ("C:/srv/app.py", {"uri": "file:///C:/srv/app.py"}),
    ],
)
def test_files_are_named_as_the_format_has_them(
    file: str, artifact: dict[str, str]
) -> None:
    rules = [Rule("a", Severity.LOW, "meaning")]
    finding = Finding("a", Severity.HIGH, "x", "message", "fix", Spot(file))
    (result,) = sarif([finding], rules, "1.0")["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"] == artifact


def test_sarif_of_a_finding_without_a_file_and_its_fingerprint() -> None:
    rules = [Rule("a", Severity.LOW, "meaning")]
    finding = Finding("a", Severity.HIGH, "CORS(app): origins", "message", "fix")
    moved = replace(finding, spot=Spot("app.py", 3))
    other = Finding("a", Severity.HIGH, "CORS(app): methods", "message", "fix")
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
        "  Anyone on the network can pose as http://b.example.\n"
    )
    assert "2 warnings" in output
