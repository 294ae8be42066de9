"""Files whose name and checksum a page can read.

``python -m examples.downloads`` serves it. Without ``expose_headers`` the download
would work, but ``response.headers.get("Content-Disposition")`` would be null.
"""

from __future__ import annotations

import hashlib
import io

from flask import Flask, Response, send_file

from flask_cors_policy import CORS

REPORT = b"month,sales\n2026-10,41\n2026-11,43\n"

app = Flask(__name__)
CORS(
    app,
    origins="https://app.example.com",
    allow_headers="Range",
    expose_headers=[
        "Accept-Ranges",
        "Content-Disposition",
        "Content-Range",
        "ETag",
        "X-Checksum",
    ],
)


@app.get("/report.csv")
def report() -> Response:
    """Return a file, whole or in part."""
    checksum = hashlib.sha256(REPORT).hexdigest()
    response = send_file(
        io.BytesIO(REPORT),
        mimetype="text/csv",
        as_attachment=True,
        download_name="sales 2026.csv",
        etag=checksum,
        conditional=True,
    )
    response.headers["X-Checksum"] = checksum
    return response


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/report.csv"))
