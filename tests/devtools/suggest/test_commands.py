"""``flask cors suggest`` and ``python -m flask_cors_policy suggest``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from flask_cors_policy import CORS, CORSMiddleware, cross_origin
from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.commands import main
from flask_cors_policy.devtools.suggest import suggestion
from tests.helpers import EVIL, A, B, Spy

from .helpers import line, settings

# What --app names.
around = CORSMiddleware(
    CORSMiddleware(Spy(), origins=[A, B]), {"/*": {"origins": EVIL}}
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "cors.jsonl"
    file.write_text(json.dumps(line()) + "\n")
    return str(file)


def test_the_flask_command_compares_the_policies_of_the_application(path: str) -> None:
    app = Flask(__name__)
    CORS(app, origins=[A, B])

    @app.get("/")
    @cross_origin(origins=EVIL)
    def index() -> str:
        return ""

    result = app.test_cli_runner().invoke(cors, ["suggest", path, "--origin", A])
    assert result.exit_code == 0
    assert result.output == suggestion([path], [A], [A, B, EVIL])
    assert f'Listed today, and never came: "{B}"' in result.output
    assert f'Listed today, and never came: "{EVIL}"' in result.output


def test_the_flask_command_works_where_the_policy_has_mistakes(path: str) -> None:
    app = Flask(__name__)
    CORS(app, origins="*")

    @app.get("/")
    @cross_origin(supports_credentials=True)
    def index() -> str:
        return ""

    result = app.test_cli_runner().invoke(cors, ["suggest", path])
    assert result.exit_code == 0
    assert "The present policy is not compared: it has mistakes" in result.output


def test_the_flask_command_works_without_an_application(path: str) -> None:
    command = [sys.executable, "-m", "flask", "cors", "suggest", path, "--origin", A]
    done = subprocess.run(
        command, cwd=Path(path).parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert settings(done.stdout)["origins"] == [A]
    assert done.stderr.startswith("The present policy is not compared: ")


def test_the_flask_command_says_what_is_wrong(path: str) -> None:
    runner = Flask(__name__).test_cli_runner()
    for arguments in ([f"{path}.missing"], [path, "--origin", "null"]):
        result = runner.invoke(cors, ["suggest", *arguments])
        assert result.exit_code == 2
        assert "Error: " in result.output


def test_the_command_for_any_application_needs_none(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(path, "a") as file:
        file.write("torn")
    assert main(["suggest", path, "--origin", A, "--origin", B]) == 0
    out, err = capsys.readouterr()
    assert out == suggestion([path], [A, B])
    assert err == "1 broken line skipped\n"


def test_the_command_for_any_application_compares_its_middleware(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", path, "--app", f"{__name__}:around"]) == 0
    assert capsys.readouterr().out == suggestion([path], [], [EVIL, A, B])


def test_the_command_for_any_application_says_what_is_wrong(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", f"{path}.missing"]) == 2
    assert capsys.readouterr().err.startswith(f"error: cannot read {path}.missing: ")
