"""``python -m flask_cors_policy``: what it sends, prints and exits with."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterable
from http.client import HTTPSConnection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.devtools.browser import Sent
from flask_cors_policy.devtools.browser.urls import parse_url
from flask_cors_policy.devtools.commands import main, network

from .helpers import HERE, A, B, Read, Server, items, listed, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def explain(url: str, *arguments: str, origin: str = A) -> int:
    return main(["explain", "--url", url, "--origin", origin, *arguments])


def test_a_request_is_sent_as_a_browser_sends_it_and_announced(
    server: Server, read: Read
) -> None:
    url = f"{server.url}/items?a=b"
    cookie = ["--credentials", "include", "--cookie", "a=b"]
    assert explain(url, "-H", "X-A: 1", "-H", "Cookie: no", *cookie) == 0
    assert server.lines == ["OPTIONS /items", "GET /items"]
    preflight, actual = server.asked
    assert preflight["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] == "x-a"
    assert "HTTP_COOKIE" not in preflight
    assert actual["HTTP_X_A"] == "1"
    assert actual["HTTP_COOKIE"] == "a=b"
    assert actual["HTTP_ORIGIN"] == A
    assert actual["QUERY_STRING"] == "a=b"
    assert actual["HTTP_USER_AGENT"] == "flask_cors_policy"
    assert "HTTP_ACCEPT_ENCODING" not in actual
    assert not actual.get("CONTENT_LENGTH")
    out, err = read()
    assert "Allowed. The page reads the response (200 OK). Hidden from it:" in out
    assert err == (
        f"Sending to {url}, as a page of {A} would: a preflight, if one is needed, "
        "then GET. No other host is asked.\n"
    )


def test_what_is_blocked_exits_with_1(server: Server, read: Read) -> None:
    assert explain(f"{server.url}/items", origin=B) == 1
    assert "Blocked (origin-not-allowed)." in read()[0]
    assert explain(f"{server.url}/items", "--json", origin=B) == 1
    data = json.loads(read()[0])
    assert data["diagnosis"]["cause"] == "origin-not-allowed"
    assert data["servers"] == []


def test_what_may_change_something_is_sent_only_if_that_is_said(
    server: Server, read: Read
) -> None:
    url = f"{server.url}/items"
    assert explain(url, "--method", "PUT") == 0
    assert server.lines == ["OPTIONS /items"]
    out, err = read()
    assert out.startswith("Preflight:\n  > OPTIONS /items HTTP/1.1\n")
    assert out.endswith(
        "The preflight lets PUT pass. The request itself was not sent, because it may "
        "change something on the server: --send sends it.\n"
    )
    assert "a preflight, if one is needed. No other host" in err
    assert explain(url, "--method", "PUT", "--json") == 0
    data = json.loads(read()[0])
    assert (data["allowed"], len(data["exchanges"])) == (None, 1)
    assert explain(url, "--method", "PUT", origin=B) == 1
    assert explain(url, "--body", "x") == 2
    assert "The preflight is not needed for POST." in read()[0]
    assert server.lines == ["OPTIONS /items"] * 3
    assert explain(url, "--method", "PUT", "--body", "x", "--send") == 0
    assert server.lines[-1] == "PUT /items"
    assert server.asked[-1]["CONTENT_LENGTH"] == "1"


def test_a_redirect_to_another_host_is_not_followed(read: Read) -> None:
    with serving(CORSMiddleware(items, origins="*")) as server:
        assert explain(f"{server.url}/elsewhere") == 1
        assert server.lines == ["GET /elsewhere"]
    out, err = read()
    assert "Blocked (redirected-away)." in out
    assert err.endswith("localhost is another host, and was not asked\n")


def test_no_answer_says_why(read: Read) -> None:
    with serving(listed()) as server:
        url = server.url
    assert explain(url) == 1
    out, err = read()
    assert "Blocked (no-response)." in out
    assert "ConnectionRefusedError" in err


def test_tls_is_spoken_and_checked(
    server: Server, monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    contexts: list[ssl.SSLContext] = []
    real = HTTPSConnection

    def connection(*arguments: Any, **options: Any) -> Any:
        contexts.append(options["context"])
        return real(*arguments, **options)

    monkeypatch.setattr(network, "HTTPSConnection", connection)
    assert explain(server.url.replace("http:", "https:")) == 1
    assert server.asked == []
    assert "SSLError" in read()[1]
    assert [context.verify_mode for context in contexts] == [ssl.CERT_REQUIRED]
    assert all(context.check_hostname for context in contexts)


def test_an_answer_is_read_up_to_a_bound_and_waited_for_no_longer_than_said() -> None:
    waiting = threading.Event()

    def slow(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            waiting.wait(5)
        start_response("200 OK", [("Content-Length", str(3 << 20))])
        return [b"x" * (3 << 20)]

    with serving(slow) as server:
        carrier = network.Network(0.2)
        received = carrier.send(Sent("GET", parse_url(server.url)))
        assert received is not None
        assert len(received.body) == network.MAX_BODY
        assert carrier.send(Sent("GET", parse_url(f"{server.url}/slow"))) is None
        assert "TimeoutError" in carrier.failure
        waiting.set()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--origin", f"{A}/", "--url", "http://127.0.0.1/"], f'Write "{A}"'),
        (["--origin", A, "--url", "/items"], "write the whole URL, or --app"),
        (["--origin", A, "--url", "http://a/", "-H", "X"], "write 'X-Token: abc'"),
        (["--origin", A, "--url", "http://a/", "--app", "x"], "write module:name"),
        (["--origin", A, "--url", "http://a/", "--app", "no.x:app"], "No module named"),
        (
            ["--origin", A, "--url", "http://a/", "--app", f"{HERE}:nothing"],
            "there is no application of this name",
        ),
    ],
)
def test_what_is_typed_wrong_exits_with_2(
    arguments: list[str], says: str, read: Read
) -> None:
    assert main(["explain", *arguments]) == 2
    out, err = read()
    assert out == ""
    assert says in err


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("flask_app", "In CORS(app) write"),
        ("Holder.wrapped", "In CORSMiddleware write"),
        ("listed_for_b()", "In CORSMiddleware write"),
        ("items", "Allow https://app.example.com:"),
    ],
)
def test_an_application_is_asked_in_this_process(
    name: str, place: str, read: Read
) -> None:
    url = "https://api.example.com/items"
    assert explain(url, "--app", f"{HERE}:{name}") == 1
    out, err = read()
    assert f"  Fix:  {place}" in out
    assert err == ""


def test_an_application_is_asked_where_there_is_no_flask(
    monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    url = "https://api.example.com/items"
    assert explain(url, "--app", f"{HERE}:listed_for_b()") == 1
    assert "In CORSMiddleware write" in read()[0]


def test_policies_that_hold_a_mistake_are_explained(read: Read) -> None:
    url = "https://api.example.com/items"
    assert explain(url, "--app", f"{HERE}:wrong_app") == 1
    assert read()[0].startswith("Blocked (policy-error).")
    assert explain(url, "--app", f"{HERE}:wrong_app", "--json") == 1
    assert json.loads(read()[0])["diagnosis"]["cause"] == "policy-error"


def test_colours_are_for_terminals(
    server: Server, monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    explain(server.url, origin=B)
    assert "\x1b" not in read()[0]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    explain(server.url, origin=B)
    assert "\x1b[31mBlocked (origin-not-allowed).\x1b[0m\n" in read()[0]
    monkeypatch.setenv("NO_COLOR", "1")
    explain(server.url, origin=B)
    assert "\x1b" not in read()[0]


def test_the_module_runs_the_command(
    monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    monkeypatch.setattr(sys, "argv", ["", "explain", "--help"])
    with pytest.raises(SystemExit) as caught:
        import_module("flask_cors_policy.__main__")
    assert caught.value.code == 0
    assert "usage: python -m flask_cors_policy explain" in read()[0]


def test_it_works_where_flask_is_not_installed(tmp_path: Path) -> None:
    tmp_path.joinpath("shop.py").write_text(
        "from flask_cors_policy import CORSMiddleware\n"
        "def items(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'items']\n"
        f"app = CORSMiddleware(items, origins='{A}')\n",
        "utf-8",
    )
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['flask', 'werkzeug', 'click']))\n"
        "from flask_cors_policy.devtools.commands import main\n"
        f"target = ['--app', 'shop:app', '--url', 'http://localhost/']\n"
        f"print(main(['explain', *target, '--origin', '{A}']))\n"
        f"print(main(['attack', *target, '--trusted', '{A}']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "Allowed. The page reads the response (200 OK)." in done.stdout
    assert done.stdout.endswith("\n0\n")


@pytest.mark.parametrize("option", ["--timeout", "--deadline"])
@pytest.mark.parametrize("seconds", ["nan", "inf", "0", "-1", "soon"])
def test_times_are_numbers_of_seconds_above_0(
    option: str, seconds: str, server: Server, read: Read
) -> None:
    with pytest.raises(SystemExit) as caught:
        explain(f"{server.url}/items", f"{option}={seconds}")
    assert caught.value.code == 2
    assert f"argument {option}: " in read()[1]
    assert server.lines == []
