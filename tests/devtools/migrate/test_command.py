"""``flask cors migrate``: what it prints, writes and exits with."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.commands import main
from flask_cors_policy.devtools.migrate import files

OLD = "from flask_cors import CORS\n\nCORS(app)  # ours\n"
NEW = (
    "from flask_cors_policy import CORS\n\n"
    'CORS(app, origins="*", allow_headers=["*", "Authorization"])  # ours\n'
)
NOTHING = "from flask_cors_policy import CORS\n"


class Result(NamedTuple):
    status: int
    out: str
    err: str


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(cors, ["migrate", *map(str, arguments)])
    return Result(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def app(folder: Path) -> Path:
    return written(folder / "app.py", OLD)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_a_flag_it_prints_a_diff_and_writes_nothing(app: Path) -> None:
    status, out, err = run()
    assert status == 0
    assert out == (
        "--- a/app.py\n+++ b/app.py\n@@ -1,3 +1,3 @@\n"
        "-from flask_cors import CORS\n+from flask_cors_policy import CORS\n \n"
        "-CORS(app)  # ours\n"
        '+CORS(app, origins="*", allow_headers=["*", "Authorization"])  # ours\n'
    )
    assert err == (
        "app.py:3: kept open: Every site may read responses, as before: "
        'origins="*". [any-origin]\n'
        "    If this is no public API, list the origins of your pages.\n"
        "app.py:3: kept open: Pages may send every header, as before. [every-header]\n"
        "    If your pages send JSON and a token only, delete allow_headers.\n"
        "1 file to change (--write changes them).\n"
    )
    assert app.read_text("utf-8") == OLD
    assert run("--diff") == (status, out, err)


def test_the_diff_can_be_applied(app: Path, folder: Path) -> None:
    app.write_text(OLD.rstrip("\n"), "utf-8")
    diff = run().out
    subprocess.run(
        ["git", "apply", "-"], input=diff.encode(), cwd=folder, check=True, timeout=60
    )
    assert app.read_text("utf-8") == NEW.rstrip("\n")


def test_write_changes_the_files_and_a_second_run_finds_nothing(app: Path) -> None:
    status, out, err = run("--write")
    assert (status, out) == (0, "")
    assert err.endswith("1 file changed.\n")
    assert app.read_text("utf-8") == NEW
    assert run() == (0, "", "0 files to change.\n")


def test_check_exits_with_1_where_there_is_work(app: Path) -> None:
    assert run("--check").status == 1
    assert run("--check").out == ""
    assert app.read_text("utf-8") == OLD
    run("--write")
    assert run("--check") == (0, "", "0 files to change.\n")


def test_check_finds_a_dependency_that_is_left(folder: Path) -> None:
    written(folder / "requirements.txt", "flask\nflask-cors==6.0\n")
    status, _, err = run("--check")
    assert status == 1
    assert "requirements.txt:2: left as it is: Flask-CORS is a dependency" in err
    assert err.endswith("0 files to change, 1 line is left to check.\n")
    written(folder / "constraints.txt", "flask-cors==6.0\n")
    written(folder / "requirements.txt", "flask-cors\nflask-cors==6.0\n")
    assert run("--check").err.endswith(" lines are left to check.\n")


def test_notebooks_that_use_flask_cors_are_named(folder: Path) -> None:
    old = '{"source": [\n"import flask\\n",\n"from flask_cors import CORS"]}\n'
    written(folder / "old.ipynb", old)
    written(folder / "new.ipynb", old.replace("flask_cors", "flask_cors_policy"))
    written(folder / "other.ipynb", "{}\n")
    status, _, err = run("--check")
    assert status == 1
    assert "old.ipynb:3: left as it is: This notebook uses Flask-CORS" in err
    assert err.count("notebook uses") == 1


@pytest.mark.parametrize("flag", ["--diff", "--check", "--write"])
def test_what_cannot_be_parsed_is_named_and_the_rest_is_done(
    app: Path, folder: Path, flag: str
) -> None:
    written(folder / "broken.py", "from flask_cors import CORS\nCORS(app\n")
    latin = folder / "latin.py"
    latin.write_bytes("from flask_cors import CORS  # \xe9".encode("latin-1"))
    declared = folder / "declared.py"
    declared.write_bytes("# coding: latin-1\n# \xe9\n".encode("latin-1"))
    status, _, err = run(flag)
    assert status == 2
    assert "broken.py: skipped: it cannot be parsed: line " in err
    assert "latin.py: skipped: it is not UTF-8\n" in err
    assert "declared.py: skipped: it is not UTF-8\n" in err
    assert "3 files skipped." in err
    assert app.read_text("utf-8") == (NEW if flag == "--write" else OLD)


def test_a_file_of_another_encoding_is_skipped_though_its_bytes_are_utf_8(
    folder: Path,
) -> None:
    written(folder / "app.py", f"# coding: latin-1\n{OLD}# \u00e9\n")
    assert "app.py: skipped: it is not UTF-8, but iso-8859-1\n" in run().err


@pytest.mark.parametrize(
    "code",
    ["(" * 5000 + "1" + ")" * 5000, "[" * 190 + "]" * 190, "1 + " * 50_000 + "1"],
    ids=["parentheses", "lists", "a sum"],
)
def test_a_file_nested_too_deeply_is_skipped(folder: Path, code: str) -> None:
    written(folder / "deep.py", f"{OLD}x = {code}\n")
    status, _, err = run()
    assert status == 2
    assert "deep.py: skipped: it cannot be parsed: " in err


def test_the_application_is_never_imported(folder: Path) -> None:
    app = written(folder / "app.py", f"{OLD}raise SystemExit(1)\n")
    assert run("--write").status == 0
    assert app.read_text("utf-8") == f"{NEW}raise SystemExit(1)\n"
    assert "app" not in sys.modules


def test_a_path_that_is_missing_is_a_mistake(folder: Path) -> None:
    status, _, err = run("nowhere")
    assert status == 2
    assert "nowhere: there is no such file or folder" in err
    assert main(["migrate", "nowhere"]) == 2


def test_files_and_folders_can_be_named(app: Path, folder: Path) -> None:
    other = written(folder / "other" / "web.py", OLD)
    third = written(folder / "third.py", OLD)
    assert run("--write", "other", app, app).err.endswith("2 files changed.\n")
    assert (app.read_text(), other.read_text(), third.read_text()) == (NEW, NEW, OLD)


def test_folders_that_hold_no_source_of_the_project_are_left_out(folder: Path) -> None:
    for name in ("node_modules", ".hidden", "venv", "site-packages"):
        written(folder / name / "app.py", OLD)
    written(folder / "own-name" / "pyvenv.cfg", "")
    written(folder / "own-name" / "app.py", OLD)
    (folder / "link.py").symlink_to(written(folder / "venv" / "x.py", OLD))
    assert run() == (0, "", "0 files to change.\n")


def test_byte_order_mark_line_ends_and_mode_stay(folder: Path) -> None:
    app = folder / "app.py"
    app.write_bytes(codecs.BOM_UTF8 + OLD.replace("\n", "\r\n").encode())
    app.chmod(0o750)
    assert run("--write").status == 0
    assert app.read_bytes() == codecs.BOM_UTF8 + NEW.replace("\n", "\r\n").encode()
    assert app.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("step", ["os.fsync", "os.replace", "tempfile.mkstemp"])
def test_a_file_is_written_whole_or_not_at_all(
    app: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"{files.__name__}.{step}", fail)
    status, _, err = run("--write", app)
    monkeypatch.undo()
    assert status == 2
    message = "app.py: skipped: it cannot be written: No space left on device"
    assert message in err
    assert err.endswith("0 files changed, 1 file skipped.\n")
    assert app.read_text("utf-8") == OLD
    assert os.listdir(folder) == ["app.py"]


def test_a_file_that_has_changed_meanwhile_is_left(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask_cors_policy.devtools.migrate import report

    write = files.write_whole

    def later(file: files.TextFile, text: str) -> None:
        app.write_text("changed", "utf-8")
        write(file, text)

    monkeypatch.setattr(report, "write_whole", later)
    assert "app.py: skipped: it has changed since it was read" in run("--write").err
    assert app.read_text("utf-8") == "changed"


def test_json_says_the_same_for_programs(app: Path, folder: Path) -> None:
    written(folder / "broken.py", "CORS(")
    status, out, err = run("--json")
    data = json.loads(out)
    assert (status, err) == (2, "")
    assert [each["path"] for each in data["changes"]] == ["app.py"]
    assert data["changes"][0]["diff"].startswith("--- a/app.py\n")
    assert data["findings"][0] == {
        "path": "app.py",
        "line": 3,
        "group": "kept open",
        "code": "any-origin",
        "message": 'Every site may read responses, as before: origins="*".',
        "fix": "If this is no public API, list the origins of your pages.",
    }
    assert [each["path"] for each in data["skipped"]] == ["broken.py"]


def test_without_libcst_it_says_how_to_install_it(
    app: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "flask_cors_policy.devtools.commands.migrating.find_spec"
    monkeypatch.setattr(name, lambda _: None)
    expected = "pip install libcst"
    result = run()
    assert result.status == 2
    assert expected in result.err
    assert main(["migrate", str(app)]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status"), [([], 0), (["--check"], 1), (["--write"], 0)]
)
def test_the_command_of_the_package_does_the_same(
    app: Path,
    arguments: list[str],
    status: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = run("--diff", *arguments) if "--write" not in arguments else None
    assert main(["migrate", *arguments]) == status
    captured = capsys.readouterr()
    if expected is not None:
        assert (captured.out, captured.err) == (expected.out, expected.err)
    else:
        assert app.read_text("utf-8") == NEW


def test_it_works_where_flask_is_not_installed(app: Path, folder: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['flask'] = sys.modules['werkzeug'] = None\n"
        "from flask_cors_policy.devtools.commands import main\n"
        "sys.exit(main(['migrate', '--write']))\n"
    )
    root = Path(__file__).parents[3]
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=60,
    )
    assert app.read_text("utf-8") == NEW
