"""``flask cors explain`` of views that cannot be loaded."""

from __future__ import annotations

from typing import NoReturn

from werkzeug.local import LocalProxy

from flask_cors_policy import cross_origin

from .test_cli_explain import A, explain, shop


def load() -> NoReturn:
    raise LookupError("no module shop.items")


def test_a_view_that_cannot_be_loaded_has_no_policy_and_its_error_is_the_fix() -> None:
    app = shop(origins=A)
    app.get("/news")(cross_origin(origins="*")(lambda: "news"))
    app.view_functions["items"] = LocalProxy(load)
    result = explain(app, "https://api.example.com/items/7", "--short")
    assert result.exit_code == 1
    first, _, fix = result.output.splitlines()[:3]
    assert first == "Blocked (route-unknown)."
    assert "Correct the error: LookupError: no module shop.items" in fix
