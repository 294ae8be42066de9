"""Messages, docstrings, comments and pages keep to the words of HTTP and Flask."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import flask_cors_policy

PACKAGE = Path(flask_cors_policy.__file__ or "").parent
DOCS = PACKAGE.parent / "docs"

# Terms of a private language, and sentences that have to be read twice.
BANNED = re.compile(
    r"""\b(
        govern(s|ed|ing)? | ungoverned | layers? | layered | remarks? | mend(s|ed|ing)?
        | nearly | detectives? | cautions? | sightings? | strays? | suffices? | habits?
        | in\ vain | alike | usual | (un)?settled | apart | in\ force | decisive
        | provenance | what\ serves | what\ helps
        | what\ (it|they|that)\ comes?\ to | what\ comes?\ of | no\ matter\ of
        | not\ as\ it\ should\ be | who\ sits | asks\ first | is\ no\ origin
        | takes\ [a-z]+\ for\ none | speaks?\ for | who\ would\ find
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
# Names of code.
NAMES = re.compile(r"``?[^`]+``?")

FOLDERS = (".",)
PAGES = (
    "../README",
    "../CONTRIBUTING",
    "../SECURITY",
    "api",
    "audit",
    "browsers",
    "comparison",
    "counters",
    "deployment",
    "design",
    "examples",
    "explain",
    "flask",
    "how-cors-works",
    "index",
    "inspector",
    "live-origins",
    "log",
    "migration",
    "migration-others",
    "origins",
    "performance",
    "playground",
    "policy",
    "python-versions",
    "quickstart",
    "reasons",
    "security",
    "stability",
    "testing",
    "tighten",
    "troubleshooting",
    "wsgi",
)


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the strings, docstrings and comments of a module, with their lines."""
    source = path.read_text("utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string


def found(text: str) -> list[str]:
    return [match[0] for match in BANNED.finditer(NAMES.sub("", text))]


@pytest.mark.parametrize("folder", FOLDERS)
def test_strings_docstrings_and_comments_keep_to_the_words(folder: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line}: {', '.join(found(text))}"
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        for line, text in texts(path)
        if found(text)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_keep_to_the_words(name: str) -> None:
    page = (DOCS / f"{name}.md").read_text("utf-8")
    wrong = [
        f"{number}: {', '.join(found(line))}"
        for number, line in enumerate(page.splitlines(), 1)
        if found(line)
    ]
    assert wrong == []


def test_the_page_of_the_inspector_keeps_to_the_words() -> None:
    for path in (PACKAGE / "devtools" / "inspector" / "page").glob("*.html"):
        assert found(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "The policy that governs this route",
        "a layer around the application",
        "Mend what fails",
        "the two are alike",
    ],
)
def test_a_banned_word_is_found(text: str) -> None:
    assert found(text) != []


def test_names_of_code_are_not_meant() -> None:
    assert found("``reply.layers`` and the key `layers`") == []
