"""What a page can read of a response that it gets."""

from __future__ import annotations

import pytest

from .helpers import API, A, answer, play

SENT = [
    ("Content-Type", "text/plain"),
    ("Cache-Control", "no-cache"),
    ("Content-Language", "de"),
    ("Content-Length", "2"),
    ("Expires", "0"),
    ("Last-Modified", "then"),
    ("Pragma", "x"),
    ("ETag", '"1"'),
    ("X-Total", "3"),
    ("Authorization", "strange"),
    ("Set-Cookie", "a=b"),
    ("Set-Cookie2", "a=b"),
]
SAFELISTED = [name for name, _ in SENT[:7]]
PROTOCOL = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers"]


def read(exposed: list[str], url: str = API, **request: str) -> tuple[str, list[str]]:
    """Return the kind of the response, and the names that a page reads."""
    credentials = {"Access-Control-Allow-Credentials": "true"}
    headers = [
        *SENT,
        ("Access-Control-Allow-Origin", A),
        *(("Access-Control-Expose-Headers", value) for value in exposed),
        *(credentials if request.get("credentials") == "include" else {}).items(),
    ]
    outcome, _ = play([answer(200, headers, b"hi")], url, **request)  # type: ignore[arg-type]
    assert outcome.readable is not None
    assert outcome.readable.body == b"hi"
    names = [name for name, _ in outcome.readable.headers]
    hidden = {name.lower() for name, _ in headers} - {name.lower() for name in names}
    assert outcome.readable.hidden == hidden
    return outcome.readable.kind, names


@pytest.mark.parametrize(
    ("exposed", "more"),
    [
        ([], []),
        ([""], []),
        (["ETag"], ["ETag"]),
        (["x-total, etag"], ["ETag", "X-Total"]),
        (["ETag", "X-Total,"], ["ETag", "X-Total"]),
        (["Set-Cookie, set-cookie2"], []),
        (["X-Missing"], []),
        (["ETag, X Total"], []),
        (["ETag", "(x)"], []),
        (["Authorization"], ["Authorization"]),
        (["Access-Control-Allow-Origin"], PROTOCOL[:1]),
    ],
)
def test_page_reads_safelisted_headers_and_those_that_are_exposed(
    exposed: list[str], more: list[str]
) -> None:
    assert read(exposed) == ("cors", SAFELISTED + more)


@pytest.mark.parametrize("exposed", ["*", "ETag, *"])
def test_wildcard_exposes_everything_but_cookies(exposed: str) -> None:
    names = [name for name, _ in SENT if not name.startswith("Set-Cookie")]
    assert read([exposed]) == ("cors", names + PROTOCOL)


def test_wildcard_is_a_plain_name_beside_credentials() -> None:
    assert read(["*"], credentials="include") == ("cors", SAFELISTED)
    assert read(["*, ETag"], credentials="include") == ("cors", [*SAFELISTED, "ETag"])


def test_page_reads_everything_but_cookies_of_its_own_origin() -> None:
    names = [name for name, _ in SENT if not name.startswith("Set-Cookie")]
    kind, read_names = read([], A + "/x")
    assert (kind, read_names) == ("basic", [*names, PROTOCOL[0]])
