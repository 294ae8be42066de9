"""Fixtures of this folder."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

import pytest
from flask import Flask

from flask_cors_policy.flask_ext.marks import register

from .audited_apps import HEAD, Load


@pytest.fixture(autouse=True)
def _no_marks_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules of other tests hold marks that no view leads to here."""
    monkeypatch.setattr(register, "marks", WeakSet())


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Return what makes an application of the source of its module."""
    monkeypatch.chdir(tmp_path)
    names: list[str] = []

    def load(source: str) -> Flask:
        name = f"audited_shop_{len(names)}"
        path = tmp_path / f"{name}.py"
        path.write_text(HEAD + textwrap.dedent(source), "utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        names.append(name)
        spec.loader.exec_module(module)
        app: Flask = module.app
        return app

    yield load
    for name in names:
        del sys.modules[name]
