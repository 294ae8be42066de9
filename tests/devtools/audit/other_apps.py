"""Applications without a policy of this library, and settings that need each other.

What is wrong -> the application, the check, the place, a word of the message, the line
in the source below.
"""

from __future__ import annotations

Case = tuple[str, str, str, str, int]

FLASK_CORS: dict[str, Case] = {
    "everybody, with credentials": (
        """
        from flask_cors import CORS
        CORS(app, supports_credentials=True)
        """,
        "origin-reflected",
        "CORS(app) of Flask-CORS, /*",
        "the server repeats it, with credentials.",
        3,
    ),
    "an expression without an end": (
        r"""
        import flask_cors
        flask_cors.CORS(app, origins=[r"https://.*\.example\.com"])
        """,
        "suffix-matched",
        "CORS(app) of Flask-CORS, /*",
        "(https://a.example.com.attacker.example)",
        3,
    ),
    "an expression for every origin": (
        r"""
        import flask_cors
        flask_cors.CORS(app, origins=r"https?://[a-z.]+$")
        """,
        "origin-reflected",
        "CORS(app) of Flask-CORS, /*",
        "(https://attacker.example)",
        3,
    ),
    "a dot that is not escaped": (
        """
        import flask_cors
        flask_cors.CORS(app, origins="https://app.example.com$")
        """,
        "dot-unescaped",
        "CORS(app) of Flask-CORS, /*",
        "A dot of a trusted origin matches any character",
        3,
    ),
    "a name below a public suffix": (
        r"""
        import flask_cors
        flask_cors.CORS(app, origins=r"https://[a-z]+\.com$")
        """,
        "public-suffix",
        "CORS(app) of Flask-CORS, /*",
        "Another name below the same public suffix is allowed",
        3,
    ),
    "the origin null": (
        """
        import flask_cors
        flask_cors.CORS(app, origins=["null", "https://app.example.com"])
        """,
        "null-allowed",
        "CORS(app) of Flask-CORS, /*",
        "The origin null is allowed",
        3,
    ),
    "one decorator": (
        """
        import flask_cors
        flask_cors.CORS(app, origins="https://app.example.com")

        @app.route("/me")
        @flask_cors.cross_origin(supports_credentials=True)
        def me():
            return "x"
        """,
        "origin-reflected",
        "@cross_origin of Flask-CORS on me",
        "with credentials",
        5,
    ),
}

BY_HAND: dict[str, Case] = {
    "Origin is copied, with credentials": (
        """
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin")
            if origin:
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Allow-Credentials"] = "true"
            return response
        """,
        "origin-reflected",
        "after_request: allow",
        "the header Origin is copied to the response",
        6,
    ),
    "Origin is copied by a view": (
        """
        @app.route("/me")
        def me():
            response = flask.make_response("x")
            origin = request.environ.get("HTTP_ORIGIN", "*")
            response.headers.add("Access-Control-Allow-Origin", origin)
            return response
        """,
        "origin-reflected",
        "me",
        "Every origin is allowed",
        6,
    ),
    "re.match without an end": (
        r"""
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if re.match(r"https://.*\.example\.com", origin):
                response.access_control_allow_origin = origin
            return response
        """,
        "suffix-matched",
        "after_request: allow",
        "re.match() does not see the end",
        6,
    ),
    "re.search": (
        r"""
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if re.search(r"example\.com$", origin):
                headers = {"Vary": "Origin"}
                headers = {**headers, "Access-Control-Allow-Origin": origin}
                response.headers.update(headers)
            return response
        """,
        "prefix-matched",
        "after_request: allow",
        "re.search() finds a part",
        7,
    ),
    "startswith": (
        """
        @app.after_request
        def allow(response):
            if request.headers.get("Origin", "").startswith("https://example.com"):
                origin = request.headers["Origin"]
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
        "suffix-matched",
        "after_request: allow",
        "startswith() does not see the end",
        6,
    ),
    "endswith": (
        """
        @app.after_request
        def allow(response):
            origin = request.origin
            if origin and origin.endswith("example.com"):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
        "prefix-matched",
        "after_request: allow",
        "endswith() does not see the whole host",
        6,
    ),
    "a part of the origin": (
        """
        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin") or ""
            if "example.com" in origin:
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
        "prefix-matched",
        "after_request: allow",
        "a part of the origin is enough",
        6,
    ),
    "* with credentials": (
        """
        @app.route("/me")
        def me():
            headers = {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Allow-Credentials": "true",
            }
            return "x", 200, headers
        """,
        "wildcard-with-credentials",
        "me",
        "it is set by hand",
        5,
    ),
    "two origins in one header": (
        """
        @app.after_request
        def allow(response):
            response.headers["Access-Control-Allow-Origin"] = "https://a.test,null"
            return response
        """,
        "allow-origin-list",
        "after_request: allow",
        "lists several origins, and browsers accept one",
        4,
    ),
}
