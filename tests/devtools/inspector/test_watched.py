"""Which files an application was made from, and whether they have changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flask_cors_policy.devtools.inspector.watched import changed, files_read, stamp

from .conftest import Hook

SCRIPT = """
import json, sys
from flask_cors_policy.devtools.inspector.watched import files_read
sys.path.insert(0, sys.argv[1])
with files_read() as files:
    try:
        import watched_module
        import watched_broken
    except SyntaxError:
        pass
open(sys.argv[2]).close()
print(json.dumps(files))
"""


def test_modules_and_configuration_files_are_noted(tmp_path: Path) -> None:
    module, broken = tmp_path / "watched_module.py", tmp_path / "watched_broken.py"
    config, later = tmp_path / "policy.json", tmp_path / "later"
    module.write_text(
        f"import json, pathlib\n"
        f"json.loads(pathlib.Path({str(config)!r}).read_text())\n"
        f"open({str(tmp_path / 'log')!r}, 'a').close()\n"
    )
    broken.write_text("x = (\n")
    config.write_text("{}")
    later.write_text("")
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(later)]
    for _ in range(2):  # The second time there is a compiled one.
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert json.loads(done.stdout) == {
            str(path): stamp(str(path)) for path in (module, broken, config)
        }


READ = (None, os.O_RDONLY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "file"
    found.write_text("1")
    return found


def noted(hooks: list[Hook], *opened: tuple[Any, ...]) -> list[str]:
    """Return the paths that are noted when these files are opened."""
    with files_read() as files:
        for each in opened:
            hooks[-1]("open", each)
    return list(files)


def test_files_that_are_read_are_noted_once(hooks: list[Hook], path: Path) -> None:
    assert noted(hooks, (str(path), "r", os.O_RDONLY), (str(path), *READ)) == [
        str(path)
    ]
    assert noted(hooks, (os.fsencode(path), *READ)) == [str(path)]
    assert noted(hooks, (os.path.relpath(path), *READ)) == [str(path)]


def test_compiled_file_stands_for_its_source(hooks: list[Hook], path: Path) -> None:
    source, alone = path.with_suffix(".py"), path.with_suffix(".pyc")
    for each in (source, alone):
        each.write_text("")
    compiled = path.parent / "__pycache__" / "file.cpython-311.pyc"
    assert noted(hooks, (str(compiled), *READ)) == [str(source)]
    assert noted(hooks, (str(alone), *READ)) == [str(alone)]


def test_what_does_not_change_or_is_no_file_is_not_noted(
    hooks: list[Hook], path: Path
) -> None:
    installed = path.parent / "site-packages" / "there.py"
    installed.parent.mkdir()
    installed.write_text("")
    opened = [installed, os.__file__, path.parent, path.parent / "gone", os.devnull]
    assert noted(hooks, *((str(each), *READ) for each in opened)) == []
    assert noted(hooks, (7, "r", os.O_RDONLY)) == []


def test_what_is_written_is_not_noted(hooks: list[Hook], path: Path) -> None:
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND):
        assert noted(hooks, (str(path), None, flags)) == []


def test_other_events_and_later_ones_are_not_noted(
    hooks: list[Hook], path: Path
) -> None:
    with files_read() as files:
        hooks[-1]("import", (str(path), *READ))
    hooks[-1]("open", (str(path), *READ))
    assert files == {}


def test_a_change_between_reading_and_looking_shows(
    hooks: list[Hook], path: Path
) -> None:
    with files_read() as files:
        hooks[-1]("open", (str(path), *READ))
        path.write_text("22")
    assert changed(files)


def test_files_change_by_being_written_and_by_being_gone(path: Path) -> None:
    before = {str(path): stamp(str(path))}
    assert not changed(before)
    path.write_text("22")
    assert changed(before)
    path.unlink()
    assert changed(before)
    assert stamp(str(path)) == []
    assert not changed({str(path): []})
