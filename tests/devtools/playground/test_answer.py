"""The playground answers every question with a result or with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy.devtools import playground
from flask_cors_policy.devtools.browser import ENGINES
from flask_cors_policy.devtools.playground import answer
from flask_cors_policy.devtools.playground.fields import NAMES

PAGE = "https://app.example.com"
POLICY = f'CORS(app, origins="{PAGE}")'
CASE = {"policy": POLICY, "origin": PAGE, "url": "https://api.example.com/items"}


def ask(question: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(json.dumps(question)))
    return found


def explain(**fields: str) -> dict[str, Any]:
    return ask({"ask": "explain", "case": {**CASE, **fields}})


def standard(**fields: str) -> dict[str, Any]:
    found: dict[str, Any] = explain(**fields)["engines"][0]
    return found


def answered(found: dict[str, Any]) -> list[str]:
    """Return what the server says, message by message, a line each."""
    return [
        line
        for entry in found["sequence"]["entries"]
        if entry["from"] == "server"
        for line in (entry["title"], *entry["lines"])
    ]


def test_page_that_is_listed_may_read_the_answer_in_every_engine() -> None:
    found = explain()
    allowed = {each["engine"]: each["allowed"] for each in found["engines"]}
    assert allowed == dict.fromkeys(ENGINES, True)
    assert len({each["name"] for each in found["engines"]}) == len(ENGINES)
    assert found["warnings"] == []


def test_page_that_an_enforcing_policy_does_not_list_is_refused() -> None:
    policy = 'CORS(app, origins="https://b.example", enforce=True)'
    found = standard(policy=policy)
    assert not found["allowed"]
    assert any("403" in line for line in answered(found))


def test_exchange_is_told_step_by_step() -> None:
    found = standard(method="PUT")["sequence"]
    assert found["page"] == PAGE
    assert found["server"] == "https://api.example.com"
    steps = [
        (step["from"], step["to"], step["kind"], step["title"])
        for step in found["entries"]
    ]
    assert steps[0][:3] == ("page", "browser", "message")
    assert ("browser", "server", "message", "OPTIONS /items (preflight)") in steps
    assert ("server", "browser", "message", "200 OK") in steps
    assert ("browser", "browser", "note", "8 checks passed") in steps
    assert steps[-1] == ("browser", "page", "message", "Response 200 OK")


def test_checks_name_the_section_of_the_standard() -> None:
    checks = standard()["checks"]
    assert all(check["passed"] for check in checks)
    assert all("fetch.spec.whatwg.org" in check["section"] for check in checks)


def test_engines_that_differ_are_told_apart() -> None:
    found = explain(
        policy=f'Policy(origins="{PAGE}", allow_headers="*")',
        headers="Authorization: Bearer t0ken",
    )
    results = {each["engine"]: each["allowed"] for each in found["engines"]}
    assert results["standard"] is False
    assert results["chromium"] is True


def test_methods_of_the_route_are_allowed_in_flask_but_not_by_a_middleware() -> None:
    assert standard(method="DELETE")["allowed"]
    assert standard(method="DELETE", routes="POST, DELETE")["allowed"]
    middleware = f'CORSMiddleware(app, origins="{PAGE}")'
    assert standard(method="DELETE", policy=middleware)["cause"] == "method-not-allowed"


def test_method_that_no_route_has_is_a_405_that_the_page_reads() -> None:
    found = standard(method="DELETE", routes="GET")
    assert "405 Method Not Allowed" in answered(found)


def test_methods_that_the_policy_writes_are_those_that_are_listed() -> None:
    found = standard(method="DELETE", policy=f'origins="{PAGE}", methods="PUT"')
    assert found["cause"] == "method-not-allowed"
    assert "Access-Control-Allow-Methods: PUT" in answered(found)


def test_policy_alone_sets_headers_of_cors() -> None:
    found = standard(answer_headers="Access-Control-Allow-Origin: *\nX-Total: 7")
    lines = answered(found)
    assert "X-Total: 7" in lines
    assert [line for line in lines if "Allow-Origin" in line] == [
        f"Access-Control-Allow-Origin: {PAGE}"
    ]


def test_page_without_a_policy_gets_nothing_but_its_preflight_is_a_200() -> None:
    found = standard(policy="", method="PUT")
    assert not found["allowed"]
    assert answered(found)[0] == "200 OK"


def test_own_type_and_status_of_the_answer_are_served() -> None:
    found = standard(status="404", answer_headers="content-type: text/plain")
    assert answered(found)[0] == "404 Not Found"
    assert "content-type: text/plain" in answered(found)
    assert standard(status="299")["allowed"]


def test_redirect_within_the_host_is_followed() -> None:
    found = standard(status="308", answer_headers="Location: /items/?page=1")
    assert found["allowed"]
    assert [line for line in answered(found) if line[:3].isdigit()] == [
        "308 Permanent Redirect",
        "200 OK",
    ]


def test_redirect_to_another_host_leads_away() -> None:
    found = standard(status="302", answer_headers="Location: https://login.example/")
    assert not found["allowed"]


def test_path_is_compared_as_a_server_has_it() -> None:
    url = "https://api.example.com/caf%C3%A9"
    found = standard(url=url, status="302", answer_headers="Location: /tea")
    assert answered(found)[0] == "302 Found"


def test_what_stands_in_front_answers_preflights_only() -> None:
    fields = {"front": "preflights", "front_status": "405"}
    assert standard(**fields)["allowed"]
    assert not standard(**fields, method="PUT")["allowed"]


def test_proxy_that_redirects_does_so_at_one_url() -> None:
    found = standard(
        front="everything", front_status="301", front_headers="Location: /items/"
    )
    assert answered(found)[0] == "301 Moved Permanently"


def test_outer_policy_that_is_none_by_itself_is_no_way_out() -> None:
    text = f'CORS(app, max_age=5)\n@cross_origin(origins="{PAGE}")\ndef view(): ...'
    assert standard(policy=text)["allowed"]
    assert not standard(policy=text, headers="X-Token: abc")["allowed"]


def test_mistakes_of_a_policy_say_what_to_write() -> None:
    found = explain(policy='CORS(app, origins="app.example.com", colour="red")')
    assert {mistake["reason"] for mistake in found["mistakes"]} == {
        "origin-scheme-missing",
        "unknown-option",
    }
    (origin,) = [each for each in found["mistakes"] if "origins" in each["setting"]]
    assert origin["setting"] == "CORS(app): origins"
    assert origin["hint"] == 'Write "https://app.example.com".'


def test_text_that_is_no_policy_is_a_mistake_too() -> None:
    (mistake,) = explain(policy="CORS(app, origins=ORIGINS)")["mistakes"]
    assert mistake["setting"] == "CORS(app): origins"
    assert mistake["reason"] == ""


def test_warnings_of_a_policy_are_told() -> None:
    found = explain(policy=f'origins="{PAGE}", max_age=100000')
    assert found["warnings"][0]["reason"] == "max-age-beyond-browsers"


def test_pattern_with_credentials_is_looked_up_among_public_suffixes() -> None:
    policy = 'origins="https://*.github.io", supports_credentials=True'
    (mistake,) = explain(policy=policy)["mistakes"]
    assert mistake["reason"] == "origin-public-suffix"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "/items"}, "url"),
        ({"url": "ftp://a.example"}, "url"),
        ({"origin": "app.example.com"}, "origin"),
        ({"method": "A B"}, "method"),
        ({"headers": "nonsense"}, "headers"),
        ({"cookie": "\u00e4"}, "cookie"),
        ({"credentials": "maybe"}, "credentials"),
        ({"mode": "navigate"}, "mode"),
        ({"status": "abc"}, "status"),
        ({"status": "100"}, "status"),
        ({"routes": "GET, P(T"}, "routes"),
        ({"answer_headers": "X-A: 1\n\nnonsense"}, "answer_headers"),
        ({"answer_headers": "X A: 1"}, "answer_headers"),
        ({"answer_headers": "X-A: \u4e00"}, "answer_headers"),
        ({"front": "a wall"}, "front"),
        ({"front_status": "9"}, "front_status"),
        ({"body": "a" * 20_001}, "body"),
    ],
)
def test_field_that_cannot_be_used_is_named(fields: dict[str, str], field: str) -> None:
    found = explain(**fields)
    assert found["field"] == field
    assert found["problem"].endswith(".")


def test_pasted_request_fills_in_fields_without_secrets() -> None:
    text = f"curl {CASE['url']} -H 'Origin: {PAGE}' -H 'Authorization: Bearer s3cret'"
    found = ask({"ask": "paste", "text": text})["fields"]
    notes = found.pop("notes")
    assert found == {
        "url": CASE["url"],
        "method": "GET",
        "headers": "Authorization: value",
        "body": "",
        "credentials": "same-origin",
        "mode": "cors",
        "origin": PAGE,
        "cookie": "",
    }
    assert ["credentials mode" in note for note in notes] == [True, False]


def test_pasted_preflight_fills_in_the_request_that_it_asks_for() -> None:
    text = f"curl https://api.example.com/items -X OPTIONS -H 'Origin: {PAGE}' "
    text += "-H 'Access-Control-Request-Method: DELETE'"
    found = ask({"ask": "paste", "text": text})["fields"]
    assert (found["method"], found["origin"]) == ("DELETE", PAGE)


def test_pasted_text_that_is_no_request_is_told_at_its_field() -> None:
    found = ask({"ask": "paste", "text": "hello"})
    assert found["field"] == "pasted"


@pytest.mark.parametrize(
    "question", ["", "[", "7", "{}", '{"ask": "explain"}', "a" * 400_001]
)
def test_question_that_is_none_is_answered_all_the_same(question: str) -> None:
    assert json.loads(answer(question))["problem"]


@pytest.mark.parametrize("case", [None, [], "case", {"url": 7}])
def test_case_that_is_none_is_answered_all_the_same(case: object) -> None:
    assert ask({"ask": "explain", "case": case})["problem"].endswith(".")


def test_failure_of_the_playground_itself_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(case: object) -> dict[str, Any]:
        raise ZeroDivisionError("by\nnothing")

    monkeypatch.setattr(playground, "play", fail)
    assert "ZeroDivisionError" in explain()["problem"]


def test_refusals_are_not_printed() -> None:
    code = (
        "from flask_cors_policy.devtools.playground import answer; import sys;"
        "found = answer(sys.argv[1]); assert 'origin-not-allowed' in found, found"
    )
    case = {**CASE, "origin": "https://other.example"}
    question = json.dumps({"ask": "explain", "case": case})
    command = [sys.executable, "-c", code, question]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_header_of_cors_that_the_api_sets_itself_is_a_note() -> None:
    notes = standard(answer_headers="Access-Control-Allow-Origin: *")["notes"]
    assert any("Access-Control-Allow-Origin" in note for note in notes)


TEXTS = st.text(max_size=40) | st.sampled_from(
    ["*", "null", "GET", "include", "no-cors", "302", "Location: //b.example", POLICY]
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, TEXTS)))
def test_whatever_is_filled_in_is_answered_without_a_failure(
    fields: dict[str, str],
) -> None:
    found = explain(**fields)
    assert "failed" not in found.get("problem", "")
    assert found.keys() & {"engines", "mistakes", "problem"}
