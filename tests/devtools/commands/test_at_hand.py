"""``explain`` of what one has at hand: --curl, --har, --console."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from flask_cors_policy.devtools.commands import main
from tests.devtools.pasted.test_har import entry

from .helpers import HERE, A, B, Read, Server

SENTENCE = (
    f"Access to fetch at 'https://api.example.com/items' from origin '{A}' has been "
    "blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the "
    "requested resource."
)


def explain(*arguments: str) -> int:
    return main(["explain", *arguments])


def test_a_curl_command_is_sent_as_the_page_would(server: Server, read: Read) -> None:
    command = (
        f"curl '{server.url}/items' -H 'Origin: {A}' -H 'Sec-Fetch-Mode: cors' "
        "-H 'X-A: 1' -H 'Cookie: id=opensesame'"
    )
    assert explain("--curl", command) == 0
    assert server.lines == ["OPTIONS /items", "GET /items"]
    assert server.asked[1]["HTTP_X_A"] == "1"
    assert server.asked[1]["HTTP_COOKIE"] == "id=opensesame"
    out, err = read()
    assert "Allowed." in out
    assert "opensesame" not in out + err


def test_a_curl_command_is_read_from_standard_input(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = f"curl https://api.example.com/items -H 'Origin: {B}'"
    monkeypatch.setattr("sys.stdin", io.StringIO(command))
    assert explain("--curl", "-", "--app", f"{HERE}:flask_app") == 0
    assert "Allowed." in read()[0]


def test_the_page_can_include_credentials(read: Read) -> None:
    command = f"curl https://api.example.com/items -H 'Origin: {B}'"
    app = ["--app", f"{HERE}:flask_app"]
    assert explain("--curl", command, *app, "--credentials", "include") == 1
    assert "Blocked (credentials-not-allowed)." in read()[0]


def test_the_page_can_be_another_one(read: Read) -> None:
    command = f"curl https://api.example.com/items -H 'Origin: {B}'"
    app = ["--app", f"{HERE}:flask_app"]
    assert explain("--curl", command, "--origin", A, *app) == 1
    assert "Blocked (origin-not-allowed)." in read()[0]
    assert explain("--curl", "curl https://api.example.com/items", *app) == 2
    assert "add --origin" in read()[1]


def test_a_har_file_is_explained_without_asking_anybody(
    tmp_path: Path, read: Read
) -> None:
    path = tmp_path / "page.har"
    path.write_text(json.dumps({"log": {"entries": [entry()]}}), "utf-8")
    assert explain("--har", str(path)) == 1
    out, err = read()
    assert "Blocked (allow-origin-missing)." in out
    assert err == ""
    assert explain("--har", str(path), "--app", f"{HERE}:flask_app") == 1
    assert "Blocked (origin-not-allowed)." in read()[0]


def test_a_har_file_is_read_from_standard_input(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.StringIO(json.dumps({"log": {"entries": [entry()]}}))
    monkeypatch.setattr("sys.stdin", file)
    assert explain("--har", "-") == 1
    assert "Blocked (allow-origin-missing)." in read()[0]


def test_a_sentence_of_a_console_is_explained_in_short(read: Read) -> None:
    assert explain("--console", SENTENCE) == 1
    lines = read()[0].splitlines()
    assert lines[0] == "Blocked (allow-origin-missing)."
    assert lines[1].startswith("  Why:  The console says: No 'Access-Control-Allow")
    assert lines[2].startswith(f"  Fix:  Allow {A}: the server has to send")
    assert len(lines) == 3
    assert explain("--console", SENTENCE, "--app", f"{HERE}:flask_app") == 1
    assert "Blocked (origin-not-allowed)." in read()[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "write --url, or give --curl, --har or --console"),
        (["--url", "https://api.example.com"], "write the origin of the page"),
        (["--curl", "curl"], "no URL"),
        (["--curl", "curl 'https://a.example"], "does not end"),
        (["--curl", "curl -b jar.txt https://a.example"], "names a file"),
        (["--har", "/no/such/file"], "cannot be read: No such file or directory"),
        (["--har", "/"], "cannot be read"),
        (["--console", "Hello."], "not a sentence about CORS"),
        (["--console", "x", "--curl", "curl x"], "one of --curl, --har and --console"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    arguments: list[str], says: str, read: Read
) -> None:
    assert explain(*arguments) == 2
    out, err = read()
    assert out == ""
    assert says in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_a_har_file_that_is_no_text_is_one_sentence(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "page.har"
    path.write_bytes(b"\xff\xfe\x00")
    assert explain("--har", str(path)) == 2
    assert "it is not text in UTF-8" in read()[1]
    path.write_bytes(b" " * 10_000_001)
    assert explain("--har", str(path)) == 2
    assert "is larger than 10 MB" in read()[1]
    assert explain("--har", "/dev/zero") == 2  # It has no size, and no end.
    assert "/dev/zero is larger than 10 MB" in read()[1]


def test_method_and_path_are_written_as_for_flask_cors_explain(read: Read) -> None:
    app = ["--app", f"{HERE}:flask_app"]
    assert explain(*app, "GET", "/items", "--origin", B) == 0
    assert "requests: GET http://localhost:5000/items\n" in read()[0]
    assert explain(*app, "--url", "https://api.example.com/items", "--origin", B) == 0
    assert "requests: GET https://api.example.com/items\n" in read()[0]
    assert explain("GET", "/items", "--origin", B) == 2
    assert "write the whole URL, or --app" in read()[1]
    assert explain("--method", "PUT", "GET", "http://a.example", "--origin", B) == 2
    assert "write one method and one path" in read()[1]


def test_any_application_is_asked_with_what_needs_no_method_in_a_list(
    read: Read,
) -> None:
    sentence = (
        f"Access to fetch at 'https://api.example.com/items' from origin '{B}' has "
        "been blocked by CORS policy: Response to preflight request doesn't pass "
        "access control check: It does not have HTTP ok status."
    )
    app = ["--app", f"{HERE}:listed_for_b()", "--origin", B]
    explain("--console", sentence, *app)
    assert "Method assumed: POST;" in read()[0]
    explain("/items", *app)
    assert "requests: GET http://localhost/items\n" in read()[0]
