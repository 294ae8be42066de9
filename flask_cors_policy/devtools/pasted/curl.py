"""Reads a cURL command, as a browser copies it or as it is typed.

The options that decide which request is made are read; those that decide how cURL goes
about it are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote_plus

from ...core.errors import plain
from .request import PastedError, PastedRequest, absolute, sort_headers
from .shell import OPERATORS, words

# Options that take a value, by what they are good for here.
_HEADER: Final = ("-H", "--header")
_DATA: Final = ("-d", "--data", "--data-raw", "--data-ascii", "--data-binary")
_JSON: Final = ("--json",)
_URLENCODED: Final = ("--data-urlencode",)
_FORM: Final = ("-F", "--form", "--form-string")
_METHOD: Final = ("-X", "--request")
_COOKIE: Final = ("-b", "--cookie")
_USER: Final = ("-u", "--user")
_REFERER: Final = ("-e", "--referer")
_URL: Final = ("--url",)
_READ: Final = frozenset(
    (
        *_HEADER,
        *_DATA,
        *_JSON,
        *_URLENCODED,
        *_FORM,
        *_METHOD,
        *_COOKIE,
        *_USER,
        *_REFERER,
        *_URL,
    )
)
# Options of no interest here that take a value.
_PASSED: Final = frozenset(
    {
        "-A",
        "-o",
        "-m",
        "-w",
        "-x",
        "-c",
        "-E",
        "-T",
        "--cacert",
        "--cert",
        "--connect-timeout",
        "--cookie-jar",
        "--key",
        "--limit-rate",
        "--max-redirs",
        "--max-time",
        "--output",
        "--proxy",
        "--resolve",
        "--retry",
        "--user-agent",
        "--write-out",
    }
)


def read_curl(text: str) -> PastedRequest:
    """Return the request that a cURL command makes, as a page would make it.

    :raises PastedError: where it cannot be read; it says why in a sentence.
    """
    command = _Command()
    command.read(words(text.strip().removeprefix("$ "))[1:])
    return command.request()


class _Command:
    """What a command line says."""

    def __init__(self) -> None:
        self._urls: list[str] = []
        self._headers: list[tuple[str, str]] = []
        self._data: list[str] = []
        self._method = ""
        self._type = ""
        self._flags: set[str] = set()
        self._notes: list[str] = []

    def read(self, arguments: list[str]) -> None:
        """Read the words of the command."""
        left = iter(arguments)
        for word in left:
            if word in OPERATORS:
                break
            if not word.startswith("-"):
                self._urls.append(word)
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                self._named(name, value if equals else None, left)
            else:
                self._letters(word, left)

    def _letters(self, word: str, left: Iterator[str]) -> None:
        """Read options of one letter: ``-sX PUT``, ``-XPUT``."""
        for at, letter in enumerate(word[1:], 2):
            name = f"-{letter}"
            if name in _READ or name in _PASSED:
                self._named(name, word[at:] or None, left)
                return
            self._flags.add(name)

    def _named(self, name: str, value: str | None, left: Iterator[str]) -> None:
        if name not in _READ and name not in _PASSED:
            self._flags.add(name)
            return
        if value is None:
            value = next(left, None)
        if value is None:
            raise PastedError(f"{plain(name)} has no value: copy the whole command.")
        self._option(name, value)

    def _option(self, name: str, value: str) -> None:
        if name in _HEADER:
            self._header(value)
        elif name in _METHOD:
            self._method = value
        elif name in _URL:
            self._urls.append(value)
        elif name in _COOKIE:
            if "=" not in value:
                raise PastedError(f"{name} names a file, which is not read here.")
            self._headers.append(("Cookie", value))
        elif name in _USER:
            self._headers.append(("Authorization", "Basic value"))
            self._notes.append("The user and password are left out.")
        elif name in _REFERER:
            self._headers.append(("Referer", value))
        elif name in _READ:
            self._body(name, value)

    def _header(self, text: str) -> None:
        if text.startswith("@"):
            raise PastedError("-H names a file, which is not read here.")
        # cURL sends "Name;" without a value, and takes "Name:" out.
        mark = ":" if ":" in text else ";"
        name, found, value = text.partition(mark)
        if not found:
            shown = plain(text, 60)
            raise PastedError(f"'{shown}' is not a header: write 'Name: value'.")
        if value.strip() or mark == ";":
            self._headers.append((name, value))

    def _body(self, name: str, value: str) -> None:
        if name in _FORM:
            self._type = "multipart/form-data; boundary=----boundary"
            self._data = ["------boundary--"]
            return
        if value.startswith("@") and name not in ("--data-raw", "--form-string"):
            self._notes.append("The body is in a file, which is not read here.")
            value = "value"
        if name in _JSON:
            self._headers.append(("Content-Type", "application/json"))
            self._headers.append(("Accept", "application/json"))
        elif name in _URLENCODED:
            head, equals, rest = value.partition("=")
            value = f"{head}{equals}{quote_plus(rest)}" if equals else quote_plus(value)
        self._data.append(value)

    def request(self) -> PastedRequest:
        """Return the request."""
        if not self._urls:
            raise PastedError("There is no URL in this command.")
        if len(self._urls) > 1:
            raise PastedError(f"There are {len(self._urls)} URLs in this command.")
        url = self._urls[0]
        url = absolute(url if "://" in url else f"http://{url}")
        headers = sort_headers(self._headers, curl=True)
        body: str | None = "&".join(self._data) if self._data else None
        method = self._method or self._default_method()
        if body is not None and self._flags & {"-G", "--get"}:
            url = absolute(f"{url}{'&' if '?' in url else '?'}{body}")
            body = None
        own = headers.own
        if body is not None and not any(n.lower() == "content-type" for n, _ in own):
            own = (*own, ("Content-Type", self._type or _URLENCODED_TYPE))
        credentials = "include" if headers.cookie else "same-origin"
        if headers.copied and not headers.cookie:
            self._notes.append(
                "A cURL command does not tell the credentials mode of the page: "
                "same-origin is assumed."
            )
        return headers.page_request(
            PastedRequest(
                url,
                method,
                own,
                body,
                credentials,
                notes=tuple(self._notes),
            )
        )

    def _default_method(self) -> str:
        if self._flags & {"-I", "--head"}:
            return "HEAD"
        gets = self._flags & {"-G", "--get"}
        return "POST" if self._data and not gets else "GET"


_URLENCODED_TYPE: Final = "application/x-www-form-urlencoded"
