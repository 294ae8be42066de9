"""Flask-SocketIO under the same policy as the rest of the application.

``python -m examples.with_socketio`` serves it. CORS does not govern WebSockets: a
browser opens one to any server, and it is for the server to look at Origin. Socket.IO
does so when it is told how, and the policy can tell it: ``policy.allows_origin``. A
handshake carries cookies, so the origin has to be one that may send them.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from flask_cors_policy import CORS, Policy

policy = Policy(
    origins=["https://app.example.com", "http://localhost:*"],
    supports_credentials=True,
)


def is_allowed(origin: str | None, environ: dict[str, Any]) -> bool:
    """Say whether a handshake may begin; what sends no Origin is no browser."""
    return origin is None or policy.allows_origin(origin, environ, credentials=True)


app = Flask(__name__)
# Requests to /socket.io/ are answered by Socket.IO's own layer, with headers of its
# own, which decides by the same policy.
socketio = SocketIO(app, cors_allowed_origins=is_allowed, async_mode="threading")
CORS(app, resources={"/api/*": policy})


@app.get("/api/status")
def status() -> dict[str, Any]:
    """Answer pages over HTTP."""
    return {"status": "all is well"}


@socketio.on("ping me")
def ping_me() -> dict[str, Any]:
    """Answer pages over a WebSocket."""
    return {"status": "all is well"}


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/api/status"))
