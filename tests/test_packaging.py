"""What is built holds what it should, nothing else, and is the same every time."""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest

from tools import dist, sbom

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "flask_cors_policy"
NAMES = ["flask", "werkzeug", "jinja2", "markupsafe", "itsdangerous", "blinker"]
NAMES += ["click", "publicsuffixlist"]
"""What an installation of the wheel brings along, and no extra."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this tree."""
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, ROOT],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return target


def test_the_wheel_holds_the_package_and_its_data_only(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {
        name for name in zipfile.ZipFile(wheel).namelist() if "dist-info" not in name
    }

    sources = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py")}
    page = {
        str(path.relative_to(ROOT))
        for path in (PACKAGE / "devtools" / "inspector" / "page").iterdir()
    }
    assert "flask_cors_policy/devtools/inspector/page/inspector.html" in page
    assert names == sources | page | {"flask_cors_policy/py.typed"}


def test_the_wheel_tells_pytest_of_its_plugin(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    entry_points = configparser.ConfigParser()
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if "entry_points" in each]
        entry_points.read_string(archive.read(name).decode())

    assert dict(entry_points["pytest11"]) == {
        "flask_cors_policy": "flask_cors_policy.testing.plugin"
    }
    assert dict(entry_points["flask.commands"]) == {
        "cors": "flask_cors_policy.devtools.cli:cors"
    }


def test_users_get_extras_and_no_tools_of_developers(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith("METADATA")]
        lines = archive.read(name).decode().splitlines()
    extras = [line.split()[1] for line in lines if line.startswith("Provides-Extra:")]

    assert {"sources", "redis", "sqlalchemy"} <= set(extras)
    assert not {"tests", "docs", "lint", "types", "dev", "release"} & set(extras)
    assert not [line for line in lines if "pytest" in line and "Requires-Dist" in line]


def test_the_sdist_holds_tests_docs_and_examples(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {
        "LICENSE",
        "README.md",
        "CHANGES.md",
        "CONTRIBUTING.md",
        "README.ko.md",
        "SECURITY.md",
        "Makefile",
        "docs/conf.py",
        "docs/data/console_messages.json",
        "docs/migration.md",
        "docs/_static/playground/playground.js",
        "examples/behind_nginx/nginx.conf",
        "examples/cookie_login/page.html",
        "examples/demo/page.html",
        "requirements-lowest.txt",
        "tests/pyodide/run.mjs",
        "tests/test_packaging.py",
        "tools/environment.py",
    } <= names
    assert not [name for name in names if name.endswith(".pyc")]
    assert not [name for name in names if name.startswith("docs/_build")]


def test_an_index_takes_both_and_can_show_the_readme(built: Path) -> None:
    files = sorted(map(str, built.iterdir()))
    assert [name.rpartition(".")[2] for name in files] == ["whl", "gz"]
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == 2


def copy_of_the_tree(folder: Path, mask: int) -> Path:
    """Copy what is built into *folder*, as somebody else may have it checked out."""
    before = os.umask(mask)
    try:
        for name in ("flask_cors_policy", "tests", "tools", "docs", "examples"):
            shutil.copytree(
                ROOT / name,
                folder / name,
                ignore=shutil.ignore_patterns("__pycache__", "_build"),
                copy_function=shutil.copyfile,  # Mode and time of today.
            )
        for path in ROOT.iterdir():
            if path.is_file() and not path.name.startswith("."):
                shutil.copyfile(path, folder / path.name)
        for name in ("benchmarks", "fuzz"):
            folder.joinpath(name).mkdir()
    finally:
        os.umask(before)
    return folder


def hashes(folder: Path, mask: int, **environ: str) -> dict[str, str]:
    """Build *folder* in an environment of its own; return name to hash."""
    code = "import sys; from tools import dist; from pathlib import Path; "
    code += "dist.build_folder(Path(sys.argv[1]), Path(sys.argv[2]), 1_750_000_001)"
    before = os.umask(mask)
    try:
        subprocess.run(
            [sys.executable, "-c", code, str(folder), str(folder / "out")],
            cwd=ROOT,
            env={**os.environ, **environ},
            check=True,
            timeout=120,
        )
    finally:
        os.umask(before)
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "out").iterdir()
    }


def test_the_same_files_are_built_into_the_same_bytes(tmp_path: Path) -> None:
    one = copy_of_the_tree(tmp_path / "one", 0o022)
    other = copy_of_the_tree(tmp_path / "a longer name", 0o077)
    long_ago = time.time() - 400 * 24 * 3600
    for path in other.rglob("*"):
        os.utime(path, (long_ago, long_ago))

    first = hashes(one, 0o022, TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1")
    second = hashes(other, 0o077, TZ="Asia/Seoul", LC_ALL="C.UTF-8", PYTHONHASHSEED="2")

    assert len(first) == 2
    assert first == second
    changed = other / "flask_cors_policy" / "py.typed"
    changed.write_text("\n")
    assert not set(hashes(other, 0o077).values()) & set(first.values())


def test_a_commit_is_built_without_what_is_not_in_it(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path / "tree", 0o022)
    git = ["git", "-C", str(tree), "-c", "user.name=x", "-c", "user.email=x@x.example"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    clean = {
        path.name: path.read_bytes() for path in dist.build("HEAD", tree / "1", tree)
    }
    tree.joinpath("flask_cors_policy", "notes.py").write_text("x = 1\n")
    tree.joinpath("flask_cors_policy", "__init__.py").write_text("")

    again = {
        path.name: path.read_bytes() for path in dist.build("HEAD", tree / "2", tree)
    }

    assert again == clean


def test_the_sbom_names_what_an_installation_consists_of(
    built: Path, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    python = sbom.empty_environment(tmp_path / "venv")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], check=True)
    (packages,) = tmp_path.glob("venv/lib/*/site-packages")
    for name in NAMES:  # As pip would have put it there; nothing is downloaded.
        info = Path(str(distribution(name)._path))  # type: ignore[attr-defined]
        shutil.copytree(info, packages / info.name)
    output = tmp_path / "sbom.json"

    sbom.write(python, output)

    found = json.loads(output.read_text("utf-8"))
    assert found["bomFormat"] == "CycloneDX"
    root = found["metadata"]["component"]
    assert (root["name"], root["type"]) == ("flask_cors_policy", "library")
    components = {each["name"].lower(): each["version"] for each in found["components"]}
    versions = {name: distribution(name).version for name in NAMES}
    assert components == versions
    direct = {
        name.lower() for name in NAMES if name in str(requires("flask_cors_policy"))
    }
    (needed,) = [
        each["dependsOn"]
        for each in found["dependencies"]
        if each["ref"] == root["bom-ref"]
    ]
    assert {each.partition("==")[0].lower() for each in needed} == direct
