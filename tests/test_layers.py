"""Which module may import which: one way only, and Flask in one folder only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import flask_cors_policy
from flask_cors_policy.core.options import PolicyOptions
from flask_cors_policy.core.settings import OPTIONS

NAME = "flask_cors_policy"
ROOT = Path(flask_cors_policy.__file__ or "").parent

# Module -> what it may import of the package, under TYPE_CHECKING too. A folder
# stands for all that is in it. A new module needs a row, or a folder that has one.
MAY_IMPORT: dict[str, set[str]] = {
    "": {"core.errors", "core.policy", "wsgi", "flask_ext"},
    "core": set(),
    "core.errors": set(),
    "core.reasons": set(),
    "core.fetch_standard": set(),
    "core.public_suffix": set(),
    "core.origin": {"core.fetch_standard", "core.reasons"},
    "core.origin_mistakes": {"core.fetch_standard", "core.origin"},
    "core.request": {"core.fetch_standard"},
    "core.options": {"core.origin"},
    "core.settings": {"core.errors"},
    "core.checks": {"core.fetch_standard", "core.settings"},
    "core.origin_settings": {
        "core.fetch_standard",
        "core.options",
        "core.origin",
        "core.origin_mistakes",
        "core.public_suffix",
        "core.settings",
    },
    "core.compiled": {"core.fetch_standard", "core.origin", "core.origin_settings"},
    "core.policy": {
        "core.checks",
        "core.compiled",
        "core.errors",
        "core.fetch_standard",
        "core.options",
        "core.origin",
        "core.origin_settings",
        "core.settings",
    },
    "core.decision": {
        "core.compiled",
        "core.fetch_standard",
        "core.origin",
        "core.policy",
        "core.reasons",
        "core.request",
    },
    "core.headers": {"core.compiled", "core.decision", "core.fetch_standard"},
    "core.usual": {
        "core.compiled",
        "core.decision",
        "core.fetch_standard",
        "core.headers",
        "core.origin",
        "core.policy",
        "core.reasons",
        "core.request",
    },
    "core.paths": set(),
    "core.path_settings": {"core.paths", "core.settings"},
    "core.inheritance": {"core.path_settings", "core.policy", "core.settings"},
    "log": {"core"},
    "serving": {"core", "log"},
    "wsgi": {"core", "log", "serving"},
    "sources": {"core", "log", "sources"},
    "flask_ext": {"core", "flask_ext", "log", "serving", "wsgi"},
    "devtools": set(),
    "devtools.browser": {
        "core.errors",
        "core.fetch_standard",
        "core.origin",
        "core.origin_mistakes",
        "core.public_suffix",
        "devtools.browser",
    },
    "devtools.explaining": {"core", "devtools.browser", "devtools.explaining"},
    "devtools.journal": set(),
    "devtools.exchanges": {"core.errors", "devtools.browser"},
    "devtools.wsgi_client": {"core.fetch_standard", "devtools.browser"},
    "devtools.attacks": {
        "core",
        "devtools.attacks",
        "devtools.browser",
        "devtools.exchanges",
        "devtools.journal",
        "devtools.wsgi_client",
    },
    "devtools.playing": {
        "core",
        "devtools.browser",
        "devtools.explaining",
        "devtools.wsgi_client",
        "log",
        "serving",
        "wsgi",
    },
    "devtools.app_routes": {"core", "devtools.explaining", "flask_ext"},
    "devtools.app_explain": {
        "core",
        "devtools.app_routes",
        "devtools.browser",
        "devtools.explaining",
        "devtools.playing",
        "devtools.wsgi_client",
        "flask_ext",
    },
    "devtools.route_table": {"core", "devtools.app_routes", "devtools.explaining"},
    "devtools.audit": {
        "core",
        "devtools.app_routes",
        "devtools.audit",
        "devtools.browser",
        "devtools.explaining",
        "serving",
    },
    "devtools.inspector": {
        "core.errors",
        "core.fetch_standard",
        "devtools.browser",
        "devtools.explaining",
        "devtools.inspector",
        "log",
    },
    "devtools.inspected": {
        "devtools.app_explain",
        "devtools.app_routes",
        "devtools.browser",
        "devtools.explaining",
        "devtools.inspector",
    },
    "devtools.commands": {
        "core",
        "devtools.app_explain",
        "devtools.attacks",
        "devtools.browser",
        "devtools.commands",
        "devtools.explaining",
        "devtools.playing",
    },
    "devtools.cli": {
        "core.errors",
        "devtools.app_explain",
        "devtools.app_routes",
        "devtools.audit",
        "devtools.explaining",
        "devtools.inspected",
        "devtools.inspector",
        "devtools.route_table",
    },
    "testing": {
        "core",
        "devtools.attacks",
        "devtools.browser",
        "devtools.exchanges",
        "devtools.journal",
        "devtools.wsgi_client",
        "testing",
    },
    "__main__": {"devtools.commands"},
}

# Serving code, by folder or module, and the rest, which is for developers.
SERVING = {"", "core", "flask_ext", "log", "serving", "sources", "wsgi"}
TOOLS = {"__main__", "devtools", "testing"}

# Folders in which every module, or every folder, has a row of its own.
ROW_BY_ROW = {"core", "devtools"}

# Folders that are pure, and what they have no use for then: clocks, logs, files,
# sockets, threads.
PURE = {"core", "devtools.browser", "devtools.explaining"}
IMPURE = {
    "asyncio",
    "logging",
    "os",
    "pathlib",
    "random",
    "socket",
    "threading",
    "time",
}
WEB = {"click", "flask", "werkzeug"}

# Where Flask and what came with it may be imported. The inspector is a server of its
# own, and Werkzeug's is the one that is there.
MAY_IMPORT_WEB: dict[str, set[str]] = {
    "flask_ext": {"flask", "werkzeug"},
    "devtools.app_explain": {"flask"},
    "devtools.app_routes": {"flask", "werkzeug"},
    "devtools.audit": {"flask", "werkzeug"},
    "devtools.cli": {"click", "flask"},
    "devtools.inspected": {"flask"},
    "devtools.inspector": {"werkzeug"},
}

# What an import of the package loads of itself, and what it does not load. What only
# path rules need, or mistakes, or some policies, is not there: each module takes
# 0.3 ms of an import's 15, and 1 ms where no bytecode is kept.
LOADED = {
    "",
    "core",
    "core.checks",
    "core.compiled",
    "core.decision",
    "core.errors",
    "core.fetch_standard",
    "core.headers",
    "core.origin",
    "core.origin_settings",
    "core.paths",
    "core.policy",
    "core.reasons",
    "core.request",
    "core.settings",
    "core.usual",
    "log",
    "serving",
    "wsgi",
}
NOT_LOADED = {
    *WEB,
    "dataclasses",
    "datetime",
    "difflib",
    "inspect",
    "ipaddress",
    "logging",
    "math",
    "publicsuffixlist",
    "threading",
    "unicodedata",
}


class Import(NamedTuple):
    """One import: what, and whether it is one when the module is imported."""

    target: str
    runtime: bool


def modules() -> dict[str, Path]:
    """Return the modules of the package, by their name within it."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()


def imports(module: str) -> list[Import]:
    """Return every import in *module*, those of this package as absolute names."""
    path = MODULES[module]
    absolute = f"{NAME}.{module}".rstrip(".")
    package = absolute if path.stem == "__init__" else absolute.rpartition(".")[0]
    tree = ast.parse(path.read_text("utf-8"))
    return list(_imports(tree, package, runtime=True))


def _imports(tree: ast.AST, package: str, *, runtime: bool) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, runtime) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1])
            source = f"{base}.{node.module or ''}" if node.level else node.module or ""
            for alias in node.names:
                yield Import(_module(source.rstrip("."), alias.name), runtime)
        else:
            later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or (
                isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            )
            yield from _imports(node, package, runtime=runtime and not later)


def _module(source: str, name: str) -> str:
    """Return which module ``from source import name`` reads."""
    module = f"{source}.{name}"
    package, _, inner = module.partition(".")
    return module if package == NAME and inner in MODULES else source


def inside(module: str) -> set[str]:
    """Return what *module* imports of the package, by names within it."""
    targets = {found.target for found in imports(module)}
    return {
        target.partition(".")[2] for target in targets if target.split(".")[0] == NAME
    }


def outside(module: str) -> set[Import]:
    """Return what *module* imports from elsewhere, by top-level names."""
    return {
        Import(found.target.split(".")[0], found.runtime)
        for found in imports(module)
        if found.target.split(".")[0] not in (NAME, "__future__")
    }


def folders(module: str) -> set[str]:
    """Return *module* and the folders that it is in."""
    parts = module.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts) + 1)}


def row(module: str) -> set[str]:
    """Return the row of *module* in the table, or of the folder it is in."""
    while module not in MAY_IMPORT:
        assert "." in module, f"{module} has no row in MAY_IMPORT"
        module = module.rpartition(".")[0]
        assert module not in ROW_BY_ROW, f"what is in {module} has rows of its own"
    return MAY_IMPORT[module]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module or NAME)
def test_module_imports_only_what_its_row_says(module: str) -> None:
    allowed = row(module)
    for target in inside(module):
        assert folders(target) & allowed, f"{module or NAME} must not import {target}"


@pytest.mark.parametrize("module", MAY_IMPORT, ids=lambda module: module or NAME)
def test_table_has_no_row_for_a_module_that_is_gone(module: str) -> None:
    assert module in MODULES
    assert {name for name in MAY_IMPORT[module] if name not in MODULES} == set()


def test_every_module_is_serving_code_or_for_developers() -> None:
    assert {module.split(".")[0] for module in MODULES} == SERVING | TOOLS


def test_serving_code_never_imports_developer_tools() -> None:
    for module in MODULES:
        if module.split(".")[0] in SERVING:
            tools = {name for name in inside(module) if folders(name) & TOOLS}
            assert tools == set(), f"{module or NAME} must not import {tools}"


def test_developer_tools_never_import_testing() -> None:
    for module in MODULES:
        if "devtools" in folders(module):
            found = {name for name in inside(module) if "testing" in folders(name)}
            assert found == set(), f"{module} must not import {found}"


def test_no_cycle_even_under_type_checking() -> None:
    graph = {module: inside(module) for module in MODULES}
    assert set(TopologicalSorter(graph).static_order()) >= set(MODULES)


def test_pure_folders_import_the_standard_library_only() -> None:
    for module in MODULES:
        if not folders(module) & PURE:
            continue
        for name, runtime in outside(module):
            if name == "publicsuffixlist":
                assert module == "core.public_suffix"
                assert not runtime
            elif name == "typing_extensions":
                assert not runtime
            else:
                assert name in sys.stdlib_module_names
                assert name not in IMPURE


def test_flask_is_imported_only_where_an_application_is_needed() -> None:
    imported: dict[str, set[str]] = {}
    for module in MODULES:
        found = {name for name, _ in outside(module)} & WEB
        if found:
            (place,) = folders(module) & MAY_IMPORT_WEB.keys()
            imported[place] = imported.get(place, set()) | found
    assert imported == MAY_IMPORT_WEB


def test_pytest_is_imported_by_its_plugin_only() -> None:
    users = [
        module
        for module in MODULES
        if "pytest" in {name for name, _ in outside(module)}
    ]
    assert users == ["testing.plugin"]


def python(code: str) -> str:
    """Run *code* in a fresh interpreter without Flask; return what it prints."""
    blocked = f"import sys; sys.modules.update(dict.fromkeys({sorted(WEB)!r}))\n"
    command = [sys.executable, "-W", "error", "-c", blocked + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_root_and_middleware_work_where_flask_cannot_be_imported() -> None:
    code = """
from wsgiref.util import setup_testing_defaults
import flask_cors_policy
from flask_cors_policy import CORSMiddleware, Policy, PolicyError
policy = Policy(origins="https://a.example")
def inner(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
app = CORSMiddleware(inner, {"/*": policy})
environ = {"HTTP_ORIGIN": "https://a.example"}
setup_testing_defaults(environ)
print(*app(environ, lambda status, headers: print(headers)))
assert "CORS" in dir(flask_cors_policy)
try:
    import flask
except ImportError:
    print("no flask")
"""
    assert python(code).splitlines() == [
        "[('Vary', 'Origin'), ('Access-Control-Allow-Origin', 'https://a.example')]",
        "b'hello'",
        "no flask",
    ]


def test_the_browser_and_explanations_load_nothing_but_the_core() -> None:
    code = """
import sys
import flask_cors_policy
before = set(sys.modules)
from flask_cors_policy.devtools import browser, explaining
print(*set(sys.modules) - before)
"""
    loaded = {name.partition(".")[2] for name in python(code).split() if NAME in name}
    assert {"devtools.browser", "devtools.explaining"} <= loaded
    assert all(folders(name) & PURE for name in loaded - {"devtools"})


def test_import_of_the_middleware_loads_what_every_policy_needs_and_no_more() -> None:
    # As where the library was installed for good: what finds the modules of an editable
    # installation (which -S leaves out) imports much of the standard library itself.
    code = f"""
import os, sys
sys.path.append({str(ROOT.parent)!r})
import flask_cors_policy
print(*sys.modules)
"""
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    names = done.stdout.split()
    own = {name.partition(".")[2] for name in names if name.split(".")[0] == NAME}
    assert own == LOADED
    assert NOT_LOADED.isdisjoint(names)


def test_options_for_type_checkers_are_the_options_there_are() -> None:
    assert tuple(PolicyOptions.__annotations__) == OPTIONS


def test_public_suffix_list_is_loaded_when_a_policy_needs_it_and_not_before() -> None:
    code = """
from flask_cors_policy import CORSMiddleware, Policy
def loaded():
    print(any(name.startswith("publicsuffixlist") for name in sys.modules))
loaded()
Policy(origins="https://*.a.example")
Policy(origins="https://a.example", supports_credentials=True)
Policy(origins="http://*.localhost:*", supports_credentials=True)
Policy(origins="https://*.com", supports_credentials=True, accept_risks="public-suffix")
loaded()
Policy(origins="https://*.a.example", supports_credentials=True)
loaded()
"""
    assert python(code).split() == ["False", "False", "True"]
