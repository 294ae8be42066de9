"""Build the wheel and the sdist of a commit: the same bytes wherever that is done.

``make dist`` runs it. What is built is what git has, not what lies in the folder, and
the time of the commit is the time of every file. Three things remain that can change
the bytes: another commit, another flit_core (pinned in the group "release"), and a
Python whose zlib compresses otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    parser = argparse.ArgumentParser(prog="tools.dist", description=__doc__)
    parser.add_argument("--commit", default="HEAD", help="what to build (%(default)s)")
    parser.add_argument(
        "--outdir", type=Path, default=ROOT / "dist", help="where to (%(default)s)"
    )
    options = parser.parse_args(arguments)
    for path in build(options.commit, options.outdir):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")
    return 0


def build(commit: str, outdir: Path, root: Path = ROOT) -> list[Path]:
    """Build wheel and sdist of *commit* into *outdir*; return their paths.

    :param root: the work tree of the repository.
    :raises subprocess.CalledProcessError: if git does not know the commit, or it cannot
        be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = _git(root, "archive", "--format=tar", commit)
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(folder)
        return build_folder(Path(folder), outdir, commit_time(commit, root))


def build_folder(folder: Path, outdir: Path, time: int) -> list[Path]:
    """Build wheel and sdist of a source tree into *outdir*; return their paths.

    :param time: in seconds since 1970, for every file.
    """
    outdir.mkdir(parents=True, exist_ok=True)
    for old in (*outdir.glob("*.whl"), *outdir.glob("*.tar.gz")):
        old.unlink()
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", outdir, folder],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(time)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return [*outdir.glob("*.tar.gz"), *outdir.glob("*.whl")]


def commit_time(commit: str, root: Path = ROOT) -> int:
    """Return when *commit* was made, in seconds since 1970."""
    return int(_git(root, "show", "--no-patch", "--format=%ct", commit))


def _git(root: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    sys.exit(main())
