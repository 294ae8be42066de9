"""Rights per origin in ``flask cors explain``, ``routes`` and ``audit``."""

from __future__ import annotations

import json
from typing import Any

from click.testing import Result
from flask import Flask, session

from flask_cors_policy import Policy
from flask_cors_policy.devtools.browser.requests import Page, PageRequest
from flask_cors_policy.devtools.explaining.changes import Trial

from .test_cli_explain import A, explain, run, shop

B = "https://shop.partner.example"
EVIL = "https://evil.example"
RIGHTS: dict[str, Any] = {
    A: {"supports_credentials": True},
    "https://*.partner.example": {"methods": ["PUT"], "allow_headers": []},
    "*": {},
}


def test_what_is_blocked_exits_with_1_and_ends_with_cause_place_and_fix() -> None:
    app = shop(origins=["https://b.example"])
    result = explain(app, "/items/7", "--credentials", "include")
    assert result.exit_code == 1
    assert result.output.endswith(f"""
Blocked (origin-not-allowed).
  Why:  The policy (the application) does not list {A}.
  Fix:  In CORS(app) write origins=["https://b.example", "{A}"], \
supports_credentials=True. The other origins of this policy can then send \
credentials, too. To open it for {A} alone, write origins as a mapping: \
{{"https://b.example": {{}}, "{A}": {{"supports_credentials": True}}}}.
  Policy: the application
""")


def asked(app: Flask, origin: str, *arguments: str, method: str = "GET") -> Result:
    return run(app, "explain", method, "/items/7", "--origin", origin, *arguments)


def test_what_opens_more_for_several_origins_is_offered_for_one() -> None:
    app = shop(origins=[A, "https://b.example"], methods=["PUT"])
    result = explain(app, "DELETE", "/items/7")
    assert result.exit_code == 1
    assert (
        'write origins as a mapping: {"https://b.example": {}, '
        f'"{A}": {{"methods": ["PUT", "DELETE"]}}}}.' in (result.output)
    )


def test_it_says_which_item_of_origins_allowed_the_page() -> None:
    app = shop(origins=RIGHTS)
    for origin, item in ((A, A), (B, "https://*.partner.example"), (EVIL, "*")):
        result = asked(app, origin)
        assert f"  Item of origins: {item}\n" in result.output
        data = json.loads(asked(app, origin, "--json").output)
        assert [each["item"] for each in data["servers"]] == [item]


def test_a_fix_changes_the_rights_of_the_page_alone() -> None:
    app = shop(origins=RIGHTS)
    result = asked(app, EVIL, "--credentials", "include")
    assert result.exit_code == 1
    assert f'"*": {{}}, "{EVIL}": {{"supports_credentials": True}}}}' in result.output
    assert "The other origins" not in result.output
    result = asked(app, B, method="DELETE")
    assert f'"{B}": {{"methods": ["PUT", "DELETE"], "allow_headers": []}}' in (
        result.output
    )
    assert '"https://*.partner.example": {"methods": ["PUT"], "allow_headers": []}' in (
        result.output
    )


def test_an_origin_that_no_item_allows_becomes_an_item() -> None:
    app = shop(origins={A: {"supports_credentials": True}})
    result = asked(app, EVIL)
    assert f'"{A}": {{"supports_credentials": True}}, "{EVIL}": {{}}' in result.output


def test_the_change_that_is_offered_works_and_opens_nothing_else() -> None:
    policy = Policy(origins=RIGHTS)
    request = PageRequest("https://api.example.com/x", "PATCH", credentials="include")
    for origin in (A, B, EVIL):
        change = Trial(Page(origin), request).change(policy)
        assert change.policy is not None
        assert Trial(Page(origin), request).play(change.policy).failure is None
        for other in {A, B, EVIL, "https://x.example"} - {origin}:
            before = Trial(Page(other), request).play(policy)
            after = Trial(Page(other), request).play(change.policy)
            assert [each.received for each in before.exchanges] == [
                each.received for each in after.exchanges
            ]


def test_the_table_of_routes_shows_the_options_of_origins() -> None:
    result = run(shop(origins=RIGHTS, enforce="unsafe"), "routes")
    assert f"{A} (supports_credentials True)" in result.output
    assert "enforce unsafe" in result.output


def test_the_audit_looks_into_items_with_options() -> None:
    app = shop(
        origins={"http://a.example": {}, "https://jsfiddle.net": {}, "*": {}},
    )
    result = run(app, "audit")
    for origin in ("http://a.example", "jsfiddle.net"):
        assert origin in result.output


def test_the_audit_knows_that_an_item_takes_cookies() -> None:
    app = shop(origins={A: {"supports_credentials": True}, "*": {}})
    app.secret_key = "x"
    app.add_url_rule("/me", "me", lambda: session.get("name", ""))
    result = run(app, "audit")
    assert "does not let pages of other origins send any" not in result.output
