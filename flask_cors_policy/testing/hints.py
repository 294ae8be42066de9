"""What else may be wrong where a page is blocked: guesses, said after the facts."""

from __future__ import annotations

from ..core.fetch_standard import ALLOW_ORIGIN, ORIGIN, VARY
from ..devtools.browser.outcome import Outcome
from ..devtools.browser.requests import Received
from ..devtools.browser.rules import Rule
from ..devtools.browser.urls import URL, parse_url


def hint(outcome: Outcome) -> str:
    """Return a guess at the cause of a failure, in a sentence or two, or nothing."""
    failure, last = outcome.failure, outcome.exchanges[-1:]
    received = last[0].received if last else None
    if failure is None or received is None:
        return ""
    if received.status == 400 and failure.rule is not Rule.ALLOW_CREDENTIALS:
        return (
            f"The test asked for the host {last[0].sent.url.host}. An application that "
            "serves certain hosts only (Django's ALLOWED_HOSTS) answers 400 to any "
            "other: give the browser a base_url with a host that it serves."
        )
    if failure.rule is Rule.ALLOW_ORIGIN and received.status < 300:
        return _about_missing(received)
    if failure.rule is Rule.ALLOW_ORIGIN_MATCHES:
        return _about_mismatch(received, last[0].sent.values(ORIGIN)[0])
    return ""


def _about_missing(received: Received) -> str:
    varying = ",".join(received.values(VARY)).lower().split(",")
    if ORIGIN.lower() in (name.strip() for name in varying):
        return (
            "Vary says that a policy applies to this URL, and it does not list this "
            "origin. The nearest policy decides: that of the view, before that of its "
            "blueprint, before that of the application."
        )
    return (
        "It seems that no policy applies to this URL. (A decorator that wraps views, "
        "like that of Flask-CORS, does nothing above @app.route.)"
    )


def _about_mismatch(received: Received, origin: str) -> str:
    """Name the parts in which two origins differ, where there are two."""
    page, allowed = _parsed(origin), _parsed(received.get(ALLOW_ORIGIN) or "")
    if page is None or allowed is None or page.origin == allowed.origin:
        return ""
    parts = {
        "scheme": (page.scheme, allowed.scheme),
        "host": (page.host, allowed.host),
        "port": (page.port or "none", allowed.port or "none"),
    }
    different = [
        f"the {part} ({one} is not {other})"
        for part, (one, other) in parts.items()
        if one != other
    ]
    return f"The two origins differ in {' and '.join(different)}."


def _parsed(origin: str) -> URL | None:
    try:
        return parse_url(origin)
    except ValueError:
        return None
