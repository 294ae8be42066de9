"""Directives for the parts of pages that are made from the library's own tables.

Each writes Markdown (MyST), which Sphinx then reads like the rest of the page.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from flask_cors_policy import PolicyWarning
from flask_cors_policy.core.checks import RISKS
from flask_cors_policy.core.errors import MISTAKES
from flask_cors_policy.core.reasons import Reason
from flask_cors_policy.devtools.codes import CODES
from flask_cors_policy.devtools.inspector.diagram import svg

from . import console_cases, exchanges, holes, plots, policy_lines

if TYPE_CHECKING:
    from sphinx.application import Sphinx

Row = tuple[str, ...]


def table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    for row in (head, tuple("---" for _ in head), *rows):
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        yield f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """Return *text* as Markdown's inline code, whatever it holds."""
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text}{ticks}"


def policy_line_tables(option: str) -> Iterator[str]:
    """Yield what an option takes and refuses, as messages really come."""
    lines = policy_lines.LINES[option]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)
        yield "Permitted:"
        yield ""
        yield "{.lines .permitted}"
        yield from table(
            ("line", "meaning"),
            ((code(line.options), line.meaning) for line in lines.permitted),
        )
        yield ""
        yield "Prohibited:"
        yield ""
        yield "{.lines .prohibited}"
        yield from table(
            ("line", "the error says"),
            ((code(line.options), _said(line)) for line in lines.prohibited),
        )


def _said(line: policy_lines.Prohibited) -> str:
    problem = next(
        found
        for found in policy_lines.problems(line.options)
        if found.reason == line.reason
    )
    return f"{plain(problem.message)} {plain(problem.hint)} [{code(problem.reason)}]"


def plain(text: str) -> str:
    """Return *text* as Markdown that shows it as it is."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>$" else char for char in text)


def log_reasons(_: str) -> Iterator[str]:
    """Yield the table of the reasons in the log."""
    refused = (reason for reason in Reason if reason.denied)
    yield from table(
        ("code", "what happened", "what to do"),
        ((code(r.value), plain(r.sentence), plain(r.fix)) for r in refused),
    )


def other_reasons(_: str) -> Iterator[str]:
    """Yield the reasons of what is not refused, and so not logged."""
    allowed = (reason for reason in Reason if not reason.denied)
    yield from table(
        ("code", "what happened"), ((code(r.value), plain(r.sentence)) for r in allowed)
    )


def mistakes(_: str) -> Iterator[str]:
    """Yield the table of what can be wrong with a policy."""
    yield from table(
        ("code", "meaning"),
        ((code(reason), plain(meaning)) for reason, meaning in MISTAKES.items()),
    )


def risks(_: str) -> Iterator[str]:
    """Yield the risks that can be accepted."""
    yield from table(
        ("name", "what is accepted with it"),
        ((code(name), plain(danger)) for name, danger in RISKS.items()),
    )


def causes(codes: str) -> Iterator[str]:
    """Yield what ``flask cors explain`` says where it finds these causes."""
    known = {reason.value: reason.sentence for reason in (*Reason, *CODES.values())}
    said = "; ".join(f"{code(name)}, {plain(known[name])}" for name in codes.split())
    yield f"{code('flask cors explain')} says: {said}."


def hole_table(_: str) -> Iterator[str]:
    """Yield the holes found elsewhere."""
    rows = (
        (
            ", ".join(hole.found_in),
            hole.mechanism,
            hole.here,
            ", ".join(code(test.rpartition("::")[2]) for test in hole.tests),
        )
        for hole in holes.HOLES
    )
    yield "{.holes}"
    yield from table(("found in", "how it works", "why not here", "shown by"), rows)


def console_messages(names: str) -> Iterator[str]:
    """Yield what the consoles of browsers say in the cases *names*."""
    engines = console_cases.observed()
    yield "{.messages}"
    yield from table(
        ("browser", "what its console says"),
        (
            (shown, code(message))
            for engine, shown in console_cases.ENGINES.items()
            for message in _messages(engines[engine]["messages"], names.split())
        ),
    )


def _messages(said: Mapping[str, str], names: list[str]) -> Iterator[str]:
    """Yield the messages of an engine, each once; say where it has none."""
    yield from dict.fromkeys(said.get(name, "(nothing about CORS)") for name in names)


def observed_engines(_: str) -> Iterator[str]:
    """Yield which browsers the messages are from."""
    engines = console_cases.observed()
    yield ", ".join(
        f"{shown} {engines[engine]['version']}"
        for engine, shown in console_cases.ENGINES.items()
    )


GENERATED: Final[dict[str, Callable[[str], Iterator[str]]]] = {
    "policy-lines": policy_line_tables,
    "log-reasons": log_reasons,
    "other-reasons": other_reasons,
    "mistakes": mistakes,
    "risks": risks,
    "causes": causes,
    "holes": hole_table,
    "console-messages": console_messages,
    "observed-engines": observed_engines,
}
"""Name of a directive -> what yields its Markdown, given its argument."""


class Generated(SphinxDirective):
    """Insert Markdown made from a table."""

    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = {}

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the generated Markdown."""
        argument = self.arguments[0] if self.arguments else ""
        text = "\n".join(GENERATED[self.name](argument))
        return self.parse_text_to_nodes(text)


class Drawing(SphinxDirective):
    """Insert the drawing of an exchange."""

    required_arguments = 1
    option_spec: ClassVar[Any] = {}

    def run(self) -> list[nodes.Node]:
        """Return the drawing, as a figure within the page."""
        story = exchanges.STORIES[self.arguments[0]]
        image = svg(exchanges.sequence(story), exchanges.WIDTH)
        caption = f"<figcaption>{escape(story.caption)}</figcaption>"
        html = f'<figure class="exchange">{image}{caption}</figure>'
        return [nodes.raw("", html, format="html")]


class Plot(SphinxDirective):
    """Insert a plot of what was measured."""

    required_arguments = 1
    option_spec: ClassVar[Any] = {}

    def run(self) -> list[nodes.Node]:
        """Return the plot, as a figure within the page."""
        self.env.note_dependency(str(plots.RESULTS))
        caption, draw = plots.PLOTS[self.arguments[0]]
        said = f"<figcaption>{escape(caption)}</figcaption>"
        html = f'<figure class="plot">{draw()}{said}</figure>'
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives (Sphinx calls this)."""
    for name in GENERATED:
        app.add_directive(name, Generated)
    app.add_directive("exchange", Drawing)
    app.add_directive("plot", Plot)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
