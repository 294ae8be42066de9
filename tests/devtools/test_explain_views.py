"""``flask cors explain`` of views that cannot be loaded."""

from __future__ import annotations

from typing import NoReturn

from werkzeug.local import LocalProxy

from flask_cors_policy import cross_origin

from .test_cli_explain import A, explain, shop


def load() -> NoReturn:
    raise LookupError("no module shop.items")


def test_a_view_that_cannot_be_loaded_is_an_error_of_the_server() -> None:
    app = shop(origins=A)
    app.get("/news")(cross_origin(origins="*")(lambda: "news"))
    app.view_functions["items"] = LocalProxy(load)
    result = explain(app, "https://api.example.com/items/7", "--short")
    assert result.exit_code == 1
    assert result.output.startswith(
        "Blocked (server-error).\n"
        "  Why:  The server failed (500 Internal Server Error): LookupError: no module "
        "shop.items"
    )
