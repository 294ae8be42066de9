"""Which folder may import which: one way only, and Flask only where it is needed."""

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

# What serves requests, and what developers run. Folders and modules of the package.
SERVING = {
    *("", "core", "flask_ext", "handler", "log", "refusals", "report_file"),
    *("reporting", "sources", "wsgi"),
}
TOOLS = {"__main__", "devtools", "testing"}

# Folder or module -> what it may import of the others, under TYPE_CHECKING too.
MAY_IMPORT: dict[str, set[str]] = {
    "": {"core", "flask_ext", "wsgi"},
    "core": set(),
    "refusals": {"core"},
    "log": {"core", "refusals"},
    "handler": {"core", "log"},
    "wsgi": {"core", "handler", "log", "refusals", "reporting"},
    "reporting": {"core", "handler", "log", "refusals", "report_file"},
    "report_file": {"core", "log", "refusals"},
    "flask_ext": {"core", "handler", "log", "refusals", "reporting", "wsgi"},
    "sources": {"core", "log"},
    "devtools": {"core", "flask_ext", "handler", "log", "wsgi"},
    "devtools.codes": {"core"},
    "devtools.browser": {"core", "devtools.codes"},
    "devtools.explaining": {
        "core",
        "devtools.browser",
        "devtools.codes",
        "devtools.lines",
    },
    "testing": {"core", "devtools"},
    "__main__": {"devtools"},
}

# What needs no clock, log, file, socket or thread, and so imports none.
PURE = {
    "core",
    "devtools.browser",
    "devtools.codes",
    "devtools.explaining",
    "devtools.lines",
}
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

# Flask, what came with it, and who imports it: what needs an application. The inspector
# is a server of its own, and Werkzeug's is the one that is there. What it shows is
# pure.
WEB = {"click", "flask", "werkzeug"}
NEEDS_AN_APPLICATION = {
    "devtools.app_explain",
    "devtools.app_routes",
    "devtools.audit",
    "devtools.cli",
    "devtools.cli_output",
    "devtools.flask_cors_use",
}
MAY_IMPORT_WEB = {
    *NEEDS_AN_APPLICATION,
    "devtools.inspector.inspected",
    "devtools.inspector.running",
    "devtools.inspector.served",
    "devtools.inspector.servers",
    "devtools.inspector.site",
    "flask_ext",
}

# What an import of the package leaves to those who need it. Each takes its time.
NOT_LOADED = {
    *WEB,
    "dataclasses",
    "datetime",
    "difflib",
    "inspect",
    "math",
    "publicsuffixlist",
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


def folders(module: str) -> list[str]:
    """Return *module* and the folders that it is in, from the outside in."""
    parts = module.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def is_in(module: str, places: set[str]) -> bool:
    """Say whether *module* is one of *places*, or in one."""
    return not places.isdisjoint(folders(module))


def test_every_module_is_serving_code_or_for_developers() -> None:
    assert {module.split(".")[0] for module in MODULES} == SERVING | TOOLS
    assert {name for name in MAY_IMPORT if name not in MODULES} == set()


@pytest.mark.parametrize("place", MAY_IMPORT, ids=lambda place: place or NAME)
def test_a_folder_imports_only_what_it_may(place: str) -> None:
    for module in MODULES:
        # An inner folder with a rule of its own is not meant by the outer rule.
        rules = [name for name in folders(module) if name in MAY_IMPORT]
        if rules[-1:] != [place]:
            continue
        allowed = {place, *MAY_IMPORT[place]}
        found = {name for name in inside(module) if not is_in(name, allowed)}
        assert found == set(), f"{module or NAME} must not import {found}"


def test_serving_code_never_imports_developer_tools() -> None:
    for module in MODULES:
        if is_in(module, SERVING):
            tools = {name for name in inside(module) if is_in(name, TOOLS)}
            assert tools == set(), f"{module or NAME} must not import {tools}"


def test_no_cycle_even_under_type_checking() -> None:
    graph = {module: inside(module) for module in MODULES}
    assert set(TopologicalSorter(graph).static_order()) >= set(MODULES)


def test_pure_folders_import_the_standard_library_only() -> None:
    for module in MODULES:
        if not is_in(module, PURE):
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
    for module in MODULES:
        if not is_in(module, MAY_IMPORT_WEB):
            found = {name for name, _ in outside(module)} & WEB
            assert found == set(), f"{module or NAME} must not import {found}"


def test_pytest_is_imported_by_its_plugin_only() -> None:
    users = [
        module
        for module in MODULES
        if "pytest" in {name for name, _ in outside(module)}
    ]
    assert users == ["testing.plugin"]


def python(code: str, *options: str, without: set[str] = WEB) -> str:
    """Run *code* in a fresh interpreter; return what it prints.

    :param without: what cannot be imported there.
    """
    blocked = f"import sys; sys.modules.update(dict.fromkeys({sorted(without)!r}))\n"
    command = [sys.executable, "-W", "error", *options, "-c", blocked + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def own(printed: str) -> set[str]:
    """Return the modules of the package that *printed* names, by names within it."""
    return {
        name.partition(".")[2] for name in printed.split() if name.split(".")[0] == NAME
    }


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
    loaded = own(python(code))
    assert {"devtools.browser", "devtools.explaining"} <= loaded
    assert {name for name in loaded - {"devtools"} if not is_in(name, PURE)} == set()


def test_developer_tools_that_need_no_application_load_without_flask() -> None:
    names = [
        f"{NAME}.{module}"
        for module in MODULES
        if is_in(module, {"devtools", "testing"}) and not is_in(module, MAY_IMPORT_WEB)
    ]
    assert len(names) > 50
    code = f"""
from importlib import import_module
for name in {names!r}:
    import_module(name)
print(*sys.modules)
"""
    loaded = own(python(code))
    assert {name for name in loaded if is_in(name, MAY_IMPORT_WEB)} == set()


def test_import_of_the_middleware_loads_what_serves_and_little_else() -> None:
    # As where the library was installed for good: what finds the modules of an editable
    # installation (which -S leaves out) imports much of the standard library itself.
    code = f"""
sys.path.append({str(ROOT.parent)!r})
from {NAME} import CORSMiddleware
print(*sys.modules)
"""
    printed = python(code, "-I", "-S", without=set())
    serving = {"", "core", "handler", "log", "refusals", "wsgi"}
    assert {name for name in own(printed) if not is_in(name, serving)} == set()
    assert {"core.decision", "wsgi"} <= own(printed)
    assert NOT_LOADED.isdisjoint(printed.split())


def test_import_of_the_extension_loads_no_sources_and_no_developer_tools() -> None:
    code = f"from {NAME} import CORS, cors_exempt, cross_origin; print(*sys.modules)"
    loaded = own(python(code, without=set()))
    assert "flask_ext.extension" in loaded
    others = {"report_file", "reporting", "sources", *TOOLS}
    assert {name for name in loaded if is_in(name, others)} == set()


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
