"""Applications that set CORS headers themselves.

What is wrong -> as in ``other_apps``.
"""

from __future__ import annotations

from .other_apps import Case

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
    "a list of origins that is joined": (
        """
        ALLOWED = {"https://a.example", "https://b.example"}

        @app.after_request
        def allow(response):
            response.headers["Access-Control-Allow-Origin"] = ", ".join(ALLOWED)
            return response
        """,
        "allow-origin-list",
        "after_request: allow",
        "lists several origins, and browsers accept one",
        6,
    ),
    "a list that is joined before": (
        """
        @app.after_request
        def allow(response):
            joined = ",".join(app.config["ALLOWED"])
            response.headers.add("Access-Control-Allow-Origin", joined)
            return response
        """,
        "allow-origin-list",
        "after_request: allow",
        "lists several origins",
        5,
    ),
    "two variables in one header": (
        """
        @app.after_request
        def allow(response):
            one, other = app.config["ALLOWED"]
            response.headers["Access-Control-Allow-Origin"] = f"{one}, {other}"
            return response
        """,
        "allow-origin-list",
        "after_request: allow",
        "lists several origins",
        5,
    ),
    "two texts in one header": (
        """
        ONE = "https://a.example"

        @app.after_request
        def allow(response):
            both = ONE + ", https://b.example"
            response.headers["Access-Control-Allow-Origin"] = both
            return response
        """,
        "allow-origin-list",
        "after_request: allow",
        "lists several origins",
        7,
    ),
    "a header for each origin": (
        """
        @app.after_request
        def allow(response):
            for origin in ("https://a.example", "https://b.example"):
                response.headers.add("Access-Control-Allow-Origin", origin)
            return response
        """,
        "allow-origin-list",
        "after_request: allow",
        "it is added once for each origin",
        5,
    ),
    "a list with a name": (
        """
        ALLOWED = "https://a.example,https://b.example"

        @app.after_request
        def allow(response):
            response.headers["Access-Control-Allow-Origin"] = ALLOWED
            return response
        """,
        "allow-origin-list",
        "after_request: allow",
        "lists several origins",
        6,
    ),
    "Origin is copied, among other headers, and logged": (
        """
        @app.route("/me")
        def me():
            response = flask.make_response("x")
            origin = request.headers.get("Origin", "*")
            app.logger.info("a page of %s", origin)
            response.headers.add("X-Page", origin)
            response.headers.update({"Access-Control-Allow-Origin": origin})
            return response
        """,
        "origin-reflected",
        "me",
        "the header Origin is copied to the response",
        8,
    ),
    "Origin is copied to a new response": (
        """
        @app.route("/me")
        def me():
            origin = request.headers.get("Origin", "*")
            return flask.Response("x", 200, {"Access-Control-Allow-Origin": origin})
        """,
        "origin-reflected",
        "me",
        "the header Origin is copied to the response",
        5,
    ),
    "a part of a text of origins": (
        """
        ALLOWED = "https://a.example https://b.example"

        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "null")
            if origin in ALLOWED:
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
        "suffix-matched",
        "after_request: allow",
        "a part of the text of origins is enough",
        8,
    ),
    "a compiled expression without an end": (
        r"""
        ALLOWED = re.compile(r"https://.*\.example\.com")

        @app.after_request
        def allow(response):
            origin = request.headers.get("Origin", "")
            if ALLOWED.match(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response
        """,
        "suffix-matched",
        "after_request: allow",
        "re.match() does not see the end",
        8,
    ),
}
