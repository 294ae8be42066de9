"""``@cross_origin`` and ``@cors_exempt``: marks on views of every kind."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar, TypeVar
from unittest.mock import Mock

import flask
import pytest
from flask import Flask, Response
from flask.views import MethodView, View

from flask_cors_policy import CORS, Policy, cors_exempt, cross_origin

from .helpers import (
    EVIL,
    MISS,
    NOTHING,
    A,
    B,
    C,
    allowed,
    first_request,
    preflight,
    problems,
    request,
)

F = TypeVar("F", bound=Callable[..., Any])
HERE = "tests.flask.test_decorators"


def make_app(**options: Any) -> Flask:
    app = Flask(__name__, static_folder=None)
    options.setdefault("origins", C)
    CORS(app, **options)
    return app


def copying(view: F) -> F:
    """Decorate as most do: with functools.wraps."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return wrapper  # type: ignore[return-value]


def hiding(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate as some do: without it."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    wrapper.__name__ = view.__name__
    return wrapper


# In any order


def below_the_route(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def above_the_route(app: Flask) -> None:
    @cross_origin(origins=A)
    @app.route("/x", methods=["GET", "PUT"])
    def view() -> str:
        return "x"


def below_a_copying_decorator(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @copying
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def above_a_copying_decorator(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    @copying
    def view() -> str:
        return "x"


def above_a_hiding_decorator(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    @hiding
    def view() -> str:
        return "x"


def after_registration(app: Flask) -> None:
    def view() -> str:
        return "x"

    app.add_url_rule("/x", view_func=view, methods=["GET", "PUT"])
    cross_origin(origins=A)(view)


def on_an_async_view(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    async def view() -> str:
        return "x"


def on_a_generator_s_view(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    def view() -> Iterator[str]:
        yield "x"


def on_a_partial(app: Flask) -> None:
    def view(word: str) -> str:
        return word

    partial = functools.partial(view, "x")
    cross_origin(origins=A)(partial)
    app.add_url_rule("/x", "x", partial, methods=["GET", "PUT"])


def on_a_callable_object(app: Flask) -> None:
    @cross_origin(origins=A)
    class Callable_:
        def __call__(self) -> str:
            return "x"

    app.add_url_rule("/x", "x", Callable_(), methods=["GET", "PUT"])


def on_the_function_of_a_bound_method(app: Flask) -> None:
    class Views:
        @cross_origin(origins=A)
        def view(self) -> str:
            return "x"

    app.add_url_rule("/x", "x", Views().view, methods=["GET", "PUT"])


def on_a_view_class(app: Flask) -> None:
    @cross_origin(origins=A)
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def on_a_view_class_after_as_view(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))
    cross_origin(origins=A)(Page)


def on_dispatch_request(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]

        @cross_origin(origins=A)
        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def in_the_decorators_of_a_class(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]
        decorators: ClassVar = [copying, cross_origin(origins=A), copying]

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))
    app.add_url_rule("/y", view_func=Page.as_view("another"))


def on_what_as_view_returns(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]
        init_every_request = False

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=cross_origin(origins=A)(Page.as_view("page")))


def inherited_from_a_base_class(app: Flask) -> None:
    @cross_origin(origins=A)
    class Base(View):
        methods: ClassVar = ["GET", "PUT"]

    class Page(Base):
        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def nearer_than_that_of_a_base_class(app: Flask) -> None:
    @cross_origin(origins=B)
    class Base(View):
        methods: ClassVar = ["GET", "PUT"]

    @cross_origin(origins=A)
    class Page(Base):
        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def in_method_decorators(app: Flask) -> None:
    """As Flask-RESTful and Flask-RESTX have them."""

    class Resource(MethodView):
        method_decorators: ClassVar = [copying, cross_origin(origins=A)]

        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Resource.as_view("resource"))


@pytest.mark.parametrize(
    "register",
    [
        below_the_route,
        above_the_route,
        below_a_copying_decorator,
        above_a_copying_decorator,
        above_a_hiding_decorator,
        after_registration,
        on_an_async_view,
        on_a_generator_s_view,
        on_a_partial,
        on_a_callable_object,
        on_the_function_of_a_bound_method,
        on_a_view_class,
        on_a_view_class_after_as_view,
        on_dispatch_request,
        in_the_decorators_of_a_class,
        on_what_as_view_returns,
        inherited_from_a_base_class,
        nearer_than_that_of_a_base_class,
        in_method_decorators,
    ],
)
def test_p9_p10_p11_a_mark_takes_effect_wherever_it_stands(
    register: Callable[[Flask], None],
) -> None:
    app = make_app()
    register(app)
    for origin, headers in [(A, allowed(A)), (EVIL, MISS), (C, MISS), (None, MISS)]:
        assert request(app, "/x", "GET", origin) == (200, headers)
    status, headers = preflight(app, "/x", "PUT", A)
    methods = set(headers.pop("Access-Control-Allow-Methods").split(", "))
    assert (status, headers) == (204, allowed(A))
    assert methods | {"OPTIONS"} == {"GET", "HEAD", "PUT", "OPTIONS"}
    assert preflight(app, "/x", "PUT", C) == (403, MISS)


def test_a_decorator_returns_the_very_object_it_was_given() -> None:
    def function() -> None: ...

    async def coroutine() -> AsyncIterator[None]:
        yield

    class Page(View): ...

    for target in (function, coroutine, Page, functools.partial(function)):
        assert cross_origin(origins=A)(target) is target


def test_so_do_the_decorator_without_brackets_and_the_exemption() -> None:
    def view() -> None: ...

    def exempt() -> None: ...

    assert cross_origin(view) is view
    assert cors_exempt(exempt) is exempt


def test_a_decorator_without_arguments_or_brackets_inherits_everything() -> None:
    app = make_app(max_age=4)

    @app.route("/x")
    @cross_origin
    def x() -> str:
        return "x"

    @app.route("/y")
    @cross_origin()
    def y() -> str:
        return "y"

    for path in ("/x", "/y"):
        assert preflight(app, path, "GET", C) == (
            204,
            allowed(C, methods="GET, HEAD, OPTIONS", max_age="4"),
        )


def test_a_ready_policy_and_options_beside_it() -> None:
    app = make_app(max_age=4)

    @app.route("/x", methods=["PUT"])
    @cross_origin(Policy(origins=A, allow_headers="X-One"), expose_headers="X-Two")
    def x() -> str:
        return "x"

    assert preflight(app, "/x", "PUT", A) == (
        204,
        allowed(A, methods="OPTIONS, PUT", headers="X-One"),
    )
    assert request(app, "/x", "PUT", A) == (200, allowed(A, expose="X-Two"))


# Inheritance


def test_the_nearest_policy_wins_and_inherits_from_all_around_it() -> None:
    app = make_app(
        max_age=1, expose_headers="X-App", resources={"/x": {"max_age": 2}, "/*": {}}
    )

    @cross_origin(origins=[A, B], max_age=3)
    class Item(MethodView):
        decorators: ClassVar = [cross_origin(allow_headers="X-View")]

        @cross_origin(origins=B)
        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))
    assert preflight(app, "/x", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD", headers="X-View", max_age="3"),
    )
    assert preflight(app, "/x", "PUT", A) == (
        204,
        allowed(A, methods="OPTIONS, PUT", headers="X-View", max_age="3"),
    )
    assert request(app, "/x", "PUT", A) == (200, allowed(A, expose="X-App"))
    assert request(app, "/x", "GET", A) == (200, MISS)


def test_a_method_decorator_may_be_for_one_method_only() -> None:
    app = make_app()

    class Resource(MethodView):
        method_decorators: ClassVar = {"get": [cross_origin(origins=A)]}

        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Resource.as_view("resource"))
    assert request(app, "/x", "GET", A) == (200, allowed(A))
    assert request(app, "/x", "PUT", A) == (200, MISS)
    assert request(app, "/x", "PUT", C) == (200, allowed(C))


def test_an_invalid_combination_names_both_places() -> None:
    app = make_app(origins="*")

    @app.route("/x")
    @cross_origin(supports_credentials=True)
    def x() -> str:
        return "x"

    with pytest.raises(ValueError, match="problem") as caught:
        request(app, "/")
    text = str(caught.value)
    assert "CORS(app): origins = '*'" in text
    place = test_an_invalid_combination_names_both_places.__name__
    assert f"@cross_origin on {HERE}.{place}.<locals>.x: supports_credentials" in text


def test_a_view_that_a_class_was_made_into_goes_by_its_endpoint() -> None:
    class Page(View):
        decorators: ClassVar = [cross_origin("unknown")]

    app = make_app()
    app.add_url_rule("/x", view_func=Page.as_view("my_page"))
    assert problems(first_request(app)) == [
        (f"@cross_origin on {HERE}.my_page", "unknown-policy")
    ]


def test_every_mistake_of_every_view_is_reported_at_once() -> None:
    app = make_app(origins=A)
    app.config["CORS_POLICIES"] = {}

    def x() -> str:
        return "x"

    app.add_url_rule("/x", "x", cross_origin("partner")(x))
    app.add_url_rule("/y", "y", cross_origin("*.y")(lambda: "y"))
    app.add_url_rule("/z", "z", hiding(cross_origin(origins=A)(lambda: "z")))
    assert sorted(reason for _, reason in problems(first_request(app))) == [
        "mark-without-effect",
        "setting-changed",
        "unknown-policy",
        "unknown-policy",
    ]


def test_an_unknown_named_policy_gets_a_did_you_mean() -> None:
    app = make_app(policies={"partners": {"origins": A}})
    app.add_url_rule("/x", "x", cross_origin("partner")(lambda: "x"))
    with pytest.raises(ValueError, match='Did you mean "partners"\\?'):
        request(app, "/")


def test_a_view_without_origins_anywhere_is_named() -> None:
    app = make_app(resources={"/other": {"origins": A}})
    app.add_url_rule("/other", "other", lambda: "x")
    no_origins = Flask(__name__)
    CORS(no_origins, resources={})

    @no_origins.route("/x")
    @cross_origin()
    def view() -> str:
        return "x"

    ((setting, reason),) = problems(first_request(no_origins))
    assert setting.endswith(".view: origins")
    assert reason == "origins-required"


# Mistakes at the decorator


def test_an_option_that_is_wrong_by_itself_stops_the_import() -> None:
    def view() -> None: ...

    place = f"@cross_origin on {HERE}.{view.__qualname__}"
    options: dict[str, Any] = {"origin": A, "max_age": "600", "always_send": True}
    assert sorted(problems(lambda: cross_origin(**options)(view))) == [
        (f"{place}: always_send", "unknown-option"),
        (f"{place}: max_age", "wrong-type"),
        (f"{place}: origin", "unknown-option"),
    ]


@pytest.mark.parametrize("outer", [cross_origin(origins=A), cors_exempt])
@pytest.mark.parametrize("between", [lambda view: view, copying])
def test_two_marks_on_one_view_are_refused(outer: Any, between: Any) -> None:
    def view() -> None: ...

    inner = between(cross_origin(origins=B)(view))
    assert [reason for _, reason in problems(lambda: outer(inner))] == ["marked-twice"]


def test_one_decorator_may_mark_many_views() -> None:
    strict = cross_origin(origins=A)
    app = make_app()
    app.add_url_rule("/x", "x", strict(lambda: "x"))
    app.add_url_rule("/y", "y", strict(lambda: "y"))
    assert request(app, "/x") == request(app, "/y") == (200, allowed(A))


def test_what_cannot_be_marked_is_refused() -> None:
    class Views:
        def view(self) -> None: ...

    for target in (Views().view, len):
        with pytest.raises(TypeError, match="this object cannot be marked"):
            cross_origin(origins=A)(target)
    number: Any = 7
    with pytest.raises(TypeError, match="takes the name of a policy, not 7"):
        cross_origin(number)


def test_within_a_request_what_cannot_be_marked_is_passed_on() -> None:
    """Flask-RESTful applies its method_decorators to bound methods, at each request."""
    app = make_app()

    class Resource(View):
        method_decorators: ClassVar = [cross_origin(origins=A)]

        @cross_origin(origins=B)
        def dispatch_request(self) -> Any:
            method: Callable[[], str] = self.get
            for decorator in self.method_decorators:
                method = decorator(method)
            return method()

        def get(self) -> str:
            return flask.request.path

    app.add_url_rule("/x", view_func=Resource.as_view("resource"))
    assert request(app, "/x", "GET", A) == (200, allowed(A))


# Marks in vain


def hidden_by_a_decorator(app: Flask) -> None:
    @app.route("/x")
    @hiding
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def hidden_by_two_decorators(app: Flask) -> None:
    @app.route("/x")
    @copying
    @hiding
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def hidden_in_a_partial(app: Flask) -> None:
    @cross_origin(origins=A)
    def view(word: str) -> str:
        return word

    app.add_url_rule("/x", "x", functools.partial(view, "x"))


def hidden_by_a_decorator_on_a_method(app: Flask) -> None:
    class Item(MethodView):
        @hiding
        @cross_origin(origins=A)
        def get(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))


def on_a_method_that_serves_nothing(app: Flask) -> None:
    class Item(MethodView):
        def get(self) -> str:
            return self.helper()

        @cross_origin(origins=A)
        def helper(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))


def exempt_and_hidden(app: Flask) -> None:
    @app.route("/x")
    @hiding
    @cors_exempt
    def view() -> str:
        return "x"


@pytest.mark.parametrize(
    "register",
    [
        hidden_by_a_decorator,
        hidden_by_two_decorators,
        hidden_in_a_partial,
        hidden_by_a_decorator_on_a_method,
        on_a_method_that_serves_nothing,
        exempt_and_hidden,
    ],
)
def test_a_mark_that_can_never_take_effect_is_reported(
    register: Callable[[Flask], None],
) -> None:
    app = make_app()
    register(app)
    ((setting, reason),) = problems(first_request(app))
    assert register.__name__ in setting
    assert reason == "mark-without-effect"


def test_a_view_that_refers_to_another_view_hides_nothing() -> None:
    app = make_app()

    @app.route("/x")
    @cross_origin(origins=A)
    def x() -> str:
        return "x"

    @app.route("/y")
    def y() -> str:
        return x()

    assert request(app, "/y", origin=C) == (200, allowed(C))


def test_a_closure_that_is_not_filled_yet_is_no_error() -> None:
    app = make_app()

    @app.route("/x")
    @cross_origin(origins=A)
    def x() -> str:
        return later()

    assert request(app, "/x", "PUT", C) == (405, allowed(C))

    def later() -> str:
        return "later"

    assert request(app, "/x") == (200, allowed(A))


def test_a_view_may_be_any_object_at_all() -> None:
    app = make_app()
    view = Mock(return_value="x", spec=["__call__", "view_class"])
    app.add_url_rule("/x", "x", view)
    app.add_url_rule("/y", "y", cross_origin(origins=A)(lambda: "y"))
    assert request(app, "/x", origin=C) == (200, allowed(C))


def test_wrappers_are_looked_through_only_so_deep() -> None:
    app = make_app()
    view: Callable[..., Any] = cross_origin(origins=A)(lambda: "x")
    for _ in range(20):
        view = hiding(view)
    app.add_url_rule("/x", "x", view)
    assert request(app, "/x", origin=C) == (200, allowed(C))


# Exempt


def test_an_exempt_view_is_left_alone_in_every_respect() -> None:
    app = make_app()

    @app.route("/x", methods=["GET", "OPTIONS"])
    @cors_exempt
    def x() -> Response:
        headers = {"Access-Control-Allow-Origin": "own", "Vary": "Own"}
        return Response("x", headers=headers)

    own = {"Access-Control-Allow-Origin": "own", "Vary": "Own"}
    assert request(app, "/x", origin=C) == (200, own)
    assert preflight(app, "/x", "GET", C) == (200, own)


def test_one_method_of_a_class_may_be_exempt_or_the_only_one_governed() -> None:
    app = make_app()

    @cors_exempt
    class Item(MethodView):
        def get(self) -> str:
            return "x"

        @cross_origin(origins=A)
        def put(self) -> str:
            return "x"

    class Other(MethodView):
        @cors_exempt
        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))
    app.add_url_rule("/y", view_func=Other.as_view("other"))
    assert request(app, "/x", "GET", C) == (200, NOTHING)
    assert preflight(app, "/x", "PUT", A) == (204, allowed(A, methods="PUT"))
    assert request(app, "/y", "GET", C) == (200, NOTHING)
    assert preflight(app, "/y", "PUT", C) == (
        204,
        allowed(C, methods="OPTIONS, PUT"),
    )


def test_enforcement_is_a_matter_of_each_route() -> None:
    app = make_app()
    served: list[str] = []

    @app.route("/strict", methods=["POST"])
    @cross_origin(origins=A, enforce=True)
    def strict() -> str:
        served.append("strict")
        return "x"

    @app.route("/lax", methods=["POST"])
    def lax() -> str:
        served.append("lax")
        return "x"

    own = "http://localhost"
    same_site = {"Sec-Fetch-Site": "same-site"}
    assert request(app, "/strict", "POST", EVIL) == (403, MISS)
    assert request(app, "/strict", "POST", own, same_site) == (403, MISS)
    assert served == []
    assert request(app, "/lax", "POST", EVIL) == (200, MISS)
    assert request(app, "/strict", "POST", A) == (200, allowed(A))
    assert request(app, "/strict", "POST", own) == (200, MISS)
    assert request(app, "/strict", "POST", None) == (200, MISS)
    assert served == ["lax", "strict", "strict", "strict"]
    # A missing slash or a wrong method does not lead around it.
    assert request(app, "/strict", "PUT", EVIL) == (405, MISS)


def test_enforcement_covers_websocket_upgrades() -> None:
    app = make_app(enforce=True, origins=A)
    app.add_url_rule("/ws", "ws", lambda: "x", websocket=True)
    app.add_url_rule("/own", "own", cors_exempt(lambda: "x"))
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert request(app, "/ws", origin=EVIL, headers=upgrade) == (403, MISS)
    assert request(app, "/ws", origin=A, headers=upgrade) == (200, NOTHING)
    assert request(app, "/own", origin=EVIL) == (200, NOTHING)
