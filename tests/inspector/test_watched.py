"""Which files an application was made from, and whether they have changed."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

import pytest

from flask_cors_policy.inspector.watched import changed, files_read, stamp


def test_modules_and_configuration_files_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, config = tmp_path / "watched_module.py", tmp_path / "policy.json"
    module.write_text("import json, pathlib\n")
    config.write_text("{}")
    monkeypatch.syspath_prepend(tmp_path)
    with files_read() as files:
        importlib.import_module("watched_module")
        json.loads(config.read_bytes())
    monkeypatch.delitem(sys.modules, "watched_module")
    assert files == {str(path): stamp(str(path)) for path in (module, config)}
    with files_read() as files:  # Now there is a compiled one.
        importlib.import_module("watched_module")
    assert str(module) in files
    monkeypatch.delitem(sys.modules, "watched_module")


def test_module_that_does_not_compile_is_noted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "watched_broken.py"
    module.write_text("x = (\n")
    monkeypatch.syspath_prepend(tmp_path)
    with files_read() as files, pytest.raises(SyntaxError):
        importlib.import_module("watched_broken")
    assert str(module) in files


def test_what_is_written_is_not_noted(tmp_path: Path) -> None:
    with files_read() as files:
        (tmp_path / "log").write_text("x")
        with (tmp_path / "log").open("a") as log:
            log.write("y")
    assert files == {}


def test_what_others_wrote_is_not_noted(tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "there.py"
    installed.parent.mkdir()
    installed.write_text("")
    with files_read() as files:
        installed.read_bytes()
        Path(os.__file__).read_bytes()
        os.close(os.open(tmp_path, os.O_RDONLY))
        with open(os.devnull, "rb"):
            pass
        with open(os.dup(0), "rb"):
            pass
    assert files == {}


def test_paths_of_bytes_and_compiled_files_without_source_are_noted(
    tmp_path: Path,
) -> None:
    compiled, raw = tmp_path / "alone.pyc", tmp_path / "raw"
    for path in (compiled, raw):
        path.write_bytes(b"")
    with files_read() as files:
        compiled.read_bytes()
        with open(os.fsencode(raw), "rb"):
            pass
    assert set(files) == {str(compiled), str(raw)}


def test_what_is_read_afterwards_is_not_noted(tmp_path: Path) -> None:
    path = tmp_path / "later"
    path.write_text("")
    with files_read() as files:
        pass
    path.read_text()
    assert files == {}


def test_a_change_between_reading_and_looking_shows(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text("1")
    with files_read() as files:
        path.read_text()
        path.write_text("22")
    assert changed(files)


def test_files_change_by_being_written_and_by_being_gone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("1")
    before = {str(path): stamp(str(path))}
    assert not changed(before)
    path.write_text("22")
    assert changed(before)
    path.unlink()
    assert changed(before)
    assert stamp(str(path)) == []
    assert not changed({str(path): []})
