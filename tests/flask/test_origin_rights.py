"""Rights per origin in Flask: config keys, decorators, blueprints, path rules."""

from __future__ import annotations

import http.client
import json
import logging
import threading
from typing import Any

import pytest
from flask import Blueprint, Flask
from werkzeug.serving import make_server

from flask_cors_policy import CORS, CORSMiddleware, PolicyError, cross_origin

from .helpers import ASKED, A, Answer, B, allowed, preflight, problems, request

pytestmark = pytest.mark.usefixtures("no_marks")

EVIL = "https://evil.example"
BELOW = "https://x.partner.example"
RIGHTS: dict[Any, Any] = {
    A: {"supports_credentials": True, "max_age": 600},
    "https://*.partner.example": {"methods": ["PUT"], "expose_headers": "X-P"},
    "*": {},
}


def tenant(origin: str, environ: Any) -> bool:
    return origin == B


def by_key(app: Flask) -> None:
    app.config["CORS_ORIGINS"] = RIGHTS
    CORS(app)


def by_environment(app: Flask) -> None:
    app.config.from_prefixed_env("TEST_FLASK")
    CORS(app)


def by_list(app: Flask) -> None:
    CORS(app, origins=list(RIGHTS.items()))


def by_toml(app: Flask) -> None:
    """TOML knows mappings and lists, and no tuples."""
    app.config.update(json.loads(json.dumps({"CORS_ORIGINS": list(RIGHTS.items())})))
    CORS(app)


def by_rule(app: Flask) -> None:
    CORS(app, resources={"/x": {"origins": RIGHTS}})


def by_name(app: Flask) -> None:
    app.config["CORS_POLICIES"] = {"mixed": {"origins": RIGHTS}}
    app.config["CORS_RESOURCES"] = {"/x": "mixed"}
    CORS(app)


def by_decorator(app: Flask) -> None:
    CORS(app, resources={})
    cross_origin(origins=RIGHTS)(app.view_functions["x"])


def by_decorator_inside(app: Flask) -> None:
    """The decorator adds what its items leave out."""
    CORS(app, origins=RIGHTS)
    cross_origin(timing_allow_origin=False)(app.view_functions["x"])


def around(app: Flask) -> None:
    # Its routes are not known there.
    app.wsgi_app = CORSMiddleware(app.wsgi_app, origins=RIGHTS, methods=["GET", "PUT"])  # type: ignore[method-assign]


WAYS = [
    by_key,
    by_environment,
    by_list,
    by_toml,
    by_rule,
    by_name,
    by_decorator,
    by_decorator_inside,
    around,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_origin_gets_its_rights_whatever_the_way_in(
    way: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_FLASK_CORS_ORIGINS", json.dumps(RIGHTS))
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "PUT"])
    way(app)
    for _ in range(2):  # The second time from the memo.
        assert request(app, "/x", "GET", A) == (200, allowed(A, credentials="true"))
        assert request(app, "/x", "GET", BELOW) == (200, allowed(BELOW, expose="X-P"))
        star = {**allowed("*"), "Vary": "Origin"}
        assert request(app, "/x", "GET", EVIL) == (200, star)
        assert request(app, "/x", "GET", None) == (200, {"Vary": "Origin"})
        for origin, more in (
            (A, {"credentials": "true", "max_age": "600"}),
            (BELOW, {"methods": "PUT"}),
            (EVIL, {}),
        ):
            answer = request(app, "/x", "OPTIONS", origin, {ASKED: "PUT"})
            methods = "GET, PUT" if way is around else "GET, HEAD, OPTIONS, PUT"
            sent = "*" if origin == EVIL else origin
            expected = allowed(sent, **{"methods": methods, **more})
            vary = "Origin" if way is around else f"Origin, {ASKED}"
            assert answer == (204, {**expected, "Vary": vary})


def test_functions_and_stores_have_names() -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x")
    rights: Any = [("tenants", tenant, {"supports_credentials": True}), ("*", {})]
    CORS(app, origins=rights)
    assert request(app, "/x", "GET", B) == (200, allowed(B, credentials="true"))
    star = {**allowed("*"), "Vary": "Origin"}
    assert request(app, "/x", "GET", EVIL) == (200, star)


def test_layers_are_merged_before_the_item_is_laid_over() -> None:
    app = Flask(__name__)
    views = Blueprint("views", __name__)
    CORS(views, expose_headers="X-Blueprint", max_age=5)

    @views.get("/x")
    @cross_origin(expose_headers="X-View")
    def x() -> str:
        return "x"

    CORS(app, origins={A: {"max_age": 600}, B: {"expose_headers": "X-B"}})
    app.register_blueprint(views)
    assert request(app, "/x", "GET", A) == (200, allowed(A, expose="X-View"))
    assert request(app, "/x", "GET", B) == (200, allowed(B, expose="X-B"))
    assert preflight(app, "/x", "GET", A).cors["Access-Control-Max-Age"] == "600"
    assert preflight(app, "/x", "GET", B).cors["Access-Control-Max-Age"] == "5"


def test_origins_of_a_view_replace_those_around_it_with_their_options() -> None:
    app = Flask(__name__)

    @app.get("/x")
    @cross_origin(origins=[A])
    def x() -> str:
        return "x"

    CORS(app, origins=RIGHTS)
    assert request(app, "/x", "GET", A) == (200, allowed(A))
    assert request(app, "/x", "GET", EVIL) == (200, {"Vary": "Origin"})


EACH = {A: {"max_age": 600}, B: {"max_age": 0}}


def marked_app(**options: Any) -> tuple[Flask, CORS]:
    app = Flask(__name__)
    views = Blueprint("views", __name__)
    views.add_url_rule("/x", "x", cross_origin(**options)(lambda: "x"))
    cors = CORS(app, origins=EACH)
    app.register_blueprint(views)
    return app, cors


def test_a_mark_whose_option_every_inherited_item_sets_is_an_error() -> None:
    app, cors = marked_app(max_age=5, expose_headers="X-A")
    with pytest.raises(PolicyError) as caught:
        cors.check()
    (problem,) = caught.value.problems
    assert problem.reason == "option-without-effect"
    assert "max_age" in problem.setting
    assert problem.message == "Each item of CORS(app): origins sets max_age itself."
    assert problem.hint.startswith("Write origins again")
    with pytest.raises(PolicyError):
        request(app, "/x")


@pytest.mark.parametrize(
    "options",
    [
        {"origins": [A], "max_age": 5},
        {"origins": {A: {}}, "max_age": 5},
        {"enforce": True},
    ],
)
def test_a_mark_that_writes_origins_again_or_sets_another_option_is_none(
    options: Any,
) -> None:
    app, cors = marked_app(**options)
    cors.check()
    assert request(app, "/x", "GET", A).cors["Access-Control-Allow-Origin"] == A


def test_the_same_holds_for_path_rules_and_what_only_reports() -> None:
    given: list[dict[str, Any]] = [
        {"resources": {"/x": {"max_age": 5}}},
        {"report_only": {"max_age": 5}},
    ]
    for options in given:
        with pytest.raises(PolicyError, match="option-without-effect"):
            CORS(Flask(__name__), origins=EACH, **options)
    with pytest.raises(PolicyError, match="option-without-effect"):
        CORSMiddleware(Flask(__name__), {"/x": {"max_age": 5}}, origins=EACH)


def test_mistakes_in_items_are_told_at_start_with_the_key_as_typed() -> None:
    app = Flask(__name__)
    app.config["CORS_ORIGINS"] = {
        "https://A.example": {"max_age": "5", "enforce": True},
        "*": {"supports_credentials": True},
    }
    key = "CORS_ORIGINS['https://A.example']"
    assert sorted(problems(lambda: CORS(app))) == sorted([
        (key, "origin-upper-case"),
        (f"{key}.max_age", "wrong-type"),
        (f"{key}.enforce", "option-of-policy"),
        ("CORS_ORIGINS['*']", "origin-wildcard-credentials"),
    ])  # fmt: skip


def test_a_mark_is_checked_with_the_credentials_of_each_item() -> None:
    app = Flask(__name__)
    view = cross_origin(supports_credentials=True)(lambda: "x")
    app.add_url_rule("/x", "x", view)
    open_item = {"supports_credentials": False}
    cors = CORS(app, origins={"http://a.example": open_item, B: {}})
    cors.check()
    assert request(app, "/x", "GET", B) == (200, allowed(B, credentials="true"))
    plain = "http://a.example"
    assert request(app, "/x", "GET", plain) == (200, allowed(plain))


def test_enforce_refuses_cookies_of_an_origin_whose_item_has_no_credentials() -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "POST"])
    CORS(app, origins=RIGHTS, enforce="unsafe")
    client = app.test_client()
    client.set_cookie("session", "x")
    for origin, status in ((A, 200), (BELOW, 403), (EVIL, 403)):
        assert client.post("/x", headers={"Origin": origin}).status_code == status
        assert client.get("/x", headers={"Origin": origin}).status_code == 200


def test_what_was_given_can_be_changed_afterwards_without_effect() -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x")
    own: dict[str, Any] = {"max_age": 5}
    given: dict[str, Any] = {A: own}
    CORS(app, origins=given)
    own["max_age"], given[EVIL] = 600, {}
    assert preflight(app, "/x", "GET", A).cors["Access-Control-Max-Age"] == "5"
    assert request(app, "/x", "GET", EVIL) == Answer(200, {"Vary": "Origin"})


def test_a_changed_key_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x")
    app.config["CORS_ORIGINS"] = {A: {"methods": ["PUT"]}}
    cors = CORS(app)
    app.config["CORS_ORIGINS"][A]["methods"].append("DELETE")
    with pytest.raises(PolicyError, match="setting-changed"):
        cors.check()


def test_the_log_names_the_item_that_lacks_something(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x", methods=["PUT"])
    CORS(app, origins=RIGHTS, methods=["PUT"])
    with caplog.at_level(logging.WARNING):
        preflight(app, "/x", "DELETE", BELOW)
    (record,) = caplog.records
    assert (
        "Add 'DELETE' to methods for https://*.partner.example" in record.getMessage()
    )
    assert record.__dict__["cors_item"] == "https://*.partner.example"


def test_over_a_real_server_it_is_the_same() -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "PUT"])
    by_key(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        found = [
            (origin, *over_the_wire(server.server_port, origin, method))
            for origin in (A, BELOW, EVIL, None)
            for method in ("GET", "OPTIONS")
        ]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert found == [
        (A, 200, A, "true"),
        (A, 204, A, "true"),
        (BELOW, 200, BELOW, None),
        (BELOW, 204, BELOW, None),
        (EVIL, 200, "*", None),
        (EVIL, 204, "*", None),
        (None, 200, None, None),
        (None, 200, None, None),
    ]


def over_the_wire(
    port: int, origin: str | None, method: str
) -> tuple[int, str | None, str | None]:
    """Return the status, and who may read the answer, with credentials or without."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {} if origin is None else {"Origin": origin}
    connection.request(method, "/x", headers={**headers, ASKED: "PUT"})
    response = connection.getresponse()
    response.read()
    connection.close()
    assert "Origin" in str(response.getheader("Vary"))
    return (
        response.status,
        response.getheader("Access-Control-Allow-Origin"),
        response.getheader("Access-Control-Allow-Credentials"),
    )


def test_what_a_decorator_was_given_can_be_changed_afterwards_without_effect() -> None:
    """Its policy is built at the first request."""
    app = Flask(__name__)
    own: dict[str, Any] = {"max_age": 5, "methods": ["GET"]}
    given: dict[str, Any] = {A: own}
    listed: list[Any] = [(A, own)]
    app.add_url_rule("/x", "x", cross_origin(origins=given)(lambda: "x"))
    app.add_url_rule("/y", "y", cross_origin(origins=listed)(lambda: "y"))
    CORS(app, resources={})
    own["max_age"], given[EVIL] = 600, {}
    own["methods"].append("DELETE")
    listed.append(EVIL)
    for path in ("/x", "/y"):
        found = preflight(app, path, "GET", A).cors
        assert found["Access-Control-Max-Age"] == "5"
        assert found["Access-Control-Allow-Methods"] == "GET"
        assert request(app, path, "GET", EVIL) == Answer(200, {"Vary": "Origin"})


def test_beside_no_origins_at_all_only_these_are_missed() -> None:
    with pytest.raises(PolicyError) as caught:
        CORS(Flask(__name__), origins=[], resources={"/x": {"max_age": 5}})
    found = {problem.reason for problem in caught.value.problems}
    assert found == {"origins-empty"}
