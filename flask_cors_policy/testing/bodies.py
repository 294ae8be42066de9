"""What a test gives as a body, as a page would send it."""

from __future__ import annotations

import json as json_module
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..devtools.browser.requests import Body

Fields = Mapping[str, str] | Iterable[tuple[str, str]]
Data = str | bytes | Fields
File = bytes | tuple[str, bytes] | tuple[str, bytes, str]
"""The bytes of a file; with its name; with its type as well."""

JSON_TYPE: Final = "application/json"


UNSET: Final = object()
"""Stands for an argument that was left out, where ``None`` means something."""

# https://html.spec.whatwg.org/#multipart-form-data: what is escaped in a name.
_ESCAPES: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def build_body(
    json: object, data: Data | None, files: Mapping[str, File] | None, body: Body | None
) -> Body | None:
    """Return the one body that was given, ``None`` if none was.

    :raises TypeError: if more than one was.
    """
    has_form = data is not None or files is not None
    if (json is not UNSET) + has_form + (body is not None) > 1:
        raise TypeError("a request has one body: json, data (with files), or body")
    if json is not UNSET:
        text = json_module.dumps(json, separators=(",", ":"), ensure_ascii=False)
        return Body(text.encode(), JSON_TYPE)  # As JSON.stringify() has it.
    if files is not None:
        if isinstance(data, str | bytes):
            raise TypeError("beside files, data holds the other fields of the form")
        return multipart(_pairs(data or ()), files)
    if isinstance(data, str):
        return Body.text(data)
    if isinstance(data, bytes):
        return Body(data)
    return body if data is None else Body.urlencoded(_pairs(data))


def multipart(fields: Iterable[tuple[str, str]], files: Mapping[str, File]) -> Body:
    """Return what a form with files is sent as.

    https://html.spec.whatwg.org/#multipart/form-data-encoding-algorithm
    """
    boundary = f"----form{secrets.token_hex(12)}"
    parts = []
    for name, value in fields:
        text = value.replace("\r\n", "\n").replace("\n", "\r\n")
        parts.append(_part(name, text.encode()))
    for name, file in files.items():
        filename, content, content_type = _file(file)
        parts.append(_part(name, content, filename, content_type))
    delimiter = f"--{boundary}".encode()
    content = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts)
    return Body(
        content + delimiter + b"--\r\n", f"multipart/form-data; boundary={boundary}"
    )


def _part(
    name: str, content: bytes, filename: str | None = None, content_type: str = ""
) -> bytes:
    head = f'Content-Disposition: form-data; name="{name.translate(_ESCAPES)}"'
    if filename is not None:
        head += f'; filename="{filename.translate(_ESCAPES)}"\r\n'
        head += f"Content-Type: {content_type}"
    return f"{head}\r\n\r\n".encode() + content


def _file(file: File) -> tuple[str, bytes, str]:
    """Return name, bytes and type, with what a browser takes where one is missing."""
    if isinstance(file, bytes):
        return "blob", file, "application/octet-stream"
    filename, content = file[0], file[1]
    return filename, content, file[2] if len(file) == 3 else "application/octet-stream"


def _pairs(fields: Fields) -> list[tuple[str, str]]:
    pairs: Any = fields.items() if isinstance(fields, Mapping) else fields
    return list(pairs)
