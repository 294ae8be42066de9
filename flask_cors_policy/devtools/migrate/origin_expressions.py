"""Regular expressions for origins, as patterns or as narrower expressions.

An expression is read into alternatives, and each is split into scheme, host and port.
Whatever is narrowed is narrowed to a part of what it matched:

- a dot between letters is a dot, ``*`` after a letter is that letter once;
- text without bounds at the end is a port, or nothing;
- text without bounds before a host is whole labels, or nothing;
- text without bounds after ``192.168.`` is the rest of an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from ...core.origin import OriginPattern
from . import regexes
from .regexes import DIGITS, Alternative, Piece, Run, alternatives, run_code

ANY_PORT: Final = "any"
SOME_PORT: Final = "some"
"""Any port, but not none."""

_LABELS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")
_HOST_CHARS: Final = _LABELS | {"_"}
_PORT: Final = DIGITS | {":"}
_ADDRESS: Final = re.compile(r"(?:[0-9]+\.){1,3}(?:[0-9]+)?\*?")
_WEB: Final = ("https", "http")

STRANGERS: Final = (
    "https://stranger.invalid",
    "http://stranger.invalid",
    "https://stranger.invalid:8443",
    "https://a.stranger.test",
    "http://a.stranger.test:8443",
)
"""Origins that belong to nobody's application."""


class TranslatedExpression(NamedTuple):
    """What an expression becomes.

    :ivar items: patterns and expressions; empty if it cannot be translated.
    :ivar examples: an origin for each of the items.
    :ivar is_open: whether it was left out because anybody can register what it allows.
    """

    items: tuple[str | re.Pattern[str], ...]
    examples: tuple[str, ...] = ()
    is_open: bool = False


class _Place(NamedTuple):
    """Scheme, host and port.

    :ivar host: a host, or ``*.host``; a regular expression if *is_regex*.
    :ivar port: digits, ``""`` for none, ``ANY_PORT`` or ``SOME_PORT``; a regular
        expression if *is_regex*.
    :ivar example: an origin that this stands for.
    """

    scheme: str
    host: str
    port: str
    is_regex: bool
    example: str


class _Tail(NamedTuple):
    """What may follow the last piece.

    :ivar open: anything.
    :ivar written: whether the expression says so, as ``.*``.
    :ivar least: how many characters there must be.
    :ivar dots: whether a dot may be among them.
    """

    open: bool
    written: bool = False
    least: int = 0
    dots: bool = True


def translate(pattern: re.Pattern[str]) -> TranslatedExpression:
    """Return what to write for an expression that Flask-CORS matched origins with."""
    found = alternatives(pattern)
    if found is None:
        return _kept(pattern)
    places: list[_Place] = []
    is_open = False
    for alternative in found:
        try:
            places += _places(alternative)
        except _Open:
            is_open = True
        except regexes.NeverMatchedError:
            continue
    merged = list(_merged(places))
    items = dict.fromkeys(item for item, _ in merged)
    return TranslatedExpression(
        tuple(items), tuple(example for _, example in merged), is_open
    )


class _Open(Exception):
    """Anybody can register an origin that this allows."""


def _kept(pattern: re.Pattern[str]) -> TranslatedExpression:
    """Keep an expression that cannot be read; it has to reach the end from now on."""
    text = pattern.pattern
    if not re.search(r"(?<!\\)(?:\\\\)*(?:\$|\\Z)$", text):
        text = f"(?:{text})(:[0-9]+)?"
    kept = re.compile(text, pattern.flags)
    if any(map(kept.fullmatch, STRANGERS)):
        return TranslatedExpression((), is_open=True)
    return TranslatedExpression((kept,))


def _places(alternative: Alternative) -> Iterator[_Place]:
    pieces, tail = _without_tail(alternative)
    for scheme, rest in _schemes(pieces):
        host, port = _split(rest, tail)
        if not host and tail.open and port == _port_after(tail) and scheme in _WEB:
            raise _Open
        yield from _hosts(scheme, host, port, tail)


def _without_tail(alternative: Alternative) -> tuple[list[Piece], _Tail]:
    """Return the pieces without a wild one at the end, narrowed where they can be."""
    pieces = list(alternative.pieces)
    tail = _Tail(not alternative.ends)
    last = pieces[-1] if pieces else None
    if isinstance(last, Run) and last.chars >= _PORT and last.most is None:
        pieces.pop()
        dots = "." in last.chars or not alternative.ends
        tail = _Tail(True, True, last.least, dots)
    narrowed: list[Piece] = []
    for index, piece in enumerate(pieces):
        is_last = index == len(pieces) - 1
        text = _narrowed(piece, is_last=is_last)
        if is_last and isinstance(piece, Run) and text in DIGITS and tail.open:
            tail = _Tail(True, True)  # http://localhost:30* means 3000, too.
        if narrowed and isinstance(narrowed[-1], str) and isinstance(text, str):
            narrowed[-1] += text
        elif text:
            narrowed.append(text)
    return narrowed, tail


def _narrowed(piece: Piece, *, is_last: bool) -> Piece:
    if isinstance(piece, str):
        return piece
    if piece.is_wild and "." in piece.chars and (piece.least, piece.most) == (1, 1):
        return "."
    if len(piece.chars) == 1 and piece.least <= 1:
        (char,) = piece.chars
        return "" if char == ":" and is_last and piece.least == 0 else char
    return piece


def _schemes(pieces: list[Piece]) -> Iterator[tuple[str, list[Piece]]]:
    """Yield each scheme, and what follows ``://``.

    :raises _Open: if the rest of the scheme is missing.
    """
    first, rest = (pieces[0], pieces[1:]) if pieces else ("", [])
    if isinstance(first, Run):
        if not first.is_wild:
            return
        following = rest[0] if rest else None
        if isinstance(following, str):
            host = following.removeprefix(":").removeprefix("//")
            if host != following:  # The run stood for the scheme alone.
                yield from ((scheme, [host, *rest[1:]]) for scheme in _WEB)
            elif re.match("https?:", following):
                yield from _schemes(rest) if first.least == 0 else ()
            else:
                any_text = first._replace(least=0, most=None)
                yield from ((scheme, [any_text, *rest]) for scheme in _WEB)
        return
    scheme, separator, host = first.partition("://")
    if separator:
        yield scheme, [host, *rest] if host else list(rest)
    elif not rest and any(f"{web}://".startswith(first) for web in _WEB):
        raise _Open


def _split(pieces: list[Piece], tail: _Tail) -> tuple[list[Piece], str]:
    """Return the pieces of the host, and the port."""
    host = list(pieces)
    last = host.pop() if host else ""
    run = ""
    if isinstance(last, Run):
        before = host[-1] if host else None
        if not (isinstance(before, str) and ":" in before):
            return pieces, _port_after(tail)
        is_port = last.chars >= DIGITS and last.least <= 1 and (last.most or 5) >= 5
        run = "" if is_port and before.endswith(":") else run_code(last, DIGITS)
        host.pop()
        last = before
    name, colon, port = last.partition(":")
    if not colon:
        return pieces, _port_after(tail)
    if name:
        host.append(name)
    if run or (port and tail.written):
        return host, f"{port}{run or '[0-9]*'}"
    return host, port or SOME_PORT


def _port_after(tail: _Tail) -> str:
    """Return which ports an expression allows that names none."""
    if not tail.open:
        return ""
    return SOME_PORT if tail.least else ANY_PORT


def _hosts(
    scheme: str, pieces: list[Piece], port: str, tail: _Tail
) -> Iterator[_Place]:
    """Yield the hosts that *pieces* stand for.

    :raises _Open: if anybody can register one.
    """
    is_regex = not (port in ("", ANY_PORT, SOME_PORT) or port.isdecimal())
    match pieces:
        case [str() as host] if not _is_partial_address(pieces):
            if tail.open and host.endswith((".", "-")) and port == _port_after(tail):
                raise _Open  # https://example. goes on as anybody likes.
            yield _place(scheme, host, port, is_regex)
        case [Run() as run, str() as host] if _is_labels(run, host) and not is_regex:
            if host.startswith("."):
                yield _place(scheme, f"*{host}", port, is_regex)
            else:
                if run.least == 0:
                    yield _place(scheme, host, port, is_regex)
                yield _place(scheme, f"*.{host}", port, is_regex)
        case []:
            if tail.open and scheme not in _WEB:  # As chrome-extension://*: an id.
                example = f"{scheme}://abcdef"
                yield _Place(scheme, "[a-z0-9-]{1,64}", "", True, example)
        case _:
            yield from _regex_hosts(scheme, pieces, port, tail)


def _place(scheme: str, host: str, port: str, is_regex: bool) -> _Place:
    number = port if port.isdecimal() else "3000" if port else ""
    name = host.replace("*", "a")
    example = f"{scheme}://{name}:{number}" if number else f"{scheme}://{name}"
    return _Place(
        scheme, re.escape(host) if is_regex else host, port, is_regex, example
    )


def _is_labels(run: Run, after: str) -> bool:
    """Say whether *run* stands for whole labels, however many, before *after*."""
    unbound = run.least <= 1 and run.most is None
    return unbound and run.chars >= _LABELS and after[:1] not in ("-", "_")


def _is_partial_address(pieces: list[Piece]) -> bool:
    shape = _shape(pieces)
    return bool(_ADDRESS.fullmatch(shape)) and (
        shape.count(".") < 3 or shape[-1] == "."
    )


def _shape(pieces: list[Piece]) -> str:
    """Return *pieces* with ``0`` for digits and ``*`` for other runs."""
    return "".join(
        piece if isinstance(piece, str) else "0" if piece.chars <= DIGITS else "*"
        for piece in pieces
    )


def _regex_hosts(
    scheme: str, pieces: list[Piece], port: str, tail: _Tail
) -> Iterator[_Place]:
    shape = _shape(pieces)
    host = "".join(
        re.escape(piece).replace(r"\-", "-")
        if isinstance(piece, str)
        else run_code(piece, _HOST_CHARS)
        for piece in pieces
    )
    if _ADDRESS.fullmatch(shape):
        last = pieces[-1]
        if isinstance(last, Run) and shape.endswith("*"):
            if last.most is not None or not last.chars >= DIGITS | {"."}:
                return
            host = host.removesuffix(run_code(last, _HOST_CHARS))
            shape = shape[:-1]
        elif _is_partial_address(pieces) and (
            not (tail.open and tail.dots) or port != _port_after(tail)
        ):
            return
        octet = "[0-9]{1,3}"
        present = shape.rstrip(".").count(".") + 1
        host = host.removesuffix(r"\.") + rf"\.{octet}" * (4 - present)
        shape = shape.rstrip(".") + ".0" * (4 - present)
    elif not re.search(r"\*[^*]*\.[a-z0-9-]*[a-z][a-z0-9-]*$", shape) and "*" in shape:
        raise _Open
    name = shape.replace("*", "a")
    number = "" if port in ("", ANY_PORT) else port if port.isdecimal() else "3000"
    example = f"{scheme}://{name}" + (f":{number}" if number else "")
    yield _Place(scheme, host, port, True, example)


def _merged(places: list[_Place]) -> Iterator[tuple[str | re.Pattern[str], str]]:
    """Yield an item for each host, with all its ports, and an example."""
    ports: dict[tuple[str, str, bool], dict[str, str]] = {}
    for place in places:
        key = place.scheme, place.host, place.is_regex
        ports.setdefault(key, {}).setdefault(place.port, place.example)
    for (scheme, host, is_regex), found in ports.items():
        written = dict(found)
        for port in found if not is_regex else ():
            number = f":{port}" if port.isdecimal() else ""
            if not OriginPattern.parse(f"{scheme}://{host}{number}"):
                del written[port]  # No browser sends such a host and port.
        if ANY_PORT in written or {"", SOME_PORT} <= written.keys():
            written = {ANY_PORT: next(iter(written.values()))}
        for port, example in written.items():
            yield _item(scheme, host, port, is_regex), example


def _item(scheme: str, host: str, port: str, is_regex: bool) -> str | re.Pattern[str]:
    if not is_regex and port != SOME_PORT:
        suffix = {"": "", ANY_PORT: ":*"}.get(port, f":{port}")
        return f"{scheme}://{host}{suffix}"
    if not is_regex:
        host = re.escape(host).replace(r"\-", "-")
        host = host.replace(r"\*\.", r"([a-z0-9_-]+\.)+")
    suffix = {"": "", ANY_PORT: "(:[0-9]+)?", SOME_PORT: ":[0-9]+"}.get(
        port, f":{port}"
    )
    return re.compile(f"{scheme}://{host}{suffix}")
