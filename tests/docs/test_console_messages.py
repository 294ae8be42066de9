"""The messages on the page about troubleshooting are those of real consoles."""

from __future__ import annotations

import re

import pytest

from docs.ext.console_cases import API, CASES, ENGINES, OTHER, PAGE, observed
from docs.ext.samples import ROOT

from .console_messages import sort_lines

REAL = {
    PAGE: "http://127.0.0.1:1",
    API: "http://127.0.0.1:2",
    OTHER: "http://127.0.0.1:3",
}


def test_messages_are_sorted_by_case_and_name_the_origins_of_the_page() -> None:
    lines = [
        "something before the first case",
        "case not-allowed",
        "Access to 'http://127.0.0.1:2/not-allowed' from 'http://127.0.0.1:1' ...",
        "case twice",
        "http://127.0.0.1:1/:2:9: CONSOLE LOG case method",
        "CONSOLE SECURITY ERROR Method PUT is not allowed.",
        "CONSOLE JS ERROR Fetch API cannot load ... due to access control checks.",
        "case no-server",
        "(Reason: CORS request did not succeed). Status code: (null).",
        "case end",
        "something after the last case",
    ]
    assert sort_lines(lines, REAL) == {
        "not-allowed": f"Access to '{API}/items' from '{PAGE}' ...",
        "method": "Method PUT is not allowed.",
        "no-server": "(Reason: CORS request did not succeed). Status code: (null).",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_every_case_was_observed_in_every_engine(engine: str) -> None:
    said = observed()[engine]
    assert re.match(r"\d+\.\d+", said["version"])
    assert said["messages"].keys() | {"no-server"} == CASES.keys()
    for message in said["messages"].values():
        assert "127.0.0.1" not in message


def test_the_page_shows_every_case() -> None:
    text = ROOT.joinpath("docs", "troubleshooting.md").read_text("utf-8")
    shown = " ".join(re.findall(r"^```\{console-messages\} (.+)$", text, re.M)).split()
    assert sorted(shown) == sorted(CASES)
