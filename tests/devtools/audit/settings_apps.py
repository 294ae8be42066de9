"""Applications whose settings do not fit what their views need, and sound ones."""

from __future__ import annotations

from .other_apps import Case

SETTINGS: dict[str, Case] = {
    "JSON that no page may send": (
        """
        CORS(app, origins="https://app.example.com", allow_headers="X-Token")

        @app.post("/items")
        def add():
            return request.get_json()["name"], request.headers["X-Token"]
        """,
        "header-not-allowed",
        "POST /items",
        "The view reads JSON, and its policy (the application) does not let",
        4,
    ),
    "a token that no page may send": (
        """
        CORS(app, origins="https://app.example.com", allow_headers="Content-Type")

        @app.get("/items")
        def items():
            return str(request.authorization)
        """,
        "header-not-allowed",
        "GET /items",
        "The view reads Authorization",
        4,
    ),
    "a session without credentials": (
        """
        CORS(app, origins="https://app.example.com")

        @app.get("/me")
        def me():
            return session["name"]
        """,
        "credentials-not-allowed",
        "GET /me",
        "does not let pages of other origins send any",
        4,
    ),
    "a method that the list leaves out": (
        """
        CORS(app, origins="https://app.example.com", methods=["PUT"])

        @app.route("/items", methods=["PUT", "DELETE"])
        def items():
            return ""
        """,
        "method-not-allowed",
        "DELETE, PUT /items",
        "lists methods, and not DELETE",
        4,
    ),
    "a session cookie that is not Secure": (
        """
        app.config["SESSION_COOKIE_SAMESITE"] = "None"
        CORS(app, origins="https://app.example.com", supports_credentials=True)
        """,
        "cookie-not-stored",
        "SESSION_COOKIE_SECURE",
        "browsers want such cookies Secure",
        2,
    ),
    "a __Secure- cookie that is not Secure": (
        """
        app.config["SESSION_COOKIE_NAME"] = "__Secure-session"
        CORS(app, origins="https://app.example.com", supports_credentials=True)
        """,
        "cookie-not-stored",
        "SESSION_COOKIE_SECURE",
        "by its name (__Secure-session) the cookie must be Secure",
        2,
    ),
    "a __Host- cookie with a domain": (
        """
        app.config["SESSION_COOKIE_NAME"] = "__Host-session"
        app.config["SESSION_COOKIE_SECURE"] = True
        app.config["SESSION_COOKIE_DOMAIN"] = "example.com"
        CORS(app, origins="https://app.example.com", supports_credentials=True)
        """,
        "cookie-not-stored",
        "SESSION_COOKIE_DOMAIN",
        "the cookie must have no Domain",
        4,
    ),
    "a path rule for one of two spellings": (
        """
        CORS(app, origins="https://app.example.com", resources=["/items"])
        app.add_url_rule("/items", "items", lambda: "", strict_slashes=False)
        """,
        "path-rule-partial",
        "resources '/items'",
        "The route /items is served at /items/ as well",
        2,
    ),
    "middleware around the policy": (
        """
        CORS(app, origins="https://app.example.com")
        app.wsgi_app = (lambda inner: lambda *rest: inner(*rest))(app.wsgi_app)
        """,
        "changed-in-front",
        "app.wsgi_app: <lambda>",
        "its own answers have no CORS headers",
        3,
    ),
    "posts with cookies that any form can send": (
        """
        CORS(app, origins="https://app.example.com", supports_credentials=True)

        @app.post("/name")
        def name():
            session["name"] = request.form["name"]
            return ""

        @app.put("/name")
        def put():
            session["name"] = request.form["name"]
            return ""
        """,
        "request-forged",
        "CORS(app): supports_credentials",
        "A form on any site can post to views that use cookies: POST /name.",
        2,
    ),
    "a converter that looks at the session": (
        """
        from werkzeug.routing import BaseConverter

        CORS(app, origins="https://app.example.com")

        class Mine(BaseConverter):
            def to_python(self, value):
                return session["id"] + value

        app.url_map.converters["mine"] = Mine
        app.add_url_rule("/<mine:item>", "item", lambda item: item)
        """,
        "converter-reads-request",
        "converter 'mine'",
        "Mine.to_python looks at the request.",
        7,
    ),
    "a decorator that another one hides": (
        """
        CORS(app, origins="*")

        def hidden(view):
            return lambda: view()

        @app.get("/me")
        @hidden
        @cross_origin(max_age=5)
        def me():
            return ""
        """,
        "mark-without-effect",
        "@cross_origin on audited_shop_0.me",
        "A view leads to this mark, which has no effect on it.",
        9,
    ),
    "a decorator that clashes": (
        """
        CORS(app, origins="*")

        @app.get("/me")
        @cross_origin(
            max_age=5,
            supports_credentials=True,
        )
        def me():
            return ""
        """,
        "policy-error",
        "@cross_origin on audited_shop_0.me: supports_credentials",
        "",
        7,
    ),
}

SILENT: dict[str, str] = {
    "Flask-CORS for everybody": """
        import flask_cors
        flask_cors.CORS(app)
        """,
    "Flask-CORS with a list": """
        import flask_cors
        flask_cors.CORS(app, origins="https://a.example", supports_credentials=True)
        """,
    "Flask-CORS with a whole expression": r"""
        import flask_cors
        flask_cors.CORS(app, origins=r"https://[a-z]+\.example\.com$")
        """,
    "a list that is compared by hand": """
        ALLOWED = {"https://app.example.com"}

        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin")
            if origin in ALLOWED:
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Allow-Credentials"] = "true"
                response.vary.add("Origin")
            return response
        """,
    "a whole expression by hand": r"""
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if re.fullmatch(r"https://[a-z]+\.example\.com", origin):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "whole labels by hand": """
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if origin.endswith(".example.com"):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "a function that decides": """
        def known(origin):
            return origin == "https://app.example.com"

        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if known(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "files that answer conditional requests": """
        CORS(app, origins="https://app.example.com", allow_headers="If-None-Match")

        @app.get("/file")
        def file():
            return flask.send_file("x", conditional=True)
        """,
    "a response that is made conditional": """
        CORS(app, origins="https://app.example.com", allow_headers="If-None-Match")

        @app.get("/file")
        def file():
            response = jsonify([])
            return response.make_conditional(request)
        """,
    "JSON, and Content-Type allowed": """
        CORS(app, origins="https://app.example.com", allow_headers="Content-Type")

        @app.post("/items")
        def add():
            return request.json["name"]
        """,
    "JSON of any type": """
        CORS(app, origins="https://app.example.com", allow_headers="X-A")

        @app.post("/items")
        def add():
            return request.get_json(force=True)["name"], request.headers["X-A"]
        """,
    "a slash that Flask redirects to": """
        CORS(app, origins="https://app.example.com", resources=["/items/"])
        app.add_url_rule("/items/", "items", lambda: "")
        """,
    "a converter of text": """
        from werkzeug.routing import BaseConverter

        CORS(app, origins="https://app.example.com")

        class Mine(BaseConverter):
            def to_python(self, value):
                return value.upper()

        app.url_map.converters["mine"] = Mine
        app.add_url_rule("/<mine:item>", "item", lambda item: item)
        """,
}

FORGEABLE = """
        CORS(app, origins="https://app.example.com", supports_credentials=True)

        @app.post("/name")
        def name():
            session["name"] = request.form["name"]
            return ""
        """

# Why a form of another site changes nothing -> what is replaced, and by what.
DEFENDED: dict[str, tuple[str, str]] = {
    "enforce": (
        "supports_credentials=True",
        'supports_credentials=True, enforce="unsafe"',
    ),
    "a decision about one view": (
        "def name",
        "@cross_origin(enforce=False)\n        def name",
    ),
    "a key of the configuration": (
        "CORS(",
        'app.config["CORS_ENFORCE"] = False\n        CORS(',
    ),
    "no credentials": ("supports_credentials=True", 'methods="POST"'),
    "no cookies": ('session["name"] = ', ""),
    "a preflight": ("app.post(", "app.put("),
    "JSON": ("request.form", "(request.json or request.form)"),
    "a body that a library reads": ("request.form", "dict(name=1)"),
    "SameSite": (
        "CORS(",
        'app.config["SESSION_COOKIE_SAMESITE"] = "Lax"\n        CORS(',
    ),
    # Its parts: else the name in the source were a sign of its own.
    "an extension": ("CORS(", 'app.extensions["c" "s" + "rf"] = 1\n        CORS('),
    "a token of the session": (
        "session[",
        'assert request.form["token"] == session["token"]\n            session[',
    ),
    "the origin, by hand": (
        "session[",
        "assert request.origin == request.host_url\n            session[",
    ),
    "a header": (
        "session[",
        'request.headers["X-Ours"]\n            session[',
    ),
    "a header that a hook reads": (
        "@app.post",
        "@app.before_request\n        def ours():\n            "
        'request.headers["X-Ours"]\n\n        @app.post',
    ),
    "a hook that nobody can read": (
        "CORS(",
        "app.before_request(lambda: None)\n        CORS(",
    ),
    "middleware": (
        "CORS(",
        "inner = app.wsgi_app\n"
        "        app.wsgi_app = lambda *rest: inner(*rest)\n        CORS(",
    ),
}
