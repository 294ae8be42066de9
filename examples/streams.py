"""Streams that fail before their first chunk, and what a page sees of that.

``python -m examples.streams`` serves it. A view that returns a generator has returned
before the generator runs. What the generator raises at its first chunk is no error of
the view, so Flask makes no 500 of it: the server does, without CORS headers, or it
closes the connection. A page sees a network error and a message about CORS. Where the
first chunk is made in the view, Flask answers 500, and the page can read it.
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
    """Return *chunks*, the first of them made already.

    :raises Exception: whatever *chunks* raises before its first one.
    """
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
