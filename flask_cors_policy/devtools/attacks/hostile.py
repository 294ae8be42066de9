"""Origins that must not be allowed: of anybody, and imitating one that is trusted.

Rule 1. None of them is covered by a sound policy that allows the trusted origin,
        patterns for all its subdomains or ports included.
Rule 2. Where such a pattern may be meant (subdomains, ports), they are tried only
        when all trusted origins are known. So are origins that many allow on
        purpose: of this machine, of apps, of extensions, of code playgrounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ...core.fetch_standard import DEFAULT_PORTS, NULL_ORIGIN
from ...core.origin import Origin, is_ip_address, is_loopback
from ...core.public_suffix import registrable_domain
from ..playgrounds import PLAYGROUNDS

EVIL_HOST: Final = "attacker.example"
EVIL: Final = f"https://{EVIL_HOST}"

# Characters in host names that some browser lets through, encoded or not.
_SPECIAL: Final = ("_", "-", "`", "{", "}", "|", "^", "~", "!", "$", "&", "'", "(", ")")
_ENCODED: Final = ("*", "+", ",", ";", "=", '"', "%60", "%00", "%0b")


# Suffixes below which anyone gets a name for nothing.
HOSTING: Final = (
    "azurewebsites.net",
    "github.io",
    "herokuapp.com",
    "netlify.app",
    "ngrok-free.app",
    "onrender.com",
    "pages.dev",
    "vercel.app",
    "web.app",
    "workers.dev",
)
_OF_APPS: Final = (
    "file://",
    "capacitor://localhost",
    "ionic://localhost",
    "app://localhost",
    "app://.",
    "tauri://localhost",
)
_OF_EXTENSIONS: Final = (
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://12345678-9abc-4def-8123-456789abcdef",
    "safari-web-extension://12345678-9ABC-4DEF-8123-456789ABCDEF",
)


class Hostile(NamedTuple):
    """An origin to try, and the flaw that it shows where it is allowed."""

    flaw: str
    origin: str


def of_anybody() -> Iterator[Hostile]:
    """Yield what imitates nobody."""
    yield Hostile("null-allowed", NULL_ORIGIN)
    for origin in (
        "https://",
        "https://[::1",
        f"{EVIL}:port",
        f"https://{'a' * 300}.{EVIL_HOST}",
        "https://\xe9.example",
        f"<{EVIL}>",
    ):
        yield Hostile("malformed-reflected", origin)
    for host in ("localhost", "127.0.0.1", "192.168", "192.168.0.1", "10"):
        for scheme in DEFAULT_PORTS:
            yield Hostile("suffix-matched", f"{scheme}://{host}.{EVIL_HOST}")


def beyond() -> Iterator[Hostile]:
    """Yield what is often allowed beside the trusted origins."""
    for host in PLAYGROUNDS:
        yield Hostile("origin-playground", f"https://{host}")
        yield Hostile("origin-playground", f"https://attacker.{host}")
    for suffix in HOSTING:
        yield Hostile("public-suffix", f"https://attacker.{suffix}")
    for host in ("localhost", "127.0.0.1", "[::1]", "192.168.0.66", "10.0.0.66"):
        for port in ("", ":3000", ":41873"):
            yield Hostile("local-allowed", f"http://{host}{port}")
        yield Hostile("local-allowed", f"https://{host}:41873")
    for origin in _OF_APPS:
        yield Hostile("app-allowed", origin)
    for origin in _OF_EXTENSIONS:
        yield Hostile("extension-allowed", origin)


def imitating(trusted: Origin, *, all_known: bool) -> Iterator[Hostile]:
    """Yield what looks like *trusted*.

    :param all_known: whether what no trusted origin or pattern covers is wrong.
    """
    scheme, host, number = trusted
    port = "" if number is None else f":{number}"
    yield from _spelled_otherwise(scheme, host, port)
    if not host.startswith("["):
        yield from _longer(scheme, host, port)
        yield from _delimited(scheme, host)
    if not is_ip_address(host) and not is_loopback(host):
        yield from _registered(scheme, host, port)
    if scheme == "https" and not is_loopback(host):
        yield Hostile("scheme-downgrade", f"http://{host}")
    if all_known:
        yield from _nearby(scheme, host, port)


def joined(trusted: str) -> Iterator[Hostile]:
    """Yield headers that hold two origins."""
    for one, other in ((trusted, EVIL), (EVIL, trusted)):
        for separator in (", ", ",", " "):
            yield Hostile("joined-reflected", f"{one}{separator}{other}")


def _longer(scheme: str, host: str, port: str) -> Iterator[Hostile]:
    yield Hostile("suffix-matched", f"{scheme}://{host}.{EVIL_HOST}{port}")
    yield Hostile("suffix-matched", f"{scheme}://{host}{EVIL_HOST}{port}")
    yield Hostile("suffix-matched", f"{scheme}://{host}-{EVIL_HOST}{port}")
    if port:
        yield Hostile("suffix-matched", f"{scheme}://{host}{port}.{EVIL_HOST}")
        yield Hostile("suffix-matched", f"{scheme}://{host}{port}0000{EVIL_HOST}")
    for mark in (*_SPECIAL, *_ENCODED):
        yield Hostile("special-character", f"{scheme}://{host}{mark}.{EVIL_HOST}")


def _delimited(scheme: str, host: str) -> Iterator[Hostile]:
    for mark in ("/", "/.", "#.", "?.", "\\.", "/?", f"/{scheme}://", f"?{scheme}://"):
        yield Hostile("delimiter-swallowed", f"{scheme}://{EVIL_HOST}{mark}{host}")
    yield Hostile("userinfo-allowed", f"{scheme}://{host}@{EVIL_HOST}")
    yield Hostile("userinfo-allowed", f"{scheme}://{host}:443@{EVIL_HOST}")
    yield Hostile("userinfo-allowed", f"{scheme}://{EVIL_HOST}@{host}")


def _registered(scheme: str, host: str, port: str) -> Iterator[Hostile]:
    """Yield names that an attacker would register."""
    domain = registrable_domain(host)
    if domain is None:
        return
    suffix = domain.partition(".")[2]
    yield Hostile("public-suffix", f"{scheme}://attacker.{suffix}{port}")
    below = host.removesuffix(domain)
    yield Hostile("prefix-matched", f"{scheme}://attacker{domain}{port}")
    yield Hostile("prefix-matched", f"{scheme}://attacker-{domain}{port}")
    if below:
        yield Hostile("prefix-matched", f"{scheme}://{below}attacker{domain}{port}")
    for index, character in enumerate(host):
        if character == ".":
            other = f"{host[:index]}x{host[index + 1 :]}"
            if registrable_domain(other) not in (None, domain):
                yield Hostile("dot-unescaped", f"{scheme}://{other}{port}")


def _spelled_otherwise(scheme: str, host: str, port: str) -> Iterator[Hostile]:
    trusted = f"{scheme}://{host}{port}"
    for origin in (
        f"{trusted}/",
        f"{trusted}/x",
        f"{trusted}?",
        f"{trusted}#",
        f"{scheme.upper()}://{host}{port}",
        f"{scheme}://{host.upper()}{port}",
        f"{scheme}://{host}.{port}",
        f"{scheme}:{host}{port}",
        f"//{host}{port}",
        f"{host}{port}",
        f"javascript:{trusted}",
    ):
        if origin != trusted:
            yield Hostile("origin-normalised", origin)
    default = DEFAULT_PORTS.get(scheme)
    for number in ("", "99999", "080a", "*", *([default] if default else [])):
        yield Hostile("port-malformed", f"{scheme}://{host}:{number}")


def _nearby(scheme: str, host: str, port: str) -> Iterator[Hostile]:
    other = "8443" if port != ":8443" else "9443"
    yield Hostile("port-ignored", f"{scheme}://{host}:{other}")
    if not is_ip_address(host):
        yield Hostile("subdomain-allowed", f"{scheme}://attacker.{host}{port}")
        domain = registrable_domain(host)
        if domain is not None and not is_loopback(host):
            yield Hostile("subdomain-allowed", f"{scheme}://attacker.{domain}{port}")
