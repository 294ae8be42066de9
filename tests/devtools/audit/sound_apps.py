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
