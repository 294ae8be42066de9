"""The playground in real browsers, with no network but the files of the site."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from docs.ext.playground import RUNTIME, cases, fragment
from tests.browsers.engines import chromium
from tests.browsers.page import Page, PageError
from tests.devtools.playground.commands import mistakes_of_program, said_by_command

from .playground_page import (
    CASE,
    FIELDS,
    answered,
    click,
    explain,
    fill,
    open_page,
    said_by_page,
    show_case,
    shown,
)
from .served_site import ENGINES, Site, opened

pytestmark = pytest.mark.browsers


@pytest.mark.parametrize("name", ENGINES)
def test_no_request_leaves_but_for_files_of_the_site(
    name: str, playground_site: Site, playground_folder: Path, tmp_path: Path
) -> None:
    with opened(name, tmp_path) as (page, requested):
        open_page(page, playground_site)
        time.sleep(1)
        assert playground_site.loaded("/_static/playground/playground.js")
        assert not playground_site.loaded("/_static/pyodide/")

        fill(page, policy='origins="https://app.example.com"', headers="X-Token: abc")
        explain(page)
        assert shown(page, "#cause") == "header-not-allowed"
        click(page, "#share")

    site = playground_site
    files = {path for path, status in site.paths if status == 200}
    assert {f"/_static/pyodide/{file}" for file in RUNTIME} <= files
    assert {path for path, status in site.paths if status != 200} <= {"/favicon.ico"}
    for path in files:
        assert playground_folder.joinpath(path.partition("?")[0].lstrip("/")).is_file()
    asked = {url for url in requested if not url.startswith(("data:", "blob:"))}
    assert {f"{site.origin}{path}" for path in files} <= asked
    assert {url for url in asked if not url.startswith(f"{site.origin}/")} == set()


@pytest.mark.parametrize("name", ENGINES)
def test_ten_cases_have_the_answers_of_the_command(
    name: str, playground_site: Site, tmp_path: Path
) -> None:
    with opened(name, tmp_path) as (page, _):
        open_page(page, playground_site)
        for number, case in enumerate(cases(), 1):
            with answered(page):
                click(page, f"#cases li:nth-child({number}) a")
            assert page.evaluate(FIELDS).items() >= case["fields"].items()
            mistakes = mistakes_of_program(case["title"])
            if mistakes:
                assert shown(page, "#verdict").startswith("✗ The policy has 1 mistake.")
                for mistake in mistakes:
                    assert mistake.replace(" ", "") in shown(page, "#why").replace(
                        " ", ""
                    )
            else:
                for engine in ("standard", name):
                    expected = said_by_command(case["title"], engine)
                    assert said_by_page(page, engine) == expected


def test_link_holds_the_whole_case(window: Page, loaded_site: Site) -> None:
    fields = {
        "policy": 'CORS(app, origins="https://app.example.com")  # é 日本 😀 & = # %',
        "origin": "https://app.example.com",
        "url": "https://api.example.com/items?a=1&b=2#c",
        "method": "POST",
        "headers": "X-A: (1) 'b'\nX-C: *!~",
        "credentials": "include",
        "mode": "no-cors",
        "body": "line 1\nline 2",
        "cookie": "session=abc",
        "routes": "POST",
        "status": "500",
        "answer_headers": "X-Total: 7",
        "front": "adds",
        "front_status": "403",
        "front_headers": "X-Proxy: yes",
    }
    show_case(window)
    fill(window, **fields)
    click(window, "#share")
    assert window.evaluate("() => location.hash") == f"#{fragment(fields)}"

    show_case(window)
    assert window.evaluate(FIELDS) != fields
    show_case(window, **fields)
    assert window.evaluate(FIELDS) == fields
    assert "#" not in "".join(path for path, _ in loaded_site.paths)


@pytest.mark.parametrize("cut", [1, 5, 40, 200])
def test_link_that_was_cut_is_a_sentence(window: Page, cut: int) -> None:
    link = fragment({**CASE, "headers": "X-Token: abc" * 20})
    with answered(window):
        window.evaluate("link => { location.hash = link; }", link[:-cut])
    assert shown(window, "#trouble").startswith("This link is not complete")
    assert window.evaluate("() => document.getElementById('result').hidden")


def test_nothing_of_a_link_becomes_markup(window: Page) -> None:
    evil = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
    for fields in (
        {"policy": f'origins="{evil}"'},
        {"policy": evil},
        {"headers": f"X-Token: {evil}", "body": evil, "method": "PUT"},
        {"url": f"https://api.example.com/{evil}", "answer_headers": f"X-A: {evil}"},
        {"origin": evil},
        {"method": evil, "cookie": evil, "credentials": evil, "front": evil},
        {evil: evil},
    ):
        show_case(window, **fields)
        assert window.evaluate("() => window.hacked ?? null") is None
        inside = "#play :is(img, script:not([src]), iframe, object)"
        assert window.evaluate(
            "css => document.querySelectorAll(css).length === 0", inside
        )


def test_policy_of_the_page_lets_nothing_out(
    window: Page, playground_site: Site
) -> None:
    show_case(window)
    other = f"{playground_site.origin}/index.html"
    with pytest.raises(PageError):
        window.evaluate("url => fetch(url, {mode: 'no-cors'}).then(() => 1)", other)
    # Scripts of WebDriver itself may evaluate text; what they leave behind may not.
    evaluated = window.evaluate(
        """() => new Promise((done) => setTimeout(() => {
          try { done(new Function("return 1")()); } catch (error) { done(error.name); }
        }))"""
    )
    assert evaluated == "EvalError"
    came = window.evaluate(
        """(url) => new Promise((done) => {
          const code = `fetch(${JSON.stringify(url)}, {mode: "no-cors"})
            .then(() => postMessage(1), () => postMessage(0));`;
          const worker = new Worker(URL.createObjectURL(new Blob([code])));
          worker.onmessage = ({data}) => done(data);
        })""",
        other,
    )
    assert came == 0
    assert playground_site.paths == []


def test_browser_without_webassembly_is_told_so(window: Page) -> None:
    window.evaluate("() => { window.kept = WebAssembly; delete window.WebAssembly; }")
    try:
        show_case(window)
        assert shown(window, "#trouble").startswith("This browser has no WebAssembly")
        assert "python -m flask_cors_policy explain" in shown(window, "#trouble")
    finally:
        window.evaluate("() => { window.WebAssembly = window.kept; }")


@pytest.mark.parametrize("file", ["pyodide.asm.wasm", "files.json", "pyodide.mjs"])
def test_files_that_do_not_come_are_told_and_asked_for_again(
    playground_site: Site, file: str
) -> None:
    with chromium() as window:
        open_page(window, playground_site)
        playground_site.missing.add(f"/_static/pyodide/{file}")
        explain(window)
        assert shown(window, "#trouble").startswith("Python could not be loaded")
        playground_site.missing.clear()
        explain(window)
        assert shown(window, "#verdict").startswith("✓")


def test_python_that_does_not_end_is_stopped_and_started_again(
    window: Page,
) -> None:
    show_case(
        window,
        policy='origins=re.compile("https://(a+)+b"), accept_risks="regex-origin"',
        origin=f"https://{'a' * 60}.example",
    )
    assert "no answer within 20 seconds" in shown(window, "#trouble")
    show_case(window)
    assert shown(window, "#cause") == "origin-not-allowed"


@pytest.mark.parametrize("policy", ["-" * 15_000 + "1", "a." * 9_000 + "a"])
def test_text_that_is_too_deep_for_python_is_a_sentence(
    window: Page, policy: str
) -> None:
    show_case(window)
    fill(window, policy=policy)
    explain(window)
    said = shown(window, "#trouble") + shown(window, "#why")
    assert said.startswith(("This is not Python.", "Python has ended"))
    show_case(window)
    assert shown(window, "#cause") == "origin-not-allowed"
