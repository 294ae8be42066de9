"""``cors.reconfigure``: other policies for an application that is being served."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, stream_with_context

from flask_cors_policy import CORS, Policy, PolicyError, PolicyWarning, cross_origin
from tests.threads import in_threads

from .helpers import (
    EVIL,
    MISS,
    NOTHING,
    A,
    B,
    C,
    allowed,
    ok,
    preflight,
    problems,
    request,
)


def make(**options: Any) -> tuple[Flask, CORS]:
    """Return an application with marked and unmarked routes, and its extension."""
    app = Flask(__name__)
    cors = CORS(app, **options)
    app.add_url_rule("/", view_func=ok, methods=["GET", "PUT"])
    app.add_url_rule("/api/x", "api", ok)

    @app.route("/marked")
    @cross_origin(expose_headers="X-Marked")
    def marked() -> str:
        return "ok"

    return app, cors


@pytest.mark.parametrize("served", [False, True])
def test_changes_govern_the_next_request_and_the_rest_stays(served: bool) -> None:
    app, cors = make(origins=A, supports_credentials=True)
    if served:
        assert request(app, "/") == (200, allowed(A, credentials="true"))

    cors.reconfigure(origins=[B])

    assert request(app, "/") == (200, MISS)
    assert request(app, "/", origin=B) == (200, allowed(B, credentials="true"))
    assert preflight(app, "/", "PUT", A) == (403, MISS)
    assert preflight(app, "/", "PUT", B).cors == allowed(
        B, credentials="true", methods="GET, HEAD, OPTIONS, PUT"
    )


def test_views_inherit_from_the_new_policies() -> None:
    app, cors = make(origins=A)
    assert request(app, "/marked") == (200, allowed(A, expose="X-Marked"))

    cors.reconfigure(origins=B, timing_allow_origin=True)

    found = request(app, "/marked", origin=B)
    assert found == (200, allowed(B, expose="X-Marked", timing=B))
    assert request(app, "/marked") == (200, MISS)


def test_ready_policy_takes_the_place_of_every_option_and_path_rule() -> None:
    app, cors = make(origins=A, supports_credentials=True, resources=["/api/*"])
    assert request(app, "/") == (200, NOTHING)

    cors.reconfigure(Policy(origins=B))

    assert request(app, "/api/x", origin=B) == (200, allowed(B))
    assert request(app, "/", origin=B) == (200, allowed(B))
    cors.reconfigure(Policy(origins=C), resources="/", max_age=5)
    assert request(app, "/api/x", origin=C) == (200, NOTHING)
    assert preflight(app, "/", "PUT", C).cors == allowed(
        C, max_age="5", methods="GET, HEAD, OPTIONS, PUT"
    )


def test_path_rules_may_come_and_go_as_they_do_in_the_middleware() -> None:
    app, cors = make(origins=A)
    cors.reconfigure({"/api/*": Policy(origins=B)})
    assert request(app, "/api/x", origin=B) == (200, allowed(B))
    assert request(app, "/", origin=A) == (200, NOTHING)
    cors.reconfigure(Policy(origins=C))
    assert request(app, "/", origin=C) == (200, allowed(C))
    cors.reconfigure(max_age=5)
    assert request(app, "/api/x", origin=C) == (200, allowed(C))


def test_named_policies_and_path_rules_can_be_changed() -> None:
    app, cors = make(origins=A, resources={"/api/*": "partners"}, policies={
        "partners": {"origins": B},
    })  # fmt: skip
    assert request(app, "/api/x", origin=B) == (200, allowed(B))
    cors.reconfigure(policies={"partners": {"origins": C}})
    assert request(app, "/api/x", origin=B) == (200, MISS)
    assert request(app, "/api/x", origin=C) == (200, allowed(C))


def test_config_is_read_anew() -> None:
    app = Flask(__name__)
    app.config["CORS_ORIGINS"] = A
    cors = CORS(app)
    app.add_url_rule("/", view_func=ok)
    assert request(app, "/") == (200, allowed(A))

    app.config["CORS_ORIGINS"] = B
    assert request(app, "/") == (200, allowed(A))
    cors.reconfigure()

    assert request(app, "/", origin=B) == (200, allowed(B))
    assert request(app, "/") == (200, MISS)


def test_iterator_given_as_origins_is_there_for_the_next_time() -> None:
    app, cors = make(origins=(origin for origin in (A, B)))
    cors.reconfigure(max_age=5)
    assert request(app, "/", origin=B) == (200, allowed(B))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"origins": "a.example"}, [
            ("reconfigure: origins", "origin-scheme-missing"),
        ]),
        ({"orgins": A, "max_age": -1}, [
            ("reconfigure: orgins", "unknown-option"),
            ("reconfigure: max_age", "out-of-range"),
        ]),
        ({"origins": "*"}, [
            ("reconfigure: origins", "origin-wildcard-credentials"),
        ]),
        ({"expose_headers": "*"}, [
            ("reconfigure: expose_headers", "expose-wildcard-credentials"),
        ]),
    ],
)  # fmt: skip
def test_mistake_is_reported_and_nothing_changes(
    changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    app, cors = make(origins=A, supports_credentials=True)
    before = request(app, "/marked")

    assert problems(lambda: cors.reconfigure(**changes)) == expected

    assert request(app, "/marked") == before
    assert request(app, "/") == (200, allowed(A, credentials="true"))
    cors.reconfigure(max_age=5)  # What was refused is not remembered either.


def test_mistake_in_what_a_view_inherits_is_found_before_anything_changes() -> None:
    app, cors = make(origins=A)

    @app.route("/credentials")
    @cross_origin(supports_credentials=True)
    def view() -> str:
        return "ok"

    found = problems(lambda: cors.reconfigure(origins="*"))
    assert found == [("reconfigure: origins", "origin-wildcard-credentials")]
    assert request(app, "/") == (200, allowed(A))


def test_caution_warns_at_the_line_that_reconfigured() -> None:
    _, cors = make(origins=A)
    with pytest.warns(PolicyWarning, match="reconfigure: max_age") as caught:
        cors.reconfigure(max_age=10**6)
    assert [item.filename for item in caught] == [__file__]


@pytest.mark.parametrize(
    "make_extension",
    [
        lambda: CORS(origins=A),
        lambda: CORS(Blueprint("area", __name__), origins=A),
    ],
    ids=["no application", "a blueprint"],
)
def test_there_must_be_an_application(make_extension: Callable[[], CORS]) -> None:
    with pytest.raises(RuntimeError, match="no application to reconfigure"):
        make_extension().reconfigure(origins=B)


def test_every_application_of_the_extension_changes_or_none() -> None:
    cors = CORS(origins=A)
    apps = [Flask("one"), Flask("two")]
    for app in apps:
        cors.init_app(app)
        app.add_url_rule("/", view_func=ok)
    apps[1].config["CORS_MAX_AGE"] = "long"
    with pytest.raises(PolicyError):
        cors.reconfigure(origins=B)
    assert request(apps[0], "/") == (200, allowed(A))
    apps[1].config["CORS_MAX_AGE"] = 5
    cors.reconfigure(origins=B)
    for app in apps:
        assert request(app, "/", origin=B) == (200, allowed(B))


def test_extension_does_not_keep_an_application_alive() -> None:
    cors = CORS(origins=A)
    app = Flask(__name__)
    cors.init_app(app)
    gone = weakref.ref(app)
    del app
    gc.collect()
    assert gone() is None
    with pytest.raises(RuntimeError):
        cors.reconfigure(origins=B)


# A request under way


def test_request_keeps_the_policies_it_began_with() -> None:
    app, cors = make(origins=A, enforce=True)

    @app.route("/swap")
    def swap() -> str:
        cors.reconfigure(origins=B)
        return "ok"

    assert request(app, "/swap") == (200, allowed(A))
    assert request(app, "/swap") == (403, MISS)


def test_error_and_stream_keep_the_policies_they_began_with() -> None:
    app, cors = make(origins=A)

    @app.route("/fail")
    def fail() -> str:
        cors.reconfigure(origins=B)
        raise LookupError

    @app.route("/stream")
    @cross_origin(expose_headers="X")
    def stream() -> Response:
        def parts() -> Any:
            cors.reconfigure(origins=A)
            yield "one"

        return Response(stream_with_context(parts()))

    assert request(app, "/fail") == (500, allowed(A))
    assert request(app, "/stream", origin=B) == (200, allowed(B, expose="X"))
    assert request(app, "/stream", origin=EVIL) == (200, MISS)


def test_no_response_mixes_two_policies_while_threads_swap_them() -> None:
    app, cors = make(origins=A)
    of_first = (200, allowed(A, credentials="true"))
    of_second = (200, allowed(B, expose="X-B"))
    seen: set[str] = set()
    request(app, "/")

    def work(number: int) -> None:
        for turn in range(15):
            if (turn + number) % 2:
                cors.reconfigure(Policy(origins=A, supports_credentials=True))
            else:
                cors.reconfigure(Policy(origins=B, expose_headers="X-B"))
            for origin, own in ((A, of_first), (B, of_second)):
                found = request(app, "/", origin=origin)
                assert found in (own, (200, MISS))
                seen.add(f"{origin} {found}")

    cors.reconfigure(Policy(origins=A, supports_credentials=True))
    in_threads(4, work)
    assert len(seen) == 4
