"""The wheel, installed into an environment of its own and used in the three ways."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

START = """
import json, sys
import flask_cors_policy

def tell(client):
    answers = []
    for origin in ("https://a.example", "https://evil.example"):
        sent = {"Origin": origin}
        asked = {**sent, "Access-Control-Request-Method": "PUT"}
        actual = client.put("/x", headers=sent)
        preflight = client.options("/x", headers=asked)
        for each in (actual, preflight):
            allowed = each.headers.get("Access-Control-Allow-Origin")
            methods = each.headers.get("Access-Control-Allow-Methods")
            answers.append([each.status_code, allowed, methods])
    print(json.dumps([flask_cors_policy.__file__, answers]))
"""
WRAPPING = """
from flask_cors_policy import CORSMiddleware, Policy
from werkzeug.test import Client
from werkzeug.wrappers import Response

policy = Policy(origins="https://a.example", methods="PUT")
tell(Client(CORSMiddleware(Response("x"), policy)))
assert "flask" not in sys.modules
"""
DECORATING = """
from flask import Flask
from flask_cors_policy import cross_origin

app = Flask(__name__)

@app.put("/x")
@cross_origin(origins="https://a.example", methods="PUT")
def view():
    return "x"

tell(app.test_client())
"""
CONFIGURING = """
from flask import Flask
from flask_cors_policy import CORS

app = Flask(__name__)
app.config["CORS_ORIGINS"] = "https://a.example"
app.config["CORS_METHODS"] = "PUT"
CORS(app)

@app.put("/x")
def view():
    return "x"

tell(app.test_client())
"""
WAYS = {"wrapping": WRAPPING, "decorating": DECORATING, "config keys": CONFIGURING}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel of this tree.

    What the wheel requires is taken from the environment of the tests, so that nothing
    is downloaded. Only the folder is added: of what is installed there for
    development nothing else counts, and the wheel comes first.
    """
    folder = tmp_path_factory.mktemp("installed")
    build = ["-m", "build", "--no-isolation", "--outdir", str(folder)]
    run([sys.executable, *build, str(ROOT)], folder)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "venv"
    venv.create(environment, with_pip=False)
    (packages,) = environment.glob("lib/*/site-packages")
    pip = ["-m", "pip", "--python", str(environment / "bin" / "python"), "install"]
    alone = ["--no-index", "--no-deps", "--disable-pip-version-check", str(wheel)]
    run([sys.executable, *pip, *alone], folder)
    (packages / "required.pth").write_text(sysconfig.get_paths()["purelib"])
    return environment


def run(command: list[str], folder: Path) -> str:
    """Return what *command* prints, run in *folder*."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={name: os.environ[name] for name in os.environ if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_wheel_works_where_it_is_installed(environment: Path, way: str) -> None:
    # Isolated: no variable and no folder of this process is looked at.
    command = [str(environment / "bin" / "python"), "-I", "-W", "error", "-c"]
    file, answers = json.loads(run([*command, START + way], environment))
    assert Path(file).is_relative_to(environment)
    assert answers == [
        [200, "https://a.example", None],
        [204, "https://a.example", "PUT"],
        [200, None, None],
        [403, None, None],
    ]


def test_its_commands_are_there(environment: Path) -> None:
    python = [str(environment / "bin" / "python"), "-I", "-m"]
    assert "explain" in run([*python, "flask_cors_policy", "--help"], environment)
    shown = run(
        [*python, "flask", "--app", "flask:Flask('x')", "cors", "--help"], environment
    )
    assert "audit" in shown
