"""One code for each cause: in one table, in the documentation, everywhere the same."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import flask_cors_policy
from docs.ext.directives import GENERATED
from flask_cors_policy.core.errors import MISTAKES
from flask_cors_policy.core.reasons import Event, Reason
from flask_cors_policy.devtools.audit import CHECKS
from flask_cors_policy.devtools.browser import Rule
from flask_cors_policy.devtools.codes import CODES, Cause, CheckCode, FlawCode
from flask_cors_policy.testing import FLAWS

PACKAGE = Path(flask_cors_policy.__file__ or "").parent
DOCS = PACKAGE.parent / "docs"

CORE = {*(reason.value for reason in Reason), *(e.value for e in Event), *MISTAKES}
KNOWN = CORE | CODES.keys()

# Codes that stood for the same cause as another one.
OLD = (
    "allow-credentials-missing",
    "authorization-not-allowed",
    "cookie-kept-back",
    "credentials-needless",
    "header-taken-out",
    "headers-hidden",
    "headers-not-allowed",
    "json-not-allowed",
    "origin-differs",
    "path-not-governed",
    "preflight-status",
    "public-beside-cookies",
    "stray-header",
    "vary-unsettled",
)


def modules() -> Iterator[Path]:
    return (path for path in PACKAGE.rglob("*.py"))


def pages() -> str:
    """Return the text of all pages, with the tables that are made from the code."""
    written = (path.read_text("utf-8") for path in sorted(DOCS.glob("*.md")))
    made = (
        line
        for name in ("log-reasons", "other-reasons", "mistakes")
        for line in GENERATED[name]("")
    )
    return "\n".join([*written, *made])


def test_no_code_is_in_core_and_in_the_developer_tools() -> None:
    assert CORE.isdisjoint(CODES)


def test_no_code_stands_twice_in_the_table() -> None:
    codes = [code.value for part in (Cause, CheckCode, FlawCode) for code in part]
    assert [code for code, count in Counter(codes).items() if count > 1] == []


def test_the_types_are_the_same() -> None:
    for code in (*Reason, *Event, *CODES.values()):
        assert re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", code.value)
        assert code.sentence
        assert not code.sentence.endswith(".")
        assert not code.fix.endswith(".")


def test_rules_checks_and_flaws_use_codes_of_the_tables() -> None:
    used = {
        *(rule.code.value for rule in Rule),
        *(check.id for check in CHECKS),
        *FLAWS,
    }
    assert used <= KNOWN
    assert len({rule.text for rule in Rule}) == len(Rule)


def logged(path: Path) -> Iterator[str]:
    """Yield the codes that a module hands to the log as text."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="failed"),
                args=[ast.Constant(value=str(code)), *_],
            ):
                yield code
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "cors_reason":
                        if isinstance(value, ast.Constant):
                            yield str(value.value)


def test_what_is_logged_is_in_the_tables() -> None:
    sources = PACKAGE / "sources"  # Opt-in; its codes are explained on its own page.
    serving = (path for path in modules() if sources not in path.parents)
    found = {code for path in serving for code in logged(path)}
    assert {"removed-header", "matching-failed"} <= found
    assert found <= CORE


def test_every_code_has_an_entry_in_the_documentation() -> None:
    text = pages()
    assert [code for code in sorted(KNOWN) if f"`{code}`" not in text] == []


@pytest.mark.parametrize("code", OLD)
def test_old_codes_are_nowhere(code: str) -> None:
    assert code not in KNOWN
    assert re.search(rf"\b{code}\b", pages()) is None
    for path in modules():
        assert re.search(rf"\b{code}\b", path.read_text("utf-8")) is None, path
