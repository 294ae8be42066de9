"""Sound applications that look like others, or whose source cannot be read."""

from __future__ import annotations

SOUND: dict[str, str] = {
    "Flask-CORS with origins that look alike": """
        import flask_cors
        alike = ["https://app.example.com", "https://appxexample.com"]
        flask_cors.CORS(app, origins=alike)
        """,
    "headers by hand, for whole origins": r"""
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if re.match(r"https://[a-z]+\.example\.com$", origin):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "headers by hand, for one origin of a list": """
        ALLOWED = ["https://app.example.com"]

        @app.after_request
        def allow(response):
            response.headers["Access-Control-Allow-Origin"] = ",".join(ALLOWED)
            return response
        """,
    "headers by hand, for an origin of several parts": """
        @app.after_request
        def allow(response):
            name = app.config["SECRET_KEY"]
            origin = "".join(["https://", name, ".example"])
            response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "headers by hand, for the one that a loop has found": """
        @app.after_request
        def allow(response):
            for origin in ("https://a.example", "https://b.example"):
                if origin == request.headers.get("Origin"):
                    response.headers.add("Access-Control-Allow-Origin", origin)
            for name in ("X-A", "X-B"):
                response.headers.add("Access-Control-Expose-Headers", name)
            return response
        """,
    "headers by hand, for the origins of a list": """
        ALLOWED = {"https://app.example.com", "https://b.example"}

        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin")
            if origin in ALLOWED:
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "headers by hand, for whole labels": """
        ENDS = (".example.com", ".example.org")

        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if origin.endswith((".example.net", "//example.net")):
                response.headers["Access-Control-Allow-Origin"] = origin
            if origin.endswith(ENDS):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "headers by hand, for every port of this machine": """
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if origin.startswith("http://localhost:"):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "headers by hand, for a compiled expression": r"""
        ALLOWED = re.compile(r"https://[a-z]+\.example\.com")
        WHOLE = re.compile(r"https://[a-z]+\.example\.com$")

        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if ALLOWED.fullmatch(origin) or WHOLE.match(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
    "Flask-CORS with any port of this machine": r"""
        import flask_cors
        flask_cors.CORS(app, origins=[r"http://localhost:\d+", "http://localhost"])
        """,
    "a view that has no source": """
        exec("def view(): return 'x', {'Access-Control-Allow-Origin': origin}")
        app.add_url_rule("/x", view_func=view)
        """,
    "a converter that has no source": """
        from werkzeug.routing import BaseConverter

        class Number(BaseConverter):
            to_python = int

        app.url_map.converters["number"] = Number
        CORS(app, origins="https://app.example.com")

        @app.get("/items/<number:item>")
        def item(item):
            return str(item)
        """,
}
