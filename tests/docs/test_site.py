"""The site is built without a warning, and every link within it leads somewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs.ext.playground import fields_of, fragment
from docs.ext.samples import ROOT
from flask_cors_policy.devtools.playground.fields import read_case

PAGES = ["index", "quickstart", "how-cors-works", "policy", "troubleshooting", "api"]


class Page(HTMLParser):
    """The links and the named places of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = set()
        self.loaded: list[str] = []
        self.language = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag refers to."""
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values.get("lang", "")
        if "id" in values:
            self.names.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in ("script", "img", "iframe") and values.get("src"):
            self.loaded.append(values["src"])
        if tag == "link" and values.get("rel") in ("stylesheet", "icon"):
            self.loaded.append(values.get("href", ""))


@pytest.fixture(scope="module")
def site(site_folder: Path) -> dict[str, Page]:
    """Every page of the site, by its path."""
    return {
        str(path.relative_to(site_folder)): Page(path)
        for path in site_folder.rglob("*.html")
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
            if parts.scheme:
                continue
            target = name
            if parts.path:
                target = str(Path("/", name).parent.joinpath(unquote(parts.path)))
                target = str(Path(target).resolve().relative_to("/"))
            if target not in site or not is_there(site[target], parts.fragment):
                broken.append(f"{name}: {link}")
    assert broken == []


def is_there(page: Page, anchor: str) -> bool:
    """Say whether a page has what stands behind "#" in a link to it."""
    if "play" in page.names and "=" in anchor:
        read_case(fields_of(anchor))  # It raises where it is no case.
        return anchor == fragment(fields_of(anchor))
    return not anchor or unquote(anchor) in page.names


def test_no_page_loads_anything_from_elsewhere(site: dict[str, Page]) -> None:
    loaded = {source for page in site.values() for source in page.loaded}
    assert loaded
    assert [source for source in loaded if urlsplit(source).netloc] == []


def test_every_page_names_its_language(site: dict[str, Page]) -> None:
    languages = {name: page.language for name, page in site.items()}
    assert languages["ko/quickstart.html"] == "ko"
    assert {
        language for name, language in languages.items() if not name.startswith("ko/")
    } == {"en"}


def test_start_page_leads_to_the_first_steps(site: dict[str, Page]) -> None:
    links = {urlsplit(link).path for link in site["index.html"].links}
    assert {
        "quickstart.html",
        "troubleshooting.html",
        "migration.html",
        "playground.html",
    } <= links
