"""From ``"*"`` to a list: recorded, suggested, tried under ``report_only``, used."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from flask_cors_policy import CORS, CORSMiddleware, cors_refused
from flask_cors_policy.devtools.suggest import suggestion
from flask_cors_policy.refusals import Refusal
from flask_cors_policy.testing import Browser, CORSBlocked
from tests.helpers import EVIL, A, Spy, environ, preflight_headers
from tests.test_report_file import send

from .helpers import hidden, settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHOP = "https://shop.example.com"
ADMIN = "https://admin.example.com"
WIDGET = "https://widget.partner.example"
STRANGER = "https://stranger.example"
COOKIE = "session=1; Secure"
FRONT_ENDS = [SHOP, ADMIN, WIDGET]

TODAY: Any = {"origins": "*", "methods": "*", "allow_headers": ["*", "authorization"]}

Visit = Callable[[Browser], object]


def items(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """An API: its items can be read, replaced and deleted."""
    known = environ["REQUEST_METHOD"] in ("GET", "PUT", "DELETE")
    status = "200 OK" if known else "405 Method Not Allowed"
    headers = [("Content-Type", "application/json")]
    if environ["PATH_INFO"] == "/me":
        headers.append(("Set-Cookie", COOKIE))
    start_response(status, headers)
    return [b"{}"]


def visit_shop(page: Browser) -> None:
    token = {"Authorization": "Bearer token"}
    assert page.fetch("/me", headers=token).ok
    assert page.fetch("/items/7", method="PUT", json={}, headers=token).ok


def visit_admin(page: Browser) -> None:
    assert page.fetch("/items/7").ok
    assert page.fetch("/items/7", method="DELETE", headers={"X-CSRF-Token": "1"}).ok


def visit_items(page: Browser) -> None:
    assert page.fetch("/items").ok


VISITS: dict[str, Visit] = {
    SHOP: visit_shop,
    ADMIN: visit_admin,
    WIDGET: visit_items,
    STRANGER: visit_items,
}


def visit_all(app: WSGIApplication, times: int = 1) -> list[str]:
    """Open every page, each time in a browser of its own; return which were broken."""
    broken = []
    for _ in range(times):
        for origin, visit in VISITS.items():
            try:
                visit(Browser(app, origin))
            except CORSBlocked:
                broken.append(origin)
    return broken


def test_a_list_replaces_the_wildcard_and_breaks_no_page_of_ours(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cors.jsonl"
    recorded = CORSMiddleware(items, **TODAY, report_file=path)
    assert visit_all(recorded, times=6) == []

    printed = suggestion([str(path)], FRONT_ENDS)
    tight: Any = settings(printed)
    assert tight["origins"] == {
        SHOP: {"methods": ["PUT"], "allow_headers": ["authorization", "content-type"]},
        ADMIN: {"methods": ["DELETE"], "allow_headers": ["x-csrf-token"]},
        WIDGET: {},
    }
    assert hidden(printed) == [STRANGER]

    told: list[Refusal] = []
    tried = CORSMiddleware(items, **TODAY, report_only=tight, on_refused=told.append)
    assert visit_all(tried) == []
    assert {(each.origin, each.report_only) for each in told} == {(STRANGER, True)}

    replaced = CORSMiddleware(items, **tight)
    assert visit_all(replaced) == [STRANGER]


def flask_app(**config: Any) -> Flask:
    """Return the same API in Flask."""
    app = Flask(__name__)
    app.config.update(config)
    CORS(app)
    app.add_url_rule("/me", "me", lambda: ({}, {"Set-Cookie": COOKIE}))
    app.add_url_rule("/items", "all", lambda: {})

    @app.route("/items/<int:item>", methods=["GET", "PUT", "DELETE"])
    def one(item: int) -> dict[str, int]:
        return {"item": item}

    return app


def test_the_keys_that_are_printed_configure_a_flask_application(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cors.jsonl"
    today = {f"CORS_{option.upper()}": value for option, value in TODAY.items()}
    assert visit_all(flask_app(**today, CORS_REPORT_FILE=path), times=6) == []

    printed = suggestion([str(path)], FRONT_ENDS)
    tight = settings(printed)
    assert tight["origins"][SHOP]["methods"] == ["PUT"]
    assert '"/items/<int:item>"' in printed

    told: list[Refusal] = []

    def tell(app: Flask, refusal: Refusal) -> None:
        told.append(refusal)

    tried = flask_app(**today, CORS_REPORT_ONLY=tight)
    with cors_refused.connected_to(tell, tried):
        assert visit_all(tried) == []
    assert {(each.origin, each.report_only) for each in told} == {(STRANGER, True)}

    keys = {f"CORS_{option.upper()}": value for option, value in tight.items()}
    assert visit_all(flask_app(**keys)) == [STRANGER]


@pytest.mark.parametrize("origin", [SHOP, ADMIN])
@pytest.mark.parametrize("option", ["methods", "allow_headers"])
def test_less_than_the_suggestion_breaks_a_page(
    tmp_path: Path, origin: str, option: str
) -> None:
    path = tmp_path / "cors.jsonl"
    visit_all(CORSMiddleware(items, **TODAY, report_file=path), times=6)
    tight = settings(suggestion([str(path)], FRONT_ENDS))
    rights = tight["origins"][origin]
    for item in rights[option]:
        fewer = {**rights, option: [each for each in rights[option] if each != item]}
        less = {**tight, "origins": {**tight["origins"], origin: fewer}}
        assert visit_all(CORSMiddleware(items, **less)) == [origin, STRANGER]


def wsgi_in_force(tight: dict[str, Any]) -> WSGIApplication:
    return CORSMiddleware(items, **tight)


def flask_in_force(tight: dict[str, Any]) -> WSGIApplication:
    return flask_app(**{f"CORS_{option.upper()}": tight[option] for option in tight})


@pytest.mark.parametrize("in_force", [wsgi_in_force, flask_in_force])
def test_two_front_ends_can_each_do_their_own_and_not_the_others(
    tmp_path: Path, in_force: Callable[[dict[str, Any]], WSGIApplication]
) -> None:
    path = tmp_path / "cors.jsonl"
    listed = {**TODAY, "origins": [SHOP, ADMIN], "supports_credentials": True}
    recorded = CORSMiddleware(items, **listed, report_file=path)

    def put(page: Browser) -> None:
        assert page.fetch("/items/7", method="PUT", json={}).ok

    def delete(page: Browser) -> None:
        assert page.fetch("/items/7", method="DELETE", headers={"X-CSRF-Token": "1"}).ok

    def read_as_user(page: Browser) -> None:
        for _ in range(2):  # The first response sets the cookie.
            assert page.fetch("/me", credentials="include").ok

    own = {SHOP: [put], ADMIN: [delete, read_as_user]}
    for origin, visits in own.items():
        for visit in visits * 6:
            visit(Browser(recorded, origin))

    tight = settings(suggestion([str(path)], [SHOP, ADMIN]))
    assert [*tight["origins"]] == [ADMIN, SHOP]
    app = in_force(tight)
    for origin, visits in own.items():
        for visit in visits:
            visit(Browser(app, origin))
        for visit in (each for other in own if other != origin for each in own[other]):
            with pytest.raises(CORSBlocked):
                visit(Browser(app, origin))


RULES: dict[str, Any] = {f"/{number}": {} for number in range(3)}


@pytest.mark.parametrize("first", ["flood", "front ends"])
def test_a_flood_of_invented_origins_is_not_suggested(
    tmp_path: Path, first: str
) -> None:
    path = tmp_path / "cors.jsonl"
    app = CORSMiddleware(
        Spy(), RULES, origins="*", methods="*", allow_headers="*", report_file=path
    )
    numbers = random.Random(17)

    def flood() -> None:
        for number in range(10_000):
            origin = {"Origin": f"https://x{number}.evil.example"}
            for rule in [*RULES][: numbers.randint(1, 3)]:
                send(app, environ("PURGE", rule, origin), 1)

    def front_ends() -> None:
        for origin in FRONT_ENDS:
            for rule in RULES:
                asked = preflight_headers(origin, "PUT", "x-real")
                send(app, environ("OPTIONS", rule, asked), 6)
                send(app, environ("PUT", rule, {"Origin": origin}), 6)

    for step in (flood, front_ends) if first == "flood" else (front_ends, flood):
        step()
    printed = suggestion([str(path)])
    assert hidden(printed) == [*sorted(FRONT_ENDS), "PUT", "x-real"]
    assert "evil" not in printed
    found = settings(suggestion([str(path)], FRONT_ENDS))
    assert found["methods"] == ["PUT"]
    assert found["allow_headers"] == ["x-real"]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("allowed", [["X-Real", "Content-Type"], "*"])
def test_a_flood_of_invented_names_is_not_suggested(
    tmp_path: Path, times: int, allowed: Any
) -> None:
    path = tmp_path / "cors.jsonl"
    app = CORSMiddleware(
        Spy(), origins=[A], methods="PUT", allow_headers=allowed, report_file=path
    )
    send(app, environ("PUT", headers={"Origin": A}), 3)
    for number in range(10_000):
        invented = preflight_headers(A, "PUT", f"x-invented-{number}")
        send(app, environ("OPTIONS", headers=invented), times)
    asked = preflight_headers(A, "PUT", "content-type,x-real")
    send(app, environ("OPTIONS", headers=asked), 60)
    send(app, environ("PUT", headers={"Origin": A}), 3)
    printed = suggestion([str(path)], [A])
    found = settings(printed)
    assert (found["origins"], found["methods"]) == ([A], ["PUT"])
    names = ["content-type", "x-real"]
    if allowed == "*" and times == 3:
        # So many come as often as the real ones that a person has to choose.
        assert found["allow_headers"] == []
        assert {*names} <= {*hidden(printed)}
    else:
        assert found["allow_headers"] == names


def test_an_origin_that_is_denied_today_is_suggested_with_a_doubt(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cors.jsonl"
    app = CORSMiddleware(Spy(), origins=A, report_file=path)
    for origin in (A, EVIL):
        send(app, environ("GET", headers={"Origin": origin}), 6)
    assert "# Doubt: refused until now" in suggestion([str(path)], [A])
