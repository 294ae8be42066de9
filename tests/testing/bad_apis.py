"""APIs that are right but for one flaw each, and what is merely unusual."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

APP = "https://app.example.com"
EVIL = "https://attacker.example"

Pairs = list[tuple[str, str]]
Change = Callable[["WSGIEnvironment", str, Pairs, bytes], tuple[str, Pairs, bytes]]


def is_app(origin: str) -> bool:
    return origin == APP


@dataclass
class API:
    """An API whose CORS is written by hand: right, but for what is said here.

    :param allows: who is allowed.
    :param change: what becomes of status, headers and body in the end.
    """

    allows: Callable[[str], object] = is_app
    credentials: bool = False
    vary: bool = True
    change: Change | None = None

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN", "")
        status, body = "200 OK", b'{"name": "Ada"}'
        if environ["PATH_INFO"] != "/api/me":
            status, body = "404 Not Found", b"nothing here"
        headers = [("Content-Type", "application/json")]
        if self.vary:
            headers.append(("Vary", "Origin"))
        if origin and self.allows(origin):
            headers.append(("Access-Control-Allow-Origin", origin))
            if self.credentials:
                headers.append(("Access-Control-Allow-Credentials", "true"))
        if environ["REQUEST_METHOD"] == "OPTIONS":
            status, body = "200 OK", b""
            headers.append(("Access-Control-Allow-Methods", "GET, PUT, DELETE"))
        if self.change is not None:
            status, headers, body = self.change(environ, status, headers, body)
        start_response(status, headers)
        return [body]


def switching(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    """Open a WebSocket to whoever asks for one."""
    if "HTTP_UPGRADE" in environ:
        return "101 Switching Protocols", headers, b""
    return status, headers, body


def matched(pattern: str) -> Callable[[str], object]:
    """Return a comparison by a regular expression without an end, as many were."""
    return re.compile(pattern).match


def adding(
    *added: tuple[str, str], when: Callable[[WSGIEnvironment], object] = bool
) -> Change:
    def change(
        environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
    ) -> tuple[str, Pairs, bytes]:
        if not when(environ):
            return status, headers, body
        own = {name for name, _ in added}
        kept = [header for header in headers if header[0] not in own]
        return status, [*kept, *added], body

    return change


def repeating(
    request_header: str, header: str, default: str = "", prefix: str = ""
) -> Change:
    """Send back in *header* what came in *request_header*."""

    def change(
        environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
    ) -> tuple[str, Pairs, bytes]:
        value = environ.get(request_header, default)
        if value:
            headers = [each for each in headers if each[0] != header]
            headers.append((header, value))
        return status, headers, body

    return change


def is_preflight(environ: WSGIEnvironment) -> bool:
    return bool(environ["REQUEST_METHOD"] == "OPTIONS")


def without_vary(when: Callable[[WSGIEnvironment], object]) -> Change:
    def change(
        environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
    ) -> tuple[str, Pairs, bytes]:
        if when(environ):
            headers = [header for header in headers if header[0] != "Vary"]
        return status, headers, body

    return change


def running_the_view(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    return status, headers, b'{"name": "Ada"}'


def exempting_options_from_login(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    if is_preflight(environ):
        return "200 OK", headers, b'{"name": "Ada", "secret": 1}'
    return "401 Unauthorized", headers, b"log in"


def taking_a_piece_of_the_list(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "")
    if asked not in "GET, PUT, DELETE":
        name = "Access-Control-Allow-Methods"
        headers = [header for header in headers if header[0] != name]
    return status, headers, body


def overriding_the_method(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    if "_method=ZZPROBE" in environ["QUERY_STRING"].split("&"):
        return "405 Method Not Allowed", headers, b""
    return status, headers, body


def decoding_what_it_repeats(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    if "%0d%0aX-Injected" in environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""):
        headers = [*headers, ("X-Injected", "1")]
    return status, headers, body


def open_errors(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    if status.startswith("404") and "HTTP_ORIGIN" in environ:
        allowed = ("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"])
        return status, [*headers, allowed], body
    return status, headers, body


def folding_paths(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    """Serve /API/ME as /api/me, but under a policy that knows only the latter."""
    path = environ["PATH_INFO"]
    if path != "/api/me" and path.lower() == "/api/me":
        return "200 OK", [("Access-Control-Allow-Origin", "*")], b'{"name": "Ada"}'
    return status, headers, body


def allow_by_referer(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    if "HTTP_ORIGIN" not in environ and "HTTP_REFERER" in environ:
        origin = environ["HTTP_REFERER"].rstrip("/")
        headers = [*headers, ("Access-Control-Allow-Origin", origin)]
    return status, headers, body


def allow_by(header: str) -> Change:
    """Allow an origin whose host *header* names."""

    def change(
        environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
    ) -> tuple[str, Pairs, bytes]:
        origin = environ.get("HTTP_ORIGIN", "")
        if environ.get(header, "-") == origin.removeprefix("https://"):
            headers = [*headers, ("Access-Control-Allow-Origin", origin)]
        return status, headers, body

    return change


def or_begins(prefix: str) -> Callable[[str], object]:
    return lambda origin: is_app(origin) or origin.startswith(prefix)


def or_matches(pattern: str) -> Callable[[str], object]:
    return lambda origin: is_app(origin) or re.fullmatch(pattern, origin)


def fails(origin: str) -> bool:
    """Compare after parsing, as if every Origin could be parsed."""
    if "[" in origin:
        raise ValueError("Invalid IPv6 URL")
    return is_app(origin)


def hits(environ: WSGIEnvironment) -> bool:
    return environ.get("HTTP_ORIGIN") == APP and not is_preflight(environ)


def misses(environ: WSGIEnvironment) -> bool:
    return environ.get("HTTP_ORIGIN", APP) != APP and not is_preflight(environ)


HEADERS = "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"
ACAC = "Access-Control-Allow-Credentials"

BAD: dict[str, API] = {
    "origin-reflected null-allowed": API(lambda origin: True),
    "origin-reflected null-allowed vary-missing vary-missing-without-origin "
    "vary-missing-on-preflight": API(lambda origin: True, vary=False),
    "null-allowed": API(lambda origin: origin in (APP, "null")),
    "origin-from-referer": API(change=allow_by_referer),
    "suffix-matched dot-unescaped special-character origin-normalised userinfo-allowed "
    "port-malformed joined-reflected port-ignored": API(matched(APP)),
    "prefix-matched delimiter-swallowed userinfo-allowed joined-reflected "
    "subdomain-allowed origin-normalised scheme-downgrade": API(
        lambda origin: origin.endswith("example.com")
    ),
    "dot-unescaped": API(re.compile("https://app.example.com").fullmatch),
    "special-character": API(lambda origin: re.split(r"[`{}|^~]", origin)[0] == APP),
    "public-suffix origin-playground": API(
        re.compile(r"https://(app\.example|[a-z]+)\.com").fullmatch
    ),
    "scheme-downgrade": API(re.compile(r"https?://app\.example\.com").fullmatch),
    "subdomain-allowed": API(re.compile(r"https://([a-z]+\.)+example\.com").fullmatch),
    "port-ignored": API(re.compile(r"https://app\.example\.com(:\d{4})?").fullmatch),
    "port-malformed": API(
        lambda origin: origin in (APP, f"{APP}:443"),
    ),
    "userinfo-allowed": API(
        lambda origin: (
            re.sub("//.*@", "//", origin).replace(EVIL, APP) == APP and origin != EVIL
        )
    ),
    "delimiter-swallowed": API(
        re.compile(r"https://(attacker\.example[/#]\.?)?app\.example\.com").fullmatch
    ),
    "origin-normalised": API(lambda origin: origin.lower().rstrip("/") == APP),
    "joined-reflected special-character": API(
        lambda origin: APP in re.split("[, ]+", origin)
    ),
    "malformed-reflected": API(lambda origin: origin in (APP, f"<{EVIL}>")),
    "open-on-error": API(change=open_errors),
    "open-by-path": API(change=folding_paths),
    "vary-missing vary-missing-on-miss vary-missing-without-origin "
    "vary-missing-on-preflight": API(vary=False),
    "vary-missing": API(change=without_vary(hits)),
    "vary-missing-on-miss": API(change=without_vary(misses)),
    "vary-missing-without-origin": API(
        change=without_vary(lambda environ: "HTTP_ORIGIN" not in environ)
    ),
    "vary-missing-on-preflight": API(change=without_vary(is_preflight)),
    "vary-copied": API(change=repeating("HTTP_VARY", "Vary", "Origin")),
    "wildcard-with-credentials wildcard-allowed": API(
        change=adding(("Access-Control-Allow-Origin", "*"), (ACAC, "true"))
    ),
    "credentials-malformed": API(change=adding((ACAC, "True"))),
    "allow-origin-list": API(
        change=adding(("Access-Control-Allow-Origin", f"{APP}, https://b.example"))
    ),
    "preflight-runs-view": API(change=running_the_view),
    "preflight-runs-view ": API(change=exempting_options_from_login),
    "preflight-echoes-garbage": API(
        change=repeating(HEADERS, "Access-Control-Allow-Headers")
    ),
    "header-injected": API(change=decoding_what_it_repeats),
    "method-substring": API(change=taking_a_piece_of_the_list),
    "trace-listed": API(
        change=adding(("Access-Control-Allow-Methods", "GET, TRACE"), when=is_preflight)
    ),
    "method-override": API(change=overriding_the_method),
    "request-forged": API(credentials=True),
    "request-forged websocket-forged": API(change=switching),
    "private-network-allowed": API(
        change=adding(("Access-Control-Allow-Private-Network", "true"))
    ),
    "timing-reflected": API(change=repeating("HTTP_ORIGIN", "Timing-Allow-Origin")),
    "max-age-malformed": API(
        change=adding(("Access-Control-Max-Age", "1 day"), when=is_preflight)
    ),
    "request-crashes": API(fails),
    "wildcard-allowed": API(change=adding(("Access-Control-Allow-Origin", "*"))),
    "suffix-matched local-allowed": API(or_begins("http://localhost")),
    "suffix-matched local-allowed ": API(or_begins("http://192.168.")),
    "local-allowed": API(or_matches(r"http://localhost:\d+")),
    "local-allowed ": API(or_matches(r"http://10\.0\.0\.\d+")),
    "extension-allowed": API(or_begins("chrome-extension://")),
    "extension-allowed ": API(or_begins("moz-extension://")),
    "app-allowed": API(or_begins("file://")),
    "app-allowed ": API(or_matches("capacitor://localhost")),
    "origin-playground": API(or_matches(r"https://[a-z]+\.codepen\.io")),
    "public-suffix": API(or_matches(r"https://[a-z]+\.vercel\.app")),
    "host-reflected": API(change=allow_by("HTTP_HOST")),
    "host-reflected ": API(change=allow_by("HTTP_X_FORWARDED_HOST")),
}


def a_preflight_body_of_its_own(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    return status, headers, b"OK" if is_preflight(environ) else body


def listing_for_known_methods(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    if environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD") != "PUT":
        name = "Access-Control-Allow-Methods"
        headers = [header for header in headers if header[0] != name]
    return status, headers, body


def refusing_unknown_parameters(
    environ: WSGIEnvironment, status: str, headers: Pairs, body: bytes
) -> tuple[str, Pairs, bytes]:
    return "400 Bad Request" if environ["QUERY_STRING"] else status, headers, body


UNUSUAL: list[Change] = [
    a_preflight_body_of_its_own,
    listing_for_known_methods,
    refusing_unknown_parameters,
]
