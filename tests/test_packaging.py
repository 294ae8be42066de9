"""What is built holds what it should, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "flask_cors_policy"


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
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if "entry_points" in each]
        entry_points = archive.read(name).decode().split("\n")

    at = entry_points.index("[pytest11]")
    assert (
        entry_points[at + 1] == "flask_cors_policy = flask_cors_policy.testing.plugin"
    )


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
        "docs/theme/policy/static/policy.css",
        "examples/behind_nginx/nginx.conf",
        "examples/cookie_login/page.html",
        "examples/demo/page.html",
        "requirements-lowest.txt",
        "tests/test_packaging.py",
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
