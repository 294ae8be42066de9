"""Lines of a report file, and what is printed for them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_cors_policy.devtools.suggest import suggested
from flask_cors_policy.devtools.suggest.observations import Observations
from flask_cors_policy.devtools.suggest.text import text_of
from tests.helpers import A

LINE: dict[str, Any] = {
    "day": "2026-11-28",
    "origin": A,
    "kind": "actual",
    "method": "GET",
    "headers": [],
    "route": "/items",
    "cookies": False,
    "verdict": "any-origin-allowed",
    "requests": 3,
}
OPTIONS = ["origins", "methods", "allow_headers", "supports_credentials"]


def line(**fields: Any) -> dict[str, Any]:
    return {**LINE, **fields}


def used(method: str, *names: str, **fields: Any) -> list[dict[str, Any]]:
    """Return the lines of three preflights, and of three requests after them."""
    asked = {"kind": "preflight", "headers": list(names)}
    return [line(method=method, **asked, **fields), line(method=method, **fields)]


def text(
    lines: Iterable[dict[str, Any]], *named: str, listed: Sequence[str] = ()
) -> str:
    observations = Observations()
    for each in lines:
        observations.add(json.dumps(each).encode())
    assert observations.broken == 0
    return text_of(suggested(observations, named, listed))


def settings(printed: str) -> dict[str, Any]:
    """Return the options that *printed* holds, which is nothing but literals."""
    *keys, arguments = ast.parse(printed).body
    config = {}
    for statement in keys:
        assert isinstance(statement, ast.Assign)
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        config[target.id] = ast.literal_eval(statement.value)
    assert isinstance(arguments, ast.Assign)
    call = arguments.value
    assert isinstance(call, ast.Call)
    assert not call.args
    assert ast.unparse(call.func) == "dict"
    found = {each.arg or "": ast.literal_eval(each.value) for each in call.keywords}
    assert list(found) == OPTIONS
    assert config == {f"CORS_{key.upper()}": value for key, value in found.items()}
    return found


def hidden(printed: str) -> list[str]:
    """Return the items that are commented out."""
    found = re.findall(r'^ +# (".*")(?:: \{\})?,$', printed, re.MULTILINE)
    return [ast.literal_eval(item) for item in found]


def about(printed: str, item: str) -> str:
    """Return the comment above *item*."""
    above = re.split(rf'"{re.escape(item)}"(?:,|: \{{.*)\n', printed)[0]
    return re.split(r"\n\n|[\[{]\n|,\n", above)[-1]
