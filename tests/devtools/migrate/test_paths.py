"""Keys of ``resources``: what is written covers no path that was not covered.

There is one exception: ``/api/*`` covers /api, too.
"""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from flask_cors_policy.core.paths import PathRules
from flask_cors_policy.devtools.flask_cors_options import read_resources
from flask_cors_policy.devtools.migrate.path_rules import translate_resource

PIECES = (
    "/api",
    "/",
    "a",
    "/*",
    "*",
    ".*",
    ".+",
    "[^/]+",
    r"\d+",
    r"/v\d",
    "(/x|/y)",
    "/?",
    r"\.json",
    ".json",
    r"\w+",
    "-",
)
ROUTES = ("/api/a", "/apiary", "/api-docs/<name>", "/v1/a", "/a.json", "/x/<int:n>/y")
PATHS = [
    f"{first}{second}{third}"
    for first in ("/api", "/apia", "/a", "/v1", "/x", "/7", "/api-docs", "/")
    for second in ("", "/a", "/api", "/7", "/v1", "/x", ".json", "/a-b")
    for third in ("", "/y", "/7", "/a.json", "ry")
]


@example("/api[^/]+", "", "", [])
@example("[^/]+", "", "", [])
@example(r"\w*/api", "", "", [])
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join),
    st.sampled_from(["", "^"]),
    st.sampled_from(["", "$"]),
    st.lists(st.sampled_from(ROUTES)),
)
def test_no_path_is_covered_that_was_not(
    text: str, start: str, end: str, routes: list[str]
) -> None:
    try:
        (resource,) = read_resources(f"{start}{text}{end}")
    except ValueError:
        return  # Flask-CORS does not start.
    rules = translate_resource(resource, routes).rules
    table = PathRules(dict.fromkeys(rules))
    folders = {rule.removesuffix("/*") or "/" for rule in rules}
    for path in PATHS:
        if "//" not in path and table.find(path) is not None:
            assert resource.covers(path) or path in folders, (rules, path)


def test_a_key_that_no_path_begins_with_is_told_and_covers_none() -> None:
    (resource,) = read_resources(r"\d*$")
    translated = translate_resource(resource, ROUTES)
    assert not translated.rules
    assert [note.code for note in translated.notes] == ["path-never-matched"]
