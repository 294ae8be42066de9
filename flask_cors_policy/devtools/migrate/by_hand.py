"""CORS headers that an ``after_request`` function sets, as options.

Flask-CORS leaves a response alone that has Access-Control-Allow-Origin already. So
where a function sets that header on every response, the options of ``CORS(app)`` had no
effect, and the policy is what the function writes. Here the policy alone sets CORS
headers: to write the options of ``CORS(app)`` would allow more than before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from ...core.origin import OriginPattern
from .options import LEFT_OUT, translate_option

_ORIGIN: Final = "access-control-allow-origin"
_CREDENTIALS: Final = "access-control-allow-credentials"
_LISTS: Final = {
    "methods": "access-control-allow-methods",
    "allow_headers": "access-control-allow-headers",
    "expose_headers": "access-control-expose-headers",
}
_SETTING: Final = frozenset({"add", "add_header", "set", "setdefault", "__setitem__"})


def options_by_hand(tree: ast.AST) -> Iterator[dict[str, Any]]:
    """Yield the options that each ``after_request`` function of a module stands for.

    A function that does not name one origin, or sets it under a condition, has none.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(each, ast.Attribute)
            and each.attr in ("after_request", "after_app_request")
            for each in node.decorator_list
        ):
            options = _options(dict(_headers(node.body)))
            if options is not None:
                yield options


def _headers(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield the headers that are always set, with their values."""
    for statement in body:
        match statement:
            case ast.Assign(
                [ast.Subscript(ast.Attribute(_, "headers"), ast.Constant(str(name)))],
                ast.Constant(str(value)),
            ):
                yield name.lower(), value
            case ast.Expr(
                ast.Call(
                    ast.Attribute(ast.Attribute(_, "headers"), called),
                    [ast.Constant(str(name)), ast.Constant(str(value))],
                )
            ) if called in _SETTING:
                yield name.lower(), value


def _options(headers: dict[str, str]) -> dict[str, Any] | None:
    origin = headers.get(_ORIGIN, "")
    if origin != "*" and not OriginPattern.parse(origin):
        return None
    options: dict[str, Any] = {"origins": origin if origin == "*" else [origin]}
    for option, header in _LISTS.items():
        names = [name.strip() for name in headers.get(header, "").split(",")]
        value = translate_option(option, [name for name in names if name]).value
        options[option] = [] if value is LEFT_OUT else value
    credentials = headers.get(_CREDENTIALS, "").strip() == "true"
    options["supports_credentials"] = credentials and origin != "*"
    return options
