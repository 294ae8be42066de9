"""Every link of the Markdown files leads somewhere, and none to a package index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "ko")
    for path in folder.glob("*.md")
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|<img[^>]*src=\"([^\"]+)\"")
FENCE = re.compile(r"^(```|:::).*?^\1", re.M | re.S)


def links(path: Path) -> list[str]:
    text = FENCE.sub("", path.read_text("utf-8"))
    return [first or second for first, second in LINK.findall(text)]


def anchors(path: Path) -> set[str]:
    """Return what a link can lead to within a page: headings and named places."""
    text = path.read_text("utf-8")
    found = set(re.findall(r"^\(([a-z0-9-]+)\)=$", text, re.M))
    for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(slug)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    for link in links(page):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        path = page if not target else (page.parent / target).resolve()
        assert path.exists(), link
        if anchor:
            assert anchor in anchors(path), link


def test_no_file_names_a_package_index() -> None:
    """Mirrors differ; what is installed where is for the reader's pip to know."""
    names = re.compile(
        "|".join(["py" + r"pi\.org", "npm" + r"js\.(com|org)", "index" + "-url"])
    )
    suffixes = {".md", ".py", ".toml", ".cfg", ".yml", ".yaml", ".in", ".txt", ".html"}
    folders = ["docs", "examples", "flask_cors_policy", "tests", ".github"]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    found = [
        str(path.relative_to(ROOT))
        for path in files
        if (path.suffix in suffixes or path.name == "Makefile")
        and "_build" not in path.parts
        and names.search(path.read_text("utf-8"))
    ]
    assert found == []
