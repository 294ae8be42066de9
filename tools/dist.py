"""Build the wheel and the sdist of a commit: the same bytes wherever that is done.

``make dist`` runs it. What is built is what git has, not what lies in the folder, and
the time of the commit is the time of every file. Three things remain that can change
the bytes: another commit, another setuptools (pinned in the group "release"), and a
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
from gzip import GzipFile
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
            files.extractall(folder, filter="data")
        return build_folder(Path(folder), outdir, commit_time(commit, root))


def build_folder(folder: Path, outdir: Path, time: int) -> list[Path]:
    """Build wheel and sdist of a source tree into *outdir*; return their paths.

    :param time: in seconds since 1970, for every file.
    """
    outdir.mkdir(parents=True, exist_ok=True)
    for old in (*outdir.glob("*.whl"), *outdir.glob("*.tar.gz")):
        old.unlink()
    _run_build("--sdist", folder, outdir, time)
    (sdist,) = outdir.glob("*.tar.gz")
    _pack_again(sdist, time)
    with tempfile.TemporaryDirectory() as unpacked:
        with tarfile.open(sdist) as files:
            files.extractall(unpacked, filter="data")
        (tree,) = Path(unpacked).iterdir()
        _run_build("--wheel", tree, outdir, time)
    return [sdist, *outdir.glob("*.whl")]


def _run_build(what: str, folder: Path, outdir: Path, time: int) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", what]
    command += ["--outdir", str(outdir), str(folder)]
    subprocess.run(
        command,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(time)},
        umask=0o022,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _pack_again(sdist: Path, time: int) -> None:
    """Give every file of an sdist the same owner, mode and *time*, in one order.

    setuptools takes them from the file system.
    """
    with tarfile.open(sdist) as archive:
        files = {
            member.name: archive.extractfile(member)
            for member in archive.getmembers()
            if member.isfile()
        }
        contents = {name: file.read() for name, file in files.items() if file}
    with (
        sdist.open("wb") as raw,
        GzipFile("", "wb", fileobj=raw, mtime=time) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in sorted(contents.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), time
            archive.addfile(member, BytesIO(content))


def commit_time(commit: str, root: Path = ROOT) -> int:
    """Return when *commit* was made, in seconds since 1970."""
    return int(_git(root, "show", "--no-patch", "--format=%ct", commit))


def _git(root: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    sys.exit(main())
