"""The files of a project: found, read, and written whole or not at all."""

from __future__ import annotations

import codecs
import io
import os
import tempfile
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SKIPPED_FOLDERS: Final = frozenset(
    {
        "__pycache__",
        "__pypackages__",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    }
)
"""Folders that hold no source of the project, as those whose name begins with a dot."""

_BOM: Final = codecs.BOM_UTF8.decode()


class UnreadableError(Exception):
    """A file that is left as it is. The text says why."""


@dataclass(frozen=True)
class TextFile:
    """A file that was read.

    :ivar path: as it is shown.
    :ivar text: without the byte order mark.
    """

    path: str
    text: str
    has_bom: bool = False

    def encoded(self, text: str) -> bytes:
        """Return *text* as the bytes of this file."""
        return (_BOM * self.has_bom + text).encode()


def find_files(paths: Iterable[str]) -> Iterator[str]:
    """Yield the files under *paths*, each once; symbolic links are not followed.

    :raises UnreadableError: if there is no such path.
    """
    seen: set[str] = set()
    for given in paths:
        path = Path(given)
        if not path.exists():
            raise UnreadableError(f"{given}: there is no such file or folder")
        for found in _walk(path) if path.is_dir() else [path]:
            real = os.path.realpath(found)
            if real not in seen:
                seen.add(real)
                yield str(found)


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED_FOLDERS
            and not name.startswith(".")
            and not os.path.exists(os.path.join(root, name, "pyvenv.cfg"))
        )
        for name in sorted(names):
            found = Path(root, name)
            if found.is_file() and not found.is_symlink():
                yield found


def read_text(path: str) -> TextFile:
    """Read a file of Python source.

    :raises UnreadableError: if it cannot be read, or is not UTF-8.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from None
    has_bom = content.startswith(codecs.BOM_UTF8)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode("utf-8").removeprefix(_BOM)
    except (SyntaxError, UnicodeDecodeError):
        raise UnreadableError("is not UTF-8") from None
    if encoding not in ("utf-8", "utf-8-sig") and not text.isascii():
        raise UnreadableError(f"is not UTF-8, but {encoding}")
    return TextFile(path, text, has_bom)


def write_whole(file: TextFile, text: str) -> None:
    """Replace the content of a file, in one step; its mode stays.

    :raises UnreadableError: if that fails; the file is as it was then, or if it has
        changed since it was read.
    """
    target = os.path.realpath(file.path)
    try:
        if read_text(file.path) != file:
            raise UnreadableError("has changed since it was read")
        status = os.stat(target)
        handle, temporary = tempfile.mkstemp(
            prefix=".", suffix=".migrate", dir=os.path.dirname(target)
        )
    except OSError as error:
        raise UnreadableError(f"cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(file.encoded(text))
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, status.st_mode & 0o7777)
        with suppress(OSError):  # Only root can give a file away.
            os.chown(temporary, status.st_uid, status.st_gid)
        os.replace(temporary, target)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise UnreadableError(f"cannot be written: {error.strerror}") from None
