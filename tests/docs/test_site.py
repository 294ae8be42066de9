"""The site is built without a warning, and every link within it leads somewhere."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs.ext.samples import ROOT

PAGES = ["index", "quickstart", "how-cors-works", "policy", "troubleshooting", "api"]


class Page(HTMLParser):
    """The links and the named places of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = set()
        self.loaded: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag refers to."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.names.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in ("script", "img", "iframe") and values.get("src"):
            self.loaded.append(values["src"])
        if tag == "link" and values.get("rel") in ("stylesheet", "icon"):
            self.loaded.append(values.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    """Every page of the site, by its path."""
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going"]
    command += ["--quiet", "--builder", "html", str(ROOT / "docs"), str(target)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return {
        str(path.relative_to(target)): Page(path) for path in target.rglob("*.html")
    }


def test_every_page_of_the_sources_is_there(site: dict[str, Page]) -> None:
    sources = ROOT.joinpath("docs").rglob("*.md")
    names = {
        str(path.relative_to(ROOT / "docs").with_suffix(".html")) for path in sources
    }
    assert {name for name in names if not name.startswith("_build")} <= site.keys()


def test_every_link_within_the_site_leads_somewhere(site: dict[str, Page]) -> None:
    broken = []
    for name, page in site.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or name == "404.html":
                continue
            target = name
            if parts.path:
                target = str(Path("/", name).parent.joinpath(unquote(parts.path)))
                target = str(Path(target).resolve().relative_to("/"))
            anchor = unquote(parts.fragment)
            if target not in site or (anchor and anchor not in site[target].names):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(site: dict[str, Page]) -> None:
    loaded = {source for page in site.values() for source in page.loaded}
    assert loaded
    assert [source for source in loaded if urlsplit(source).netloc] == []
