"""Streams that fail before their first chunk.

``python -m examples.streams`` serves it. A generator runs after its view has returned.
If it raises before its first chunk, Flask cannot answer with a 500. The server does,
without CORS headers, or it closes the connection, and the page sees a network error. If
the view makes the first chunk, Flask answers 500, and the page can read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Flask

from flask_cors_policy import CORS

app = Flask(__name__)
CORS(app, origins="https://app.example.com")


def rows() -> Iterator[str]:
    """Yield rows of a database, which is down."""
    raise ConnectionError("the database is down")
    yield "month,sales\n"


def begun(chunks: Iterable[str]) -> Iterator[str]:
    """Make the first of *chunks* now, and return all of them."""
    iterator = iter(chunks)
    first = next(iterator, "")

    def all_of_them() -> Iterator[str]:
        yield first
        yield from iterator

    return all_of_them()


@app.get("/late.csv")
def late() -> Iterator[str]:
    """Fail when the server asks for the first chunk."""
    return rows()


@app.get("/early.csv")
def early() -> Iterator[str]:
    """Fail in the view."""
    return begun(rows())


@app.get("/report.csv")
def report() -> Iterator[str]:
    """Return a stream that does not fail."""
    return begun(["month,sales\n", "2026-10,41\n"])


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/report.csv"))
