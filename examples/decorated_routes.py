"""Views with their own policies, and one without a policy.

``python -m examples.decorated_routes`` serves it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.views import MethodView

from flask_cors_policy import CORS, cors_exempt, cross_origin

app = Flask(__name__)
app.config["CORS_POLICIES"] = {
    "partners": {"origins": ["https://a.partner.example", "https://b.partner.example"]},
}
CORS(app, origins="https://app.example.com", supports_credentials=True)


@app.get("/me")
def me() -> dict[str, Any]:
    """The policy of the application applies."""
    return {"name": "Ada"}


@app.get("/news")
@cross_origin(origins="*", supports_credentials=False)
def news() -> dict[str, Any]:
    """Every page may read this, without cookies."""
    return {"news": ["nothing happened today"]}


@app.get("/orders")
@cross_origin("partners", supports_credentials=False)
def orders() -> dict[str, Any]:
    """The named policy applies."""
    return {"orders": []}


class Report(MethodView):
    """One URL with two policies, for GET and for PUT."""

    @cross_origin(origins="https://reports.example.com")
    def get(self) -> dict[str, Any]:
        """Only https://reports.example.com may read it."""
        return {"report": "all is well"}

    def put(self) -> dict[str, Any]:
        """The policy of the application applies."""
        return {"saved": True}


app.add_url_rule("/report", view_func=Report.as_view("report"))


@app.get("/health")
@cors_exempt
def health() -> str:
    """No policy applies."""
    return "ok"


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/me"))
