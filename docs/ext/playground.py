"""The playground: its page, and all that the page loads, copied into the site.

Python comes from the npm package ``pyodide``, which ``make pyodide`` installs in the
version of ``tests/pyodide/package-lock.json``. The page runs the wheel that is built
from this tree. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from html import escape
from importlib.metadata import files as files_of
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote, unquote_plus

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from flask_cors_policy.devtools.playground.fields import read_case
from flask_cors_policy.devtools.playground.played import play

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT: Final = Path(__file__).parents[2]
DATA: Final = ROOT / "docs" / "data" / "playground"
INSTALLED: Final = ROOT / ".pyodide" / "node_modules" / "pyodide"
PAGE: Final = "playground"

RUNTIME: Final = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "pyodide-lock.json",
    "python_stdlib.zip",
)
"""The files of the npm package that a browser needs."""
# What the wheel is built from.
_SOURCES: Final = (
    "flask_cors_policy",
    "pyproject.toml",
    "setup.cfg",
    "README.md",
    "LICENSE",
)
# Needed for patterns with credentials; it has no other dependency.
_DEPENDENCY: Final = "publicsuffixlist"

POLICY: Final = {
    "default-src": "'self'",
    "object-src": "'none'",
    "frame-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    # The worker begins as a blob:, so that it has this policy too.
    "worker-src": "'self' blob:",
    "form-action": "'self'",
    "base-uri": "'none'",
}
"""The Content-Security-Policy of the page, less the hashes of the theme's scripts."""

_log = logging.getLogger(__name__)


def cases() -> list[dict[str, Any]]:
    """Return the cases to start from: ``title``, ``why`` and ``fields`` of each."""
    found: list[dict[str, Any]] = json.loads((DATA / "cases.json").read_text("utf-8"))
    return found


def fragment(fields: Mapping[str, str]) -> str:
    """Return what stands behind ``#`` in a link to a case; ``link.js`` reads it.

    At the end stands how long it all is, so that a link that was cut is noticed.
    """
    parts = [f"{name}={_encoded(text)}" for name, text in fields.items() if text]
    texts = [part for name, text in fields.items() if text for part in (name, text)]
    length = sum(len(text.encode("utf-16-le")) // 2 for text in texts)
    return "&".join([*parts, f"end={length}"])


def _encoded(text: str) -> str:
    # Programs that find links in a text stop at some marks; quote() leaves one of them.
    return quote(text, safe="").replace("~", "%7E")


def fields_of(text: str) -> dict[str, str]:
    """Return the fields of a fragment that is complete."""
    pairs = (part.partition("=") for part in text.split("&"))
    return {name: unquote_plus(value) for name, _, value in pairs if name != "end"}


class Playground(SphinxDirective):
    """Insert the form of the playground, with the cases to start from."""

    option_spec: ClassVar[Any] = {}

    def run(self) -> list[nodes.Node]:
        """Return the form, as it stands."""
        items = "".join(
            f'<li><a href="#{escape(fragment(case["fields"]))}">{escape(case["title"])}'
            f"</a> <span>{escape(case['why'])}</span></li>\n"
            for case in cases()
        )
        self.env.note_dependency(str(DATA / "cases.json"))
        self.env.note_dependency(str(DATA / "form.html"))
        form = (DATA / "form.html").read_text("utf-8")
        html = form.replace("<!-- cases -->", items)
        return [nodes.raw("", html, format="html")]


class Refusal(SphinxDirective):
    """Insert what the explanation says of a case, and a link to it."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = {}

    def run(self) -> list[nodes.Node]:
        """Return the verdict as it is printed, and the link."""
        (fields,) = (
            case["fields"] for case in cases() if case["title"] == self.arguments[0]
        )
        found = play(read_case(fields))["engines"][0]
        lines = [
            f"Blocked: {found['cause']}",
            f"Why:  {found['found']}",
            *(f"Fix:  {fix}" for fix in found["fixes"]),
        ]
        text = "\n".join(lines)
        target = f"{PAGE}.html#{escape(fragment(fields))}"
        link = f'<p><a href="{target}">Open this case in the playground</a></p>'
        block = nodes.literal_block(text, text, language="text")
        return [block, nodes.raw("", link, format="html")]


def add_script(
    app: Sphinx, name: str, _template: str, _context: Any, _tree: Any
) -> None:
    """Load the script of the playground on its page alone."""
    if name == PAGE:
        app.add_js_file("playground/playground.js", type="module")
        app.add_css_file("playground/playground.css")


def copy_runtime(app: Sphinx, error: Exception | None) -> None:
    """Copy what the page loads into the site, and give the page its policy."""
    if error is not None or app.builder.format != "html":
        return
    page = Path(app.outdir) / f"{PAGE}.html"
    if not page.is_file():
        return
    page.write_text(_with_policy(page.read_text("utf-8")), "utf-8")
    if not app.config.playground_python:
        return
    if not INSTALLED.is_dir():
        _log.warning("pyodide is not installed: make pyodide installs it")
        return
    target = Path(app.outdir) / "_static" / "pyodide"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in RUNTIME:
        shutil.copyfile(INSTALLED / name, target / name)
    archives = [build_wheel(target), _archive_of(_DEPENDENCY, target)]
    # The lock file lists the packages of a whole distribution; none is installed.
    sizes = {path.name: path.stat().st_size for path in sorted(target.iterdir())}
    listing = {"archives": [path.name for path in archives], "sizes": sizes}
    (target / "files.json").write_text(json.dumps(listing, indent=1), "utf-8")


def build_wheel(target: Path) -> Path:
    """Build the wheel of this tree into *target*; return its path.

    From a copy, because setuptools puts what it has built once into the next wheel too.
    """
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        for source in _SOURCES:
            path = ROOT / source
            if path.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(path, tree / source, ignore=ignored)
            else:
                shutil.copyfile(path, tree / source)
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
        done = subprocess.run(
            [*command, "--outdir", str(target), name], capture_output=True, text=True
        )
    if done.returncode:
        raise RuntimeError(f"the wheel cannot be built:\n{done.stdout}{done.stderr}")
    (wheel,) = target.glob("flask_cors_policy-*.whl")
    return wheel


def _archive_of(package: str, target: Path) -> Path:
    """Pack an installed package, which is Python and data alone, into an archive."""
    path = target / f"{package}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(files_of(package) or ()):
            if entry.parts[0].startswith(package) and entry.suffix != ".pyc":
                # A fixed date: the same site comes from the same sources.
                info = zipfile.ZipInfo(str(entry), (2020, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, entry.read_binary())
    return path


def _with_policy(html: str) -> str:
    """Return the page *html* with a policy under which its inline scripts run."""
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = sorted(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in scripts
    )
    sources = {**POLICY, "script-src": " ".join([POLICY["script-src"], *hashes])}
    content = "; ".join(f"{name} {value}" for name, value in sources.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(content)}">'
    return html.replace("<head>", f"<head>{meta}", 1)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the playground (Sphinx calls this)."""
    app.add_config_value("playground_python", True, "html", bool)
    app.add_directive("playground", Playground)
    app.add_directive("refusal", Refusal)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", copy_runtime)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
