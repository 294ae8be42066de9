"""``flask cors explain`` of a cURL command, a HAR file, a sentence of a console."""

from __future__ import annotations

import pytest

from .test_cli_explain import A, run, shop


def test_a_curl_command_is_played_against_the_application() -> None:
    app = shop(origins="https://b.example")
    command = f"curl -X PUT https://api.example.com/items/7 -H 'Origin: {A}'"
    result = run(app, "explain", "--short", "--curl", command)
    assert result.exit_code == 1
    assert result.output == (
        "Blocked (origin-not-allowed).\n"
        f"  Why:  The policy (the application) does not list {A}.\n"
        f'  Fix:  In CORS(app) write origins=["https://b.example", "{A}"].\n'
    )


def test_a_call_of_fetch_is_played_like_the_curl_command() -> None:
    app = shop(origins="https://b.example")
    call = "await fetch('https://api.example.com/items/7', {method: 'PUT'})"
    result = run(app, "explain", "--short", "--curl", call, "--origin", A)
    assert result.exit_code == 1
    assert result.output.startswith("Blocked (origin-not-allowed).\n")


def test_a_sentence_of_a_console_is_played_against_the_application() -> None:
    app = shop(origins=A, methods=["DELETE"])
    sentence = (
        f"Access to fetch at 'https://api.example.com/items/7' from origin '{A}' has "
        "been blocked by CORS policy: Method PUT is not allowed by "
        "Access-Control-Allow-Methods in preflight response."
    )
    result = run(app, "explain", "--short", "--console", sentence)
    assert result.exit_code == 1
    assert result.output.startswith("Blocked (method-not-allowed).\n")
    assert "PUT" in result.output


@pytest.mark.parametrize("option", ["--curl", "--har", "--console"])
def test_what_cannot_be_read_exits_with_2(option: str) -> None:
    result = run(shop(origins=A), "explain", option, "nothing")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
