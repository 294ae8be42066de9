"""``flask cors explain`` of a cURL command, a HAR file, a sentence of a console."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, Response, request
from werkzeug.routing import BaseConverter, Rule

from flask_cors_policy import CORS

from .test_cli_explain import A, run, shop, wrongly_decorated

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NO_HEADER = (
    "No 'Access-Control-Allow-Origin' header is present on the requested resource."
)
REFUSED = "Response to preflight request doesn't pass access control check: "
REDIRECT = f"{REFUSED}Redirect is not allowed for a preflight request."
STATUS = f"{REFUSED}It does not have HTTP ok status."


def chromium(why: str, path: str = "/orders") -> str:
    return (
        f"Access to fetch at 'https://api.example.com{path}' from origin '{A}' has "
        f"been blocked by CORS policy: {why}"
    )


def header(name: str) -> str:
    return (
        f"Request header field {name} is not allowed by Access-Control-Allow-Headers "
        "in preflight response."
    )


def orders(*methods: str, **options: Any) -> Flask:
    """Return an application that answers with the method that it was asked with."""
    app = Flask("orders", static_folder=None)
    view = lambda: Response(request.method)  # noqa: E731
    app.add_url_rule("/orders", "orders", view, methods=methods)
    CORS(app, origins=A, **options)
    return app


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


@pytest.mark.parametrize(
    ("why", "methods", "options", "assumed"),
    [
        (REDIRECT, ["GET", "POST"], {}, "POST"),
        (STATUS, ["GET", "POST"], {}, "POST"),
        (REFUSED + NO_HEADER, ["GET", "POST"], {}, "POST"),
        (REDIRECT, ["PUT", "DELETE"], {}, "PUT"),
        (REDIRECT, ["PUT", "DELETE"], {"methods": ["GET", "DELETE"]}, "DELETE"),
        (REDIRECT, ["REPORT"], {"methods": ["REPORT"]}, "REPORT"),
        (REDIRECT, ["GET"], {"allow_headers": ["X-A"]}, "GET with X-A"),
        (REDIRECT, ["GET"], {"allow_headers": "*"}, "GET with Authorization"),
        (NO_HEADER, ["GET", "POST"], {}, "GET"),
        (NO_HEADER, ["DELETE", "POST"], {}, "POST"),
        (header("x-a"), ["GET", "POST"], {"allow_headers": ["x-a"]}, "GET"),
        (header("content-type"), ["GET", "POST"], {}, "POST"),
    ],
)
def test_a_method_that_the_message_does_not_name_is_one_of_the_route(
    why: str, methods: list[str], options: dict[str, Any], assumed: str
) -> None:
    app = orders(*methods, **options)
    result = run(app, "explain", "--console", chromium(why))
    lines = result.output.partition("\nAllowed. ")[2].splitlines()
    assert lines[0].startswith("The page reads the response (200 OK).")
    assert lines[1:3] == [
        f"  Note: Method assumed: {assumed}; the message does not name it (--method "
        "tells it).",
        "There is a problem (changed-in-front):",
    ]
    assert (
        "something in front of it (a proxy, a redirect) answers otherwise" in lines[3]
    )
    assert "origins" not in result.output
    assert "watched" not in result.output


@pytest.mark.parametrize(
    ("methods", "assumed"),
    [(["GET", "PUT", "PATCH"], "PATCH"), (["GET"], "PUT")],
    ids=["one that is not listed", "none that could be meant"],
)
def test_firefox_means_a_method_that_the_policy_does_not_list(
    methods: list[str], assumed: str
) -> None:
    app = orders(*methods, methods=["GET", "PUT"])
    sentence = (
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the "
        "remote resource at https://api.example.com/orders. (Reason: Did not find "
        "method in CORS header \u2018Access-Control-Allow-Methods\u2019)."
    )
    result = run(app, "explain", "--short", "--console", sentence, "--origin", A)
    assert f"Method assumed: {assumed};" in result.output


def test_a_header_that_is_not_listed_is_the_only_fix() -> None:
    app = orders("GET", "POST", methods=["GET"])
    result = run(app, "explain", "--short", "--console", chromium(header("x-a")))
    assert result.exit_code == 1
    assert "Method assumed: GET;" in result.output
    assert "methods=" not in result.output
    assert '"x-a"]' in result.output


def test_a_method_can_be_told() -> None:
    app = orders("GET", "POST")
    sentence = ["--console", chromium(REDIRECT)]
    for told in (["--method", "POST"], ["POST", "https://api.example.com/orders"]):
        result = run(app, "explain", *sentence, *told)
        assert "requests: POST https://api.example.com/orders" in result.output
        assert "Preflight:" in result.output
        assert "assumed" not in result.output
    command = ["--curl", "curl https://api.example.com/orders", "--origin", A]
    result = run(app, "explain", *command, "--method", "POST")
    assert "requests: POST https://api.example.com/orders" in result.output


def test_a_redirect_in_front_of_the_application_is_to_be_avoided() -> None:
    result = run(orders("POST"), "explain", "--console", chromium(REDIRECT))
    assert "  Fix:  Have the page request the final URL.\n" in result.output
    assert "  Or:   Look at this answer in the network panel" in result.output


def test_only_what_the_message_is_about_is_answered_in_front() -> None:
    app = orders("POST")
    answer = app.wsgi_app

    def without(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return answer(environ, start_response)
        start_response("200 OK", [])
        return [b""]

    app.wsgi_app = without  # type: ignore[method-assign]
    told = ["explain", "--short", "--console"]
    result = run(app, *told, chromium(REDIRECT))
    assert result.output.startswith("Blocked (changed-in-front).\n")
    assert "The application itself answers this preflight well" in result.output
    result = run(app, *told, chromium(NO_HEADER))
    assert result.output.startswith("Blocked (")
    assert "The application itself answers" not in result.output


def test_a_route_that_cannot_be_found_out_may_have_any_method() -> None:
    class Failing(BaseConverter):
        def to_python(self, value: str) -> Any:
            raise RuntimeError("the converter fails")

    app = orders("POST")
    app.url_map.converters["failing"] = Failing
    app.url_map.add(Rule("/<failing:name>", endpoint="failing"))
    result = run(app, "explain", "--console", chromium(NO_HEADER, "/x"))
    assert "Method assumed: GET;" in result.output


def test_a_url_that_the_message_does_not_name_is_written_behind_the_options() -> None:
    sentence = "Preflight response is not successful. Status code: 308"
    given = ["explain", "--console", sentence, "--origin", A]
    result = run(orders("POST"), *given)
    assert result.exit_code == 2
    assert "as in --console - https://api.example.com/items." in result.output
    result = run(orders("POST"), *given, "/orders")
    assert result.exit_code == 0
    assert "requests: POST http://localhost:5000/orders" in result.output


def test_a_copied_preflight_is_played_as_what_it_asks_for() -> None:
    command = (
        f"curl https://api.example.com/orders -X OPTIONS -H 'Origin: {A}' "
        "-H 'Access-Control-Request-Method: PUT' -H 'User-Agent: Mozilla/5.0'"
    )
    result = run(orders("GET", "PUT"), "explain", "--curl", command)
    assert result.exit_code == 0
    assert "requests: PUT https://api.example.com/orders" in result.output
    assert "  Note: This is a preflight: what is played is the PUT" in result.output


def test_a_mistake_in_a_policy_is_explained_before_a_method_is_assumed() -> None:
    result = run(wrongly_decorated, "explain", "--console", chromium(REDIRECT, "/me"))
    assert result.exit_code == 1
    assert result.output.startswith("Blocked (policy-error).\n")
