"""What docs/testing.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from flask_cors_policy import CORS
from flask_cors_policy.testing import FLAWS, Browser, CORSBlocked

GUIDE = Path(__file__).parents[2].joinpath("docs/testing.md").read_text("utf-8")


def test_the_example_is_a_test_that_passes(pytester: pytest.Pytester) -> None:
    (example,) = re.findall("```python\n(.*?)```", GUIDE, re.DOTALL)
    pytester.makepyfile(example)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=3)


def test_the_failure_is_printed_as_it_is_shown() -> None:
    app = Flask("api")
    app.put("/items/1")(lambda: "")
    CORS(
        app,
        origins="https://app.example.com",
        supports_credentials=True,
        allow_headers=["Content-Type", "X-Token"],
    )
    page = Browser(app, "https://app.example.com")
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/items/1", "PUT", headers={"X-Trace": "1"})
    assert f"```text\n{caught.value}\n```" in GUIDE


def test_the_table_of_flaws_is_that_of_the_code() -> None:
    table = GUIDE.partition("<!-- flaws -->\n")[2].partition("<!-- /flaws -->")[0]
    rows = [
        f"| `{name}` | {flaw.severity.value} / {flaw.with_credentials.value} "
        f"| {flaw.title} |\n"
        for name, flaw in FLAWS.items()
    ]
    head = "| id | severity | what is wrong |\n| --- | --- | --- |\n"
    assert table == head + "".join(rows)
