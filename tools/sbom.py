"""Write the SBOM of a wheel: what an installation of it consists of (CycloneDX, JSON).

``make dist`` runs it: ``python -m tools.sbom WHEEL OUTPUT``. The wheel is installed
into an environment of its own, with the newest releases of what it requires.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    parser = argparse.ArgumentParser(prog="tools.sbom", description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        python = empty_environment(Path(folder))
        install = [sys.executable, "-m", "pip", "--python", str(python), "install"]
        subprocess.run([*install, "--quiet", options.wheel], check=True)
        write(python, options.output)
    return 0


def empty_environment(folder: Path) -> Path:
    """Make a virtual environment without pip; return its Python."""
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


def write(python: Path, output: Path) -> None:
    """Write the SBOM of what *python* has; its root is this project."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "library"]
    command += ["--output-reproducible", "--output-format", "JSON"]
    command += ["--output-file", str(output), str(python)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
