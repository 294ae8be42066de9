"""The inspector's page, as a WSGI application of its own: never mounted into another.

What it shows is for the person at this machine alone, and so:

- its address holds a random token: what other pages ask for without it is not there;
- ``Host`` must be a loopback name, or else any site could have its own name resolve to
  this machine and be the page's origin (DNS rebinding);
- a request that another site's page makes is refused, whatever it knows;
- the page loads nothing from elsewhere, and its Content-Security-Policy says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from hmac import compare_digest
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Protocol

from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from ..browser import ENGINES
from .link import LOOPBACK, Message

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TYPES: Final = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_FILES: Final = {
    path.name: path.read_bytes()
    for path in (files(__name__.rpartition(".")[0]) / "page").iterdir()
}
_LARGEST: Final = 1_000_000
"""Bytes of the largest form."""


class Source(Protocol):
    """Where the page's data comes from: see ``application.Application``."""

    generation: int

    def state(self) -> Message: ...

    def ask(self, question: dict[str, Any], /) -> Message: ...

    def refusals(self, after: int) -> list[Message]: ...


class Site:
    """The page and its data.

    :param source: the application under inspection.
    :param token: what every URL begins with.
    :param port: where this is served.
    :param api: the origin of the application.
    :param serves: whether the inspector runs it there itself.
    """

    def __init__(
        self, source: Source, token: str, port: int, api: str, *, serves: bool = True
    ) -> None:
        self._source = source
        self._token = token
        self._hosts = {f"{LOOPBACK}:{port}", f"localhost:{port}"}
        self._api = api
        self._serves = serves
        self._urls = Map(
            [
                Rule("/<token>/", methods=["GET"], endpoint=self._page),
                Rule("/<token>/<file>", methods=["GET"], endpoint=self._file),
                Rule("/<token>/state", methods=["GET"], endpoint=self._state),
                Rule("/<token>/news", methods=["GET"], endpoint=self._news),
                Rule("/<token>/explain", methods=["POST"], endpoint=self._explain),
            ]
        )

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        return self._response(Request(environ))(environ, start_response)

    def _response(self, request: Request) -> Response:
        """Return the answer to *request*, with the headers that every answer has."""
        try:
            response: Response = self._answer(request)
        except RequestRedirect as error:  # A slash was missing at the end.
            response = redirect(error.new_url, 308)
        except HTTPException as error:
            response = Response(f"{error.code} {error.name}\n", error.code)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Host") not in self._hosts:
            raise Forbidden
        _refuse_other_sites(request)
        endpoint, values = self._urls.bind_to_environ(request.environ).match()
        answer: Callable[..., Response] = endpoint
        token, *rest = values.values()
        if not compare_digest(token.encode(), self._token.encode()):
            raise NotFound
        return answer(request, *rest)

    def _page(self, request: Request) -> Response:
        response = _file("inspector.html")
        policy = _CONTENT_POLICY.format(target=self._api)
        response.headers["Content-Security-Policy"] = policy
        return response

    def _file(self, request: Request, file: str) -> Response:
        return _file(file)

    def _state(self, request: Request) -> Response:
        state = self._source.state()
        found: Message = {
            **state,
            "generation": self._source.generation,
            "api": self._api,
            "serves": self._serves,
            "engines": {name: str(engine) for name, engine in ENGINES.items()},
            "routes": [],
        }
        if state["kind"] == "loaded":
            found.update(self._source.ask({"ask": "routes"}))
        return _json(found)

    def _news(self, request: Request) -> Response:
        after = request.args.get("after", 0, int)
        self._source.state()  # Which looks whether a file has changed.
        return _json(
            {
                "generation": self._source.generation,
                "refusals": self._source.refusals(after),
            }
        )

    def _explain(self, request: Request) -> Response:
        request.max_content_length = _LARGEST
        data = request.get_json()
        if not isinstance(data, dict):
            raise BadRequest
        question: dict[str, Any] = {
            "ask": "explain",
            "form": data.get("form"),
            "api": self._api,
        }
        return _json(self._source.ask(question))


_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# The page may reach the application, and nothing else outside of this site.
_CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self' {target}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def _refuse_other_sites(request: Request) -> None:
    """Refuse what the page of another site asks for.

    Every browser that sends these headers sends them truthfully; a link that leads
    here from elsewhere is followed.
    """
    get = request.headers.get
    followed = get("Sec-Fetch-Mode") == "navigate" and request.method == "GET"
    if get("Sec-Fetch-Site", "none") not in ("same-origin", "none") and not followed:
        raise Forbidden
    if get("Origin") not in (None, request.host_url.rstrip("/")):
        raise Forbidden
    if request.method == "POST" and request.mimetype != "application/json":
        raise Forbidden


def _file(name: str) -> Response:
    """Return a file of the page.

    :raises NotFound: if there is no such file.
    """
    found = _FILES.get(name)
    if found is None:
        raise NotFound
    content_type = _TYPES[name.rpartition(".")[2]]
    return Response(found, content_type=f"{content_type}; charset=utf-8")


def _json(data: Message) -> Response:
    return Response(json.dumps(data), content_type="application/json")
