"""Applications to be audited, as the source of their modules."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

Load = Callable[[str], Flask]
"""Returns the application of the source of its module, less ``HEAD``."""

HEAD = """
import re
import flask
from flask import Flask, Response, jsonify, request, session
from flask_cors_policy import CORS, cors_exempt, cross_origin

app = Flask(__name__, static_folder=None)
app.secret_key = "secret"
"""

CLEAN = """
    app.config["CORS_ORIGINS"] = ["https://app.example.com", "http://localhost:*"]
    app.config["CORS_ALLOW_HEADERS"] = ["Content-Type", "X-Tenant", "X-CSRFToken"]
    app.config["CORS_EXPOSE_HEADERS"] = ["X-Total", "ETag"]
    CORS(
        app,
        supports_credentials=True,
        max_age=86400,
        resources={"/*": {}, "/reports/*": {"methods": "PUT"}},
    )

    @app.get("/items")
    def items():
        tenant = request.headers.get("X-Tenant")
        agent = request.headers["User-Agent"]
        ours = {"X-Total": "7", "X-Frame-Options": "DENY", "Cache-Control": "no-store"}
        return jsonify(tenant), 200, ours

    @app.route("/items/<int:item>", methods=["PUT", "DELETE"])
    def item(item):
        address = request.headers.get("X-Forwarded-For")
        return {"item": item}

    @app.after_request
    def protect(response):
        response.headers["X-Frame-Options"] = "DENY"
        return response

    @app.get("/me")
    def me():
        return {"name": session.get("name")}

    @app.get("/reports/<name>")
    def report(name):
        return name

    @app.get("/news")
    @cross_origin(origins="*", supports_credentials=False, expose_headers=())
    def news():
        return []

    @app.post("/hook")
    @cors_exempt
    def hook():
        secret = request.headers["X-Secret"]
        return "", 204, {"Access-Control-Allow-Origin": "https://hooks.example"}
"""

# What is wrong -> the application, the place, and a word of the message.
CASES: dict[str, tuple[str, str, str, str]] = {
    "a setting that is no policy": (
        """
        CORS(app, origins="*")
        app.config["CORS_MAX_AGE"] = 60
        """,
        "policy-error",
        "CORS_MAX_AGE",
        "This was changed after CORS(app) had read it. [setting-changed]",
    ),
    "a mark behind a decorator that hides it": (
        """
        def hidden(view):
            return lambda: view()

        CORS(app, origins="*")
        app.add_url_rule("/x", "x", hidden(cross_origin(max_age=1)(lambda: "x")))
        """,
        "mark-without-effect",
        "@cross_origin on audited_shop_0.<lambda>",
        "A view leads to this mark, which has no effect on it.",
    ),
    "a blueprint that is not registered": (
        """
        blueprint = flask.Blueprint("shop", __name__)
        CORS(blueprint, origins="*")
        """,
        "mark-unused",
        "CORS(...) on blueprint 'shop'",
        "No view of any application leads to this mark.",
    ),
    "a playground": (
        'CORS(app, origins=["https://app.example.com", "https://fiddle.jshell.net"])',
        "origin-playground",
        "CORS(app): origins[1]",
        "Anyone can run a script on fiddle.jshell.net.",
    ),
    "all of a playground, with credentials": (
        """
        CORS(app, origins="https://*.codepen.io", supports_credentials=True)
        """,
        "origin-playground",
        "CORS(app): origins",
        "on codepen.io, with the cookies of your users.",
    ),
    "plain http": (
        'app.config["CORS_ORIGINS"] = "http://app.example.com"\nCORS(app)',
        "origin-insecure",
        "CORS_ORIGINS",
        "Anyone on the network can pose as http://app.example.com.",
    ),
    "the origin null": (
        """
        CORS(app, origins=["null"], accept_risks=["null-origin"])
        """,
        "null-allowed",
        "CORS(app): origins[0]",
        "Any site can make a page whose origin is null.",
    ),
    "a loose expression": (
        r"""
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            CORS(
                app,
                origins=[re.compile(r"https://[a-z]+\.example.com")],
                accept_risks="regex-origin",
            )
        """,
        "origin-regex-dot",
        "CORS(app): origins[0]",
        "A dot that is not escaped matches any character",
    ),
    "a public view that knows its users": (
        """
        CORS(app, origins="*")

        @app.get("/me")
        def me():
            return {"name": session.get("name")}
        """,
        "public-with-cookies",
        "GET /me",
        "The view reads cookies, but its policy allows every origin",
    ),
    "a view that sets the header itself": (
        """
        CORS(app, origins="https://app.example.com")

        @app.get("/x")
        def x():
            response = jsonify([])
            response.headers["access-control-allow-origin"] = "*"
            return response
        """,
        "removed-header",
        "GET /x",
        "The view sets access-control-allow-origin itself; its policy",
    ),
    "a hook that sets the header itself": (
        """
        CORS(app, origins="https://app.example.com")

        @app.after_request
        def allow(response):
            response.access_control_allow_origin = "*"
            return response
        """,
        "removed-header",
        "after_request",
        "runs with every request sets Access-Control-Allow-Origin",
    ),
    "a path rule without routes": (
        """
        CORS(app, origins="*", resources=["/Items/*", "/items/*"])
        app.add_url_rule("/items/<int:item>", "item", lambda item: "x")
        """,
        "path-rule-unreachable",
        "resources '/Items/*'",
        "No route of the application matches this path rule.",
    ),
    "a header that no page may send": (
        """
        CORS(app, origins="https://app.example.com", allow_headers="Content-Type")

        @app.get("/x")
        def x():
            return request.headers["X-Version"]
        """,
        "header-not-allowed",
        "GET /x",
        "The view reads X-Version, which its policy (the application) does not let",
    ),
    "a header that nothing reads": (
        """
        app.config.update({"CORS_ALLOW_HEADERS": ["X-Old", "Content-Type"]})
        CORS(app, origins="https://app.example.com")
        """,
        "header-not-read",
        "CORS_ALLOW_HEADERS",
        "Nothing in the application reads X-Old.",
    ),
    "a header that no page may read": (
        """
        CORS(app, origins="https://app.example.com", expose_headers="X-A")

        @app.get("/x")
        def x():
            return "x", {"X-Total": "7", "X-A": "1"}
        """,
        "header-not-exposed",
        "GET /x",
        "The view sets X-Total, which its policy (the application) does not let pages "
        "read.",
    ),
    "a header that nothing sets": (
        """
        CORS(app, origins="https://app.example.com", expose_headers=["X-Old", "ETag"])
        """,
        "header-not-set",
        "CORS(app): expose_headers",
        "Nothing in the application sets X-Old.",
    ),
    "an answer kept for a month": (
        """
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            CORS(app, origins="*", max_age=2592000)
        """,
        "max-age-beyond-browsers",
        "CORS(app): max_age",
        "No browser keeps an answer for 2592000 s; the limits are: Chromium 7200 s, "
        "Firefox 86400 s, WebKitGTK 600 s, WPE WebKit 600 s.",
    ),
}
