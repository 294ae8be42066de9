"""The site, built once for all tests that look at it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.ext.playground import INSTALLED, fragment
from docs.ext.samples import ROOT
from tests.browsers.engines import chromium
from tests.browsers.page import Page

from .playground_page import CASE, open_page
from .served_site import Site, served


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, built as ``make docs`` builds it.

    Without the Python of the playground, where that is not installed.
    """
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going"]
    command += ["--quiet", "--builder", "html"]
    if not INSTALLED.is_dir():
        command += ["--define", "playground_python=0"]
    command += [str(ROOT / "docs"), str(target)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="session")
def playground_folder(site_folder: Path) -> Path:
    """Return the same; skip or fail the test where the playground has no Python."""
    if INSTALLED.is_dir():
        return site_folder
    message = 'Pyodide is not installed: "make pyodide" installs it'
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture
def playground_site(playground_folder: Path) -> Iterator[Site]:
    with served(playground_folder) as found:
        yield found


@pytest.fixture(scope="package")
def loaded_site(playground_folder: Path) -> Iterator[Site]:
    with served(playground_folder) as found:
        yield found


@pytest.fixture(scope="package")
def window(loaded_site: Site) -> Iterator[Page]:
    """One Chromium for many tests, because loading Python takes its time."""
    with chromium() as page:
        open_page(page, loaded_site, f"#{fragment(CASE)}")
        yield page
