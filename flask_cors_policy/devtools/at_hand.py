"""A request that people have at hand: cURL, fetch(...), a HAR file, a console line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .assumed import answered_in_front, assumed_request
from .browser.engines import ENGINES
from .browser.requests import Page, PageRequest
from .codes import Cause
from .explaining import Explanation, Note
from .pasted import read_pasted
from .pasted.console import ConsoleMessage, read_console
from .pasted.har import LARGEST, HarEntry, cross_origin, read_har
from .pasted.request import PastedError
from .playing import Knowledge
from .recorded import explain_har, explain_message, page_request_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to be played.

    :param cookie: the cookies that the browser held.
    :param notes: what was assumed or left out.
    :param message: the sentence of a console that it was read from.
    """

    page: Page
    request: PageRequest
    cookie: str = ""
    notes: tuple[Note, ...] = ()
    message: ConsoleMessage | None = None

    def told(self, explanation: Explanation) -> Explanation:
        """Return *explanation* of this request with all that is worth knowing."""
        notes = (*self.notes, *explanation.notes)
        if self.message is None:
            return replace(explanation, notes=notes)
        # What makes the preflight necessary here was assumed as well.
        known = tuple(each for each in notes if each.code is not Cause.PREFLIGHT_SENT)
        explanation = replace(explanation, notes=known)
        return answered_in_front(self.message, explanation)


@dataclass(frozen=True, slots=True)
class AtHand:
    """What was given instead of a typed request; one of the three.

    :param curl: a cURL command or a call of ``fetch``; ``-`` reads it from standard
        input.
    :param har: the path of a HAR file; ``-`` reads it from standard input.
    :param console: a sentence of a console; ``-`` reads it from standard input.
    :param origin: of the page, if that does not tell.
    :param url: of the request, if that does not tell.
    :param engine: a key of ``ENGINES``.
    :param credentials: the credentials mode, if it is another one than the default.
    :param method: of the request, if that does not tell.
    :param top: the origin of the page around it, if it is a frame.
    """

    curl: str | None = None
    har: str | None = None
    console: str | None = None
    origin: str = ""
    url: str = ""
    engine: str = "standard"
    credentials: str = "same-origin"
    method: str = ""
    top: str = ""

    @property
    def given(self) -> bool:
        """Whether there is anything."""
        return bool(self.curl or self.har or self.console)

    def request(self, knowledge: Knowledge) -> Asked:
        """Return the request to be played.

        :param knowledge: what is known of the application that is asked.
        :raises PastedError: if what was given cannot be read; it says why.
        :raises PolicyError: if the policies of the application are invalid.
        """
        self._check()
        asked = self._said(knowledge) if self.console else self._pasted()
        if self.credentials == "same-origin":
            return asked
        request = replace(asked.request, credentials=self.credentials)
        return replace(asked, request=request)

    def _said(self, knowledge: Knowledge) -> Asked:
        message = read_console(_text(self.console), self.origin, self.url)
        request, assumed = assumed_request(message, knowledge, self.method)
        notes = (Note(Cause.ASSUMED, assumed, leading=True),) if assumed else ()
        page = Page(message.origin, ENGINES[message.engine], self.top)
        return Asked(page, request, "", notes, message)

    def _pasted(self) -> Asked:
        pasted = (
            read_pasted(_text(self.curl))
            if self.curl
            else cross_origin(self._entries())[0].request()
        )
        origin, request = page_request_of(pasted, self.origin)
        if self.method:
            request = replace(request, method=self.method)
        notes = tuple(Note(Cause.ASSUMED, text) for text in pasted.notes)
        page = Page(origin, ENGINES[self.engine], self.top)
        return Asked(page, request, pasted.cookie, notes)

    def recorded(self) -> Explanation | None:
        """Return what the answers that were recorded tell; ``None`` if there are none.

        :raises PastedError: if what was given cannot be read; it says why.
        """
        self._check()
        if self.console:
            text = _text(self.console)
            return explain_message(read_console(text, self.origin, self.url))
        if self.har:
            entries = self._entries()
            wanted = cross_origin(entries)
            return explain_har(entries, wanted, self.origin, ENGINES[self.engine])
        return None

    def _check(self) -> None:
        if sum(map(bool, (self.curl, self.har, self.console))) > 1:
            raise PastedError("Give one of --curl, --har and --console.")

    def _entries(self) -> Sequence[HarEntry]:
        return read_har(_file(self.har or ""))


def _text(given: str | None) -> str:
    return sys.stdin.read(LARGEST) if given == "-" else given or ""


def _file(path: str) -> str:
    """Return the text of a file.

    :raises PastedError: if it cannot be read, or is too large.
    """
    if path == "-":
        return sys.stdin.read(LARGEST + 1)
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)  # A device or a pipe has no size.
        if len(data) > LARGEST:
            raise PastedError(f"{path} is larger than {LARGEST // 1_000_000} MB.")
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PastedError(f"{path} cannot be read: {_why(error)}.") from None


def _why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not text in UTF-8"
