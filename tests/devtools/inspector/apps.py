"""Applications to inspect: one to look into, and the same as a file."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask

from flask_cors_policy import CORS, cross_origin
from tests.helpers import A, B

SHOP = f'''
from flask import Flask
from flask_cors_policy import CORS

app = Flask(__name__)
CORS(app, origins="{A}", allow_headers="Content-Type", expose_headers="X-Total")

@app.route("/items", methods=["GET", "PUT"])
def items():
    return ["kettle"], {{"X-Total": "1"}}

@app.post("/orders")
def orders():
    return "", 201
'''
"""A file with an application."""
OPEN_SHOP = SHOP.replace(f'"{A}"', f'["{A}", "http://127.0.0.1:*"]')
"""The same, allowing the inspector's own page too."""


def shop() -> Flask:
    """Return an application with two policies, and a view that fails."""
    app = Flask("shop")
    CORS(app, origins=A, allow_headers="Content-Type", expose_headers="X-Total")

    @app.route("/items", methods=["GET", "PUT"])
    def items() -> tuple[list[str], dict[str, str]]:
        return ["kettle"], {"X-Total": "1"}

    @app.post("/orders")
    @cross_origin(origins=B, supports_credentials=True)
    def orders() -> tuple[str, int]:
        return "", 201

    @app.get("/crash")
    def crash() -> str:
        raise LookupError("the cupboard is bare")

    return app


def inspect_command(path: Path) -> list[str]:
    """Return the command line that inspects the application in a file."""
    return [sys.executable, "-m", "flask", "--app", str(path), "cors", "inspect"]
