"""The policy follows a request into whatever becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import flask
import pytest
from flask import (
    Flask,
    Response,
    abort,
    got_request_exception,
    redirect,
    request_finished,
    request_started,
    request_tearing_down,
    send_file,
    stream_with_context,
)
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS, cross_origin

from .helpers import MISS, NOTHING, A, B, C, allowed, answer, ok, preflight, request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def make_app() -> Flask:
    """An application open to C, whose routes named "/strict..." are for A."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 10
    CORS(app, origins=C)

    def both(rule: str, **options: Any) -> Callable[[Callable[..., Any]], None]:
        def register(view: Callable[..., Any]) -> None:
            app.add_url_rule(f"/lax/{rule}", f"lax_{rule}", view, **options)

            @cross_origin(origins=A)
            def strict(**values: Any) -> Any:
                return view(**values)

            app.add_url_rule(f"/strict/{rule}", f"strict_{rule}", strict, **options)

        return register

    both("ok")(lambda: "x")
    both("abort-<int:status>")(lambda status: abort(status))
    both("redirect")(lambda: redirect("/elsewhere", 302))
    both("crash")(lambda: 1 // 0)
    both("json", methods=["POST"])(lambda: str(flask.request.json))
    both("form", methods=["POST"])(lambda: flask.request.form["missing"])
    both("file")(lambda: send_file(__file__, conditional=True, etag="e", max_age=1))
    both("slash/")(lambda: "x")

    @both("stream")
    def stream() -> Iterator[str]:
        yield "one "
        yield "two"

    @both("failing-stream")
    def failing_stream() -> Iterator[str]:
        yield "one"
        raise LookupError("midway")

    @both("with-context")
    def with_context() -> Response:
        def generate() -> Iterator[str]:
            yield flask.request.args["word"]

        return Response(stream_with_context(generate()))

    return app


CASES: list[tuple[str, str, dict[str, Any], int]] = [
    ("a plain answer", "ok", {}, 200),
    ("HEAD", "ok", {"method": "HEAD"}, 200),
    ("OPTIONS without a preflight's header", "ok", {"method": "OPTIONS"}, 200),
    ("abort(401)", "abort-401", {}, 401),
    ("abort(403)", "abort-403", {}, 403),
    ("abort(404)", "abort-404", {}, 404),
    ("abort(429)", "abort-429", {}, 429),
    ("abort(500)", "abort-500", {}, 500),
    ("abort(503)", "abort-503", {}, 503),
    ("a redirect of the view", "redirect", {}, 302),
    ("an unhandled exception", "crash", {}, 500),
    ("a missing form field", "form", {"method": "POST"}, 400),
    ("what is not JSON", "json", {"method": "POST", "json": "{"}, 200),
    ("what is not of type JSON", "json", {"method": "POST", "data": "{"}, 415),
    (
        "JSON that does not parse",
        "json",
        {"method": "POST", "data": "{", "content_type": "application/json"},
        400,
    ),
    (
        "too long a body",
        "form",
        {"method": "POST", "data": {"field": "x" * 99}},
        413,
    ),
    ("a missing slash", "slash", {}, 308),
    ("a file", "file", {}, 200),
    ("a file that did not change", "file", {"headers": {"If-None-Match": '"e"'}}, 304),
    ("a part of a file", "file", {"headers": {"Range": "bytes=0-3"}}, 206),
    ("no such part", "file", {"headers": {"Range": "bytes=9999999-"}}, 416),
    ("a stream", "stream", {}, 200),
    ("a stream with its context", "with-context?word=x", {}, 200),
]


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_every_answer_has_the_policy_of_its_route(
    path: str, options: dict[str, Any], status: int
) -> None:
    app = make_app()
    assert request(app, f"/strict/{path}", origin=A, **options) == (status, allowed(A))
    assert request(app, f"/strict/{path}", origin=C, **options) == (status, MISS)
    assert request(app, f"/strict/{path}", origin=None, **options) == (status, MISS)
    assert request(app, f"/lax/{path}", origin=C, **options) == (status, allowed(C))
    assert request(app, f"/lax/{path}", origin=A, **options) == (status, MISS)


@pytest.mark.parametrize("handled", [404, 405, 500, ZeroDivisionError, HTTPException])
def test_error_handlers_of_the_application_get_the_route_s_policy(
    handled: Any,
) -> None:
    app = make_app()

    @app.errorhandler(handled)
    def handle(error: Exception) -> tuple[str, int, dict[str, str]]:
        return "sorry", 599, {"Access-Control-Allow-Origin": "*"}

    status = 599 if handled in (500, ZeroDivisionError, HTTPException) else 500
    assert request(app, "/strict/crash", origin=A) == (status, allowed(A))
    assert request(app, "/strict/crash", origin=C) == (status, MISS)
    assert request(app, "/none", origin=C) == (
        599 if handled in (404, HTTPException) else 404,
        allowed(C),
    )
    assert request(app, "/lax/ok", "DELETE", C) == (
        599 if handled in (405, HTTPException) else 405,
        allowed(C),
    )


@pytest.mark.parametrize("where", ["before_request", "after_request", "url_values"])
def test_what_answers_in_the_view_s_place_gets_the_route_s_policy(
    where: str,
) -> None:
    app = make_app()
    if where == "before_request":
        app.before_request(lambda: abort(401))
    elif where == "after_request":
        app.after_request(lambda response: Response("other", 401))
    else:
        app.url_value_preprocessor(lambda endpoint, values: abort(401))
    assert request(app, "/strict/ok", origin=A) == (401, allowed(A))
    assert request(app, "/strict/ok", origin=C) == (401, MISS)


def test_the_stream_and_its_headers_are_left_as_they_are() -> None:
    response = make_app().test_client().get("/strict/stream", headers={"Origin": A})
    assert response.text == "one two"
    assert answer(response).cors == allowed(A)
    response = (
        make_app()
        .test_client()
        .get("/strict/with-context?word=kept", headers={"Origin": A})
    )
    assert response.text == "kept"


def test_a_stream_that_fails_midway_has_sent_its_headers() -> None:
    app = make_app()
    environ = EnvironBuilder("/strict/failing-stream", headers=[("Origin", A)])
    iterable, status, headers = run_wsgi_app(app, environ.get_environ())
    assert status == "200 OK"
    assert headers["Access-Control-Allow-Origin"] == A
    chunks = iter(iterable)
    assert next(chunks) == b"one"
    with pytest.raises(LookupError, match="midway"):
        next(chunks)


def test_the_server_s_file_wrapper_reaches_the_server() -> None:
    app = make_app()
    environ = EnvironBuilder("/strict/file", headers=[("Origin", A)]).get_environ()
    environ["wsgi.file_wrapper"] = FileWrapper
    started: list[Any] = []

    def start_response(*args: Any) -> Any:
        started.append(args)

    result = app(environ, start_response)
    assert isinstance(result, FileWrapper)
    assert ("Access-Control-Allow-Origin", A) in started[0][1]
    result.close()


def test_the_response_keeps_to_pep_3333() -> None:
    app = make_app()
    for path, method in [
        ("/strict/ok", "GET"),
        ("/strict/ok", "HEAD"),
        ("/strict/crash", "GET"),
        ("/strict/stream", "GET"),
        ("/lax/none", "OPTIONS"),
    ]:
        headers = [("Origin", A), ("Access-Control-Request-Method", "GET")]
        environ = EnvironBuilder(path, method=method, headers=headers).get_environ()
        iterable, _, _ = run_wsgi_app(validator(app), environ)
        assert [type(chunk) for chunk in iterable] in ([bytes], [bytes, bytes], [])
        iterable.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("options", [{}, {"resources": "/*"}], ids=["app", "path"])
@pytest.mark.parametrize("mark", [False, True], ids=["unmarked", "marked"])
@pytest.mark.parametrize("served", [0, 2], ids=["at first", "later"])
def test_inner_middleware_may_start_the_response_anew(
    options: Any, mark: bool, served: int
) -> None:
    """PEP 3333's exc_info: the second start has the headers of the policy too."""
    app = Flask(__name__)
    app.add_url_rule("/x", "x", cross_origin(origins=B)(lambda: "x") if mark else ok)
    starts: list[Any] = []
    flask_app = app.wsgi_app

    def layer(environ: WSGIEnvironment, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/x":
            return flask_app(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            raise LookupError
        except LookupError as error:
            info = (LookupError, error, error.__traceback__)
            start_response("500 Oh", [("Vary", "Accept")], info)
        return [b""]

    app.wsgi_app = layer  # type: ignore[method-assign]
    CORS(app, origins=A, **options)
    for _ in range(served):
        assert request(app, "/x").status == 200

    def start_response(*args: Any) -> Any:
        starts.append(args)

    app(EnvironBuilder("/", headers=[("Origin", A)]).get_environ(), start_response)
    assert [args[0] for args in starts] == ["200 OK", "500 Oh"]
    assert starts[1][1] == [
        ("Vary", "Accept, Origin"),
        ("Access-Control-Allow-Origin", A),
    ]
    assert starts[1][2][0] is LookupError


@pytest.mark.parametrize("copies", [False, True])
def test_answers_of_inner_middleware_get_the_headers_of_the_route(copies: bool) -> None:
    """Also where it hands a copy of the environ on."""
    app = Flask(__name__)
    inner = app.wsgi_app

    def layer(environ: WSGIEnvironment, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/closed":
            start_response("503 Closed", [])
            return []
        return inner({**environ} if copies else environ, start_response)

    app.wsgi_app = layer  # type: ignore[method-assign]
    CORS(app, origins=C)
    app.add_url_rule("/x", "x", cross_origin(origins=A)(lambda: "x"))
    app.add_url_rule("/closed", "y", cross_origin(origins=B)(lambda: "x"))
    assert request(app, "/x", origin=A) == (200, allowed(A))
    assert request(app, "/closed", origin=B) == (503, allowed(B))
    assert request(app, "/none", origin=C) == (404, allowed(C))


# What else Flask promises


def test_signals_and_teardown_come_in_their_order() -> None:
    app = make_app()
    events: list[str] = []

    def note(name: str) -> Callable[..., None]:
        return lambda *_, **__: events.append(name)

    app.before_request(lambda: events.append("before"))

    @app.after_request
    def after(response: Response) -> Response:
        events.append("after")
        return response

    app.teardown_request(lambda _: events.append("teardown"))
    app.teardown_appcontext(lambda _: events.append("app teardown"))
    signals = {
        "started": request_started,
        "finished": request_finished,
        "exception": got_request_exception,
        "tearing down": request_tearing_down,
    }
    receivers = {name: note(name) for name in signals}
    for name, signal in signals.items():
        signal.connect(receivers[name], app)
    expected = ["started", "before", "after", "finished"]
    end = ["teardown", "tearing down", "app teardown"]
    try:
        assert request(app, "/strict/ok").status == 200
        assert events == expected + end
        events.clear()
        assert request(app, "/strict/crash").status == 500
        assert events == ["started", "before", "exception", "after", "finished", *end]
        events.clear()
        assert request(app, "/none").status == 404
        assert events == expected + end
        events.clear()
        # A context is pushed to ask which route serves the method, and popped.
        assert preflight(app, "/strict/ok", "GET").status == 204
        assert events == end
    finally:
        for name, signal in signals.items():
            signal.disconnect(receivers[name], app)


def test_the_test_client_keeps_the_context_it_is_asked_to_keep() -> None:
    app = make_app()
    with app.test_client() as client:
        client.get("/strict/ok?word=x", headers={"Origin": A})
        assert flask.request.args["word"] == "x"


def test_under_testing_exceptions_propagate() -> None:
    app = make_app()
    app.testing = True
    with pytest.raises(ZeroDivisionError):
        request(app, "/strict/crash")
    assert request(app, "/strict/abort-500") == (500, allowed(A))


def test_a_request_from_within_a_view_has_the_policy_of_its_own_route() -> None:
    app = make_app()

    @app.route("/around")
    def around() -> dict[str, str]:
        client = app.test_client()
        inner = client.get("/strict/ok", headers={"Origin": A})
        return dict(inner.headers)

    response = app.test_client().get("/around", headers={"Origin": C})
    assert response.json is not None
    assert response.json["Access-Control-Allow-Origin"] == A
    assert answer(response) == (200, allowed(C))


def test_nothing_is_added_where_no_policy_applies() -> None:
    app = Flask(__name__)
    CORS(app, resources={"/api/*": {"origins": A}})
    app.add_url_rule("/x", "x", lambda: ("x", {"Vary": "Cookie"}))
    assert request(app, "/x") == (200, {"Vary": "Cookie"})
    assert request(app, "/none") == (404, NOTHING)
