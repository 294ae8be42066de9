"""Collects the samples on the pages, each a test of its own."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

# Nothing of it is installed beside the oldest Flask that is supported (see
# tests/conftest.py).
TOO_OLD = version("flask").startswith("2.")

collect_ignore_glob = ["*.md"] if TOO_OLD else []

if not TOO_OLD:
    from sybil import Document, Region, Sybil
    from sybil.evaluators.doctest import DocTestEvaluator
    from sybil.parsers.abstract import DocTestStringParser
    from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

    from .ext.samples import begin, console, end, http, js, sh, text

    class SessionParser(CodeBlockParser):
        """Finds interactive sessions."""

        language = "pycon"

        def __call__(self, document: Document) -> Iterable[Region]:
            """Yield a region for each prompt of each session."""
            sessions = DocTestStringParser(DocTestEvaluator())
            for region in super().__call__(document):
                source = region.parsed
                for prompt in sessions(source, document.path):
                    prompt.adjust(region, source)
                    yield prompt

    pytest_collect_file = Sybil(
        parsers=[
            PythonCodeBlockParser(),
            SessionParser(),
            CodeBlockParser("console", console),
            CodeBlockParser("http", http),
            CodeBlockParser("js", js),
            CodeBlockParser("sh", sh),
            CodeBlockParser("text", text),
        ],
        pattern="*.md",
        excludes=["_build/*/*"],
        setup=begin,
        teardown=end,
    ).pytest()
