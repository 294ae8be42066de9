"""Flask-SocketIO with the policy of the application.

``python -m examples.with_socketio`` serves it. CORS does not apply to WebSockets: pages
can open one to any server, so the server must check Origin. Socket.IO calls a function
for this, which asks the policy. A handshake has cookies, so the policy must allow the
origin with credentials.
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
    """Say whether to accept a handshake. Browsers always send Origin."""
    if origin is None:
        return True
    return policy.allows_origin(origin, environ, credentials=True)


app = Flask(__name__)
# Socket.IO answers /socket.io/ itself, with its own CORS headers.
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
