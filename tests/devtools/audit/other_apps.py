"""Applications on Flask-CORS.

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
        6,
    ),
    "a decorator that is called": (
        """
        import flask_cors

        def me():
            return "x"

        everybody = flask_cors.cross_origin(supports_credentials=True)
        app.add_url_rule("/me", view_func=everybody(me))
        """,
        "origin-reflected",
        "@cross_origin of Flask-CORS on me",
        "with credentials",
        4,
    ),
    "one blueprint": (
        """
        import flask_cors
        files = flask.Blueprint("all", __name__)
        flask_cors.CORS(app, origins="https://app.example.com")
        flask_cors.CORS(
            files,
            supports_credentials=True,
            origins=["https://app.example.com", "null"],
        )
        app.register_blueprint(files)
        """,
        "null-allowed",
        "CORS(blueprint 'all') of Flask-CORS, /*",
        "The origin null is allowed",
        8,
    ),
    "one path": (
        """
        import flask_cors
        MINE = {"origins": "https://app.example.com"}
        flask_cors.CORS(app, resources={
            re.compile("/they"): {},
            "/we": MINE,
            "/me": {"origins": "https://app.example.com", **MINE},
            "/you": {
                "supports_credentials": True,
                "origins": "*",
            },
        })
        """,
        "origin-reflected",
        "CORS(app) of Flask-CORS, /you",
        "with credentials",
        9,
    ),
    "a key": (
        r"""
        import flask_cors
        app.config["CORS_ORIGINS"] = r"https://.*example\.com$"
        flask_cors.CORS(app)
        """,
        "prefix-matched",
        "CORS(app) of Flask-CORS, /*",
        "(https://attackerexample.com)",
        3,
    ),
    "a text that no pattern says": (
        r"""
        import flask_cors
        flask_cors.CORS(app, origins=[r"https://app-[a-z]+\.example\.com"])
        """,
        "suffix-matched",
        "CORS(app) of Flask-CORS, /*",
        "An origin that begins like a trusted one",
        3,
    ),
    "names that anybody gets": (
        r"""
        import flask_cors
        flask_cors.CORS(app, origins=r"https://.*\.vercel\.app$")
        """,
        "public-suffix",
        "CORS(app) of Flask-CORS, /*",
        "(https://attacker.vercel.app)",
        3,
    ),
    "plain http with cookies": (
        r"""
        import flask_cors
        flask_cors.CORS(
            app,
            origins=r"https?://app\.example\.com",
            supports_credentials=True,
        )
        """,
        "suffix-matched",
        "CORS(app) of Flask-CORS, /*",
        "An origin that begins like a trusted one",
        5,
    ),
}
