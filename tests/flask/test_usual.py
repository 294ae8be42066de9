"""What the Flask half prepares is what ``decide`` says, whatever came before."""

from __future__ import annotations

import logging
import warnings
from typing import Any, NamedTuple

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_cors_policy import CORS, Policy, PolicyWarning, cors_exempt, cross_origin
from flask_cors_policy.core.decision import decide
from flask_cors_policy.core.headers import additions, apply
from flask_cors_policy.log import FLOOD
from flask_cors_policy.serving import cors_request
from tests.core.test_properties import policies
from tests.helpers import Server, environ

from .helpers import (
    EVIL,
    MISS,
    A,
    Answer,
    B,
    allowed,
    make_app,
    marked,
    ok,
    preflight,
    request,
)

logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())


class Sent(NamedTuple):
    """A request, by what CORS depends on, and what the view sets itself."""

    method: str
    path: str
    headers: dict[str, str]
    own: list[tuple[str, str]]


SENT = st.builds(
    Sent,
    method=st.sampled_from(["GET", "PUT", "OPTIONS"]),
    path=st.sampled_from(["/x", "/x", "/none", "/x/", "//x"]),
    headers=st.fixed_dictionaries(
        {},
        optional={
            "Origin": st.sampled_from(
                [A, B, EVIL, "null", "x" * 400, "https://b.a.example"]
            ),
            "Access-Control-Request-Method": st.sampled_from(
                ["PUT", "GET", "X", "put"]
            ),
            "Access-Control-Request-Headers": st.sampled_from(
                ["x-a", "x-b,", "y" * 99]
            ),
            "Sec-Fetch-Site": st.sampled_from(["same-origin", "cross-site"]),
            "Upgrade": st.sampled_from(["websocket", "h2c"]),
        },
    ),
    own=st.lists(
        st.sampled_from(
            [("X-A", "1"), ("vary", "Cookie"), ("Access-Control-Allow-Origin", "*")]
        ),
        max_size=2,
    ),
)


def app_wide(app: Flask, policy: Policy, view: Any) -> None:
    CORS(app, **policy.as_settings())
    app.add_url_rule("/x", "x", view, methods=["GET", "PUT"])


def by_path(app: Flask, policy: Policy, view: Any) -> None:
    CORS(app, resources={"/*": policy})
    app.add_url_rule("/x", "x", view, methods=["GET", "PUT"])


def by_route(app: Flask, policy: Policy, view: Any) -> None:
    CORS(app, **policy.as_settings())
    app.add_url_rule("/x", "x", cross_origin()(view), methods=["GET", "PUT"])


def answer_of(app: Flask, sent: Sent) -> tuple[str, list[tuple[str, str]]]:
    server = Server()
    served = app(environ(sent.method, sent.path, sent.headers), server)
    list(served)
    getattr(served, "close", list)()
    status, headers = server.started[-1][:2]
    return status, headers


@pytest.mark.parametrize("put", [app_wide, by_path, by_route])
@pytest.mark.parametrize("debug", [False, True], ids=["serving", "debugging"])
@settings(max_examples=25, deadline=None)
@given(policy=policies(), requests=st.lists(SENT, min_size=2, max_size=6))
def test_flask_answers_as_decide_and_apply_say(
    put: Any, debug: bool, policy: Policy, requests: list[Sent]
) -> None:
    bare, app = Flask("bare"), Flask("app")
    own: list[tuple[str, str]] = []

    def view() -> tuple[str, list[tuple[str, str]]]:
        return "x", own

    bare.add_url_rule("/x", "x", view, methods=["GET", "PUT"])
    app.debug = debug
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)
        put(app, policy, view)
    for sent in requests:
        if put is by_path and sent.path == "//x":  # No path rule governs that.
            continue
        own[:] = sent.own
        facts = cors_request(environ(sent.method, sent.path, sent.headers))
        methods = None if policy.methods else ("GET", "HEAD", "OPTIONS", "PUT")
        decision = decide(policy, facts, methods)
        status, headers = answer_of(app, sent)
        if decision.status is not None:
            assert status.startswith(str(decision.status))
            known = sent.path == "/x" and facts.requested_method != "X"
            if known and additions(decision):
                assert headers[-len(additions(decision)) :] == [*additions(decision)]
            continue
        if sent.headers.get("Upgrade") == "websocket" and sent.method == "GET":
            continue
        expected, theirs = answer_of(bare, sent)
        assert status == expected
        assert headers == apply(decision, theirs, policy.compiled.owned)[0]


def test_a_route_is_usual_only_where_all_its_methods_have_one_policy() -> None:
    app = make_app()
    app.add_url_rule("/both", "both", marked(A), methods=["GET", "PUT"])
    app.add_url_rule("/exempt", "exempt", cors_exempt(lambda: "x"))
    app.add_url_rule("/plain", "plain", ok)
    assert request(app, "/both") == (200, allowed(A))
    by_endpoint = app.extensions["flask_cors_policy"].policies.by_endpoint
    assert set(by_endpoint) == {"both", "exempt", "plain"}
    assert by_endpoint["exempt"] is None
    for _ in range(2):
        assert request(app, "/both", "PUT", EVIL) == (200, MISS)
        assert request(app, "/exempt") == (200, {})
        assert request(app, "/none") == (404, MISS)


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/none", 404)])
def test_what_a_server_leaves_out_because_it_is_empty_is_not_missed(
    path: str, status: int
) -> None:
    """PEP 3333: SCRIPT_NAME may be absent, and so may the PATH_INFO of the root."""
    app = make_app(A)
    app.add_url_rule("/", "root", marked(B))
    assert request(app, "/", origin=B) == (200, allowed(B))
    for _ in range(2):
        sent = environ("GET", path, {"Origin": B})
        del sent["SCRIPT_NAME"]
        if path == "/":
            del sent["PATH_INFO"]
        server = Server()
        list(app(sent, server))
        line, headers = server.started[-1][:2]
        granted = [value for name, value in headers if "Allow-Origin" in name]
        assert (line[:3], granted) == (str(status), [B] if status == 200 else [])


def test_routes_added_by_hand_after_the_first_request_are_governed() -> None:
    app = make_app(A)
    app.add_url_rule("/x", "x", ok)
    for _ in range(3):
        assert request(app, "/x") == (200, allowed(A))
    app.view_functions["late"] = marked(B)
    app.url_map.add(app.url_rule_class("/late", endpoint="late", methods=["PUT"]))
    assert preflight(app, "/late", "PUT", B) == (204, allowed(B, methods="PUT"))
    assert request(app, "/late", "PUT", B) == (200, allowed(B))


@pytest.mark.parametrize("options", [{}, {"resources": ["/*"]}], ids=["app", "path"])
def test_a_flood_of_refused_preflights_is_answered_all_the_same(options: Any) -> None:
    app = make_app(A, **options)
    app.add_url_rule("/x", "x", ok)
    answers = {
        (status, *headers.items())
        for status, headers in (
            preflight(app, "/x", "PUT", EVIL) for _ in range(FLOOD + 5)
        )
    }
    assert answers == {(403, ("Vary", "Origin"))}
    assert preflight(app, "/x", "GET") == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS"),
    )


def test_a_flood_of_refusals_at_a_route_changes_no_answer() -> None:
    app = make_app()
    app.add_url_rule("/x", "x", marked(A))
    app.add_url_rule("/y", "y", marked("https://*.a.example"))
    for path in ("/x", "/y"):
        answers = {str(request(app, path, origin=EVIL)) for _ in range(FLOOD + 5)}
        assert answers == {str(Answer(200, MISS))}
    assert request(app, "/x", origin=A) == (200, allowed(A))
    assert request(app, "/y", origin="https://b.a.example").cors == allowed(
        "https://b.a.example"
    )


def test_the_layer_finds_its_own_routes_where_another_application_mounts_it() -> None:
    """The environ then holds a request of the outer application."""
    inner = make_app()
    inner.add_url_rule("/x", "view", marked(A))
    inner.wsgi_app = maintenance(inner.wsgi_app)  # type: ignore[method-assign]
    outer = Flask("outer")

    @outer.route("/x", endpoint="view")
    def view() -> Any:
        from flask import request

        server = Server()
        body = b"".join(inner(request.environ, server))
        return body, server.started[-1][0], server.started[-1][1]

    for _ in range(3):
        assert request(outer, "/x") == (200, allowed(A))
        assert request(outer, "/x", headers={"X-Closed": "1"}) == (200, {})


def maintenance(app: Any) -> Any:
    """Put a layer around *app* that answers some requests itself."""

    def layer(environ: Any, start_response: Any) -> Any:
        if "HTTP_X_CLOSED" in environ:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"closed"]
        return app(environ, start_response)

    return layer
