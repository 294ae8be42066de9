"""What an attack has found reads as an explanation, in a test's failure too."""

from __future__ import annotations

import json

import pytest

from flask_cors_policy.testing import FLAWS, Severity, attack

from .bad_apis import API

REFLECTED = API(lambda origin: True, credentials=True)


def test_a_finding_reads_as_an_explanation() -> None:
    finding = attack(REFLECTED, "/api/me")[0]
    assert str(finding).splitlines() == [
        "critical: origin-reflected: Every origin is allowed: the server repeats it.",
        "  Sent: Origin: https://attacker.example",
        "  An attacker: Serves a page on any site, which reads the API as whoever "
        "visits it.",
        '  Fix: List whole origins: origins=["https://app.example.com"]. For a public '
        'API, without credentials: origins="*".',
        "  Request:",
        "    > GET /api/me?cors-probe=002 HTTP/1.1",
        "    > Host: api.example.com",
        "    > Accept: */*",
        "    > Origin: https://attacker.example",
        "    < HTTP/1.1 200 OK",
        "    < Content-Type: application/json",
        "    < Vary: Origin",
        "    < Access-Control-Allow-Origin: https://attacker.example",
        "    < Access-Control-Allow-Credentials: true",
    ]


def test_a_finding_has_the_exchange_that_shows_it() -> None:
    exchange = attack(REFLECTED, "/api/me")[0].exchange
    assert exchange.sent.values("Origin") == ["https://attacker.example"]
    assert exchange.received is not None
    assert exchange.received.status == 200


def test_the_list_has_a_short_form_and_a_long_one() -> None:
    findings = attack(REFLECTED, "/api/me", trusted="https://app.example.com")
    requests = findings.requests
    assert repr(findings) == (
        f"<2 findings at https://api.example.com/api/me ({requests} requests, "
        "imitating https://app.example.com); origin-reflected (critical); "
        "null-allowed (critical)>"
    )
    first, second = map(str, findings)
    head = repr(findings)[1:].partition(";")[0]
    assert str(findings) == f"{head}\n\n{first}\n\n{second}"


def test_an_empty_list_says_what_was_tried() -> None:
    findings = attack(API(), "/api/me")
    assert repr(findings).startswith("<no findings at https://api.example.com/api/me (")
    assert str(findings) == repr(findings)[1:-1]


def test_a_finding_is_data_for_programs() -> None:
    finding = attack(REFLECTED, "/api/me")[0]
    data = json.loads(json.dumps(finding.as_data()))
    assert data == {
        "id": "origin-reflected",
        "severity": "critical",
        "title": FLAWS["origin-reflected"].title,
        "sent": "Origin: https://attacker.example",
        "attack": FLAWS["origin-reflected"].attack,
        "fix": FLAWS["origin-reflected"].fix,
        "request": {
            "method": "GET",
            "url": "https://api.example.com/api/me?cors-probe=002",
            "headers": [["Accept", "*/*"], ["Origin", "https://attacker.example"]],
        },
        "response": {
            "status": 200,
            "headers": [
                ["Content-Type", "application/json"],
                ["Vary", "Origin"],
                ["Access-Control-Allow-Origin", "https://attacker.example"],
                ["Access-Control-Allow-Credentials", "true"],
            ],
        },
    }


def test_severities_are_ranked() -> None:
    assert [severity.value for severity in sorted(Severity, key=lambda s: s.rank)] == [
        "critical",
        "high",
        "medium",
        "low",
    ]


@pytest.mark.parametrize("name", FLAWS)
def test_each_flaw_is_told_in_sentences(name: str) -> None:
    flaw = FLAWS[name]
    for sentence in (flaw.title, flaw.attack, flaw.fix):
        assert sentence[0].isupper() or "=" in sentence
        assert sentence.endswith(".")
    assert flaw.with_credentials.rank <= flaw.severity.rank


def test_a_failed_assertion_is_followed_by_all_that_was_found(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        from flask_cors_policy.testing import attack

        def app(environ, start_response):
            headers = [("Vary", "Origin")]
            if "HTTP_ORIGIN" in environ:
                allowed = ("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"])
                headers.append(allowed)
            start_response("200 OK", headers)
            return []

        def test_safe():
            assert attack(app, "/", ignore=["origin-reflected", "null-allowed"]) == []
            assert not attack(app, "/me")
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*assert not <2 findings at https://api.example.com/me (*; "
            "origin-reflected (medium); null-allowed (medium)>",
            "*- attack /me -*",
            "2 findings at https://api.example.com/me (*)",
            "medium: origin-reflected: Every origin is allowed: the server repeats it.",
            "  An attacker: Serves a page on any site, *",
        ]
    )
    assert "- attack / -" not in result.stdout.str()
