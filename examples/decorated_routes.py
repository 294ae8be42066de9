"""Views with policies of their own, and one that is under none.

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
    """Serve the application's own front end, with its cookies."""
    return {"name": "Ada"}


@app.get("/news")
@cross_origin(origins="*", supports_credentials=False)
def news() -> dict[str, Any]:
    """Serve everybody, without cookies."""
    return {"news": ["nothing happened today"]}


@app.get("/orders")
@cross_origin("partners", supports_credentials=False)
def orders() -> dict[str, Any]:
    """Serve those of the named policy."""
    return {"orders": []}


class Report(MethodView):
    """One URL, two policies: who may read it, and who may replace it."""

    @cross_origin(origins="https://reports.example.com")
    def get(self) -> dict[str, Any]:
        """Serve the reports' own page."""
        return {"report": "all is well"}

    def put(self) -> dict[str, Any]:
        """Serve the application's own front end, as /me does."""
        return {"saved": True}


app.add_url_rule("/report", view_func=Report.as_view("report"))


@app.get("/health")
@cors_exempt
def health() -> str:
    """Answer probes, which are no pages."""
    return "ok"


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/me"))
