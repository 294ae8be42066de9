"""The recipe for Sentry on the page ``docs/counters.md`` works."""

from __future__ import annotations

import subprocess
import sys

from docs.ext.samples import ROOT

PROGRAM = """
import sentry_sdk
from docs.recipes.sentry import wrapped
from sentry_sdk.transport import Transport
from tests.helpers import call

kept = []

class Kept(Transport):
    def capture_envelope(self, envelope):
        kept.append(envelope.get_event())

sentry_sdk.init("https://key@sentry.example/1", transport=Kept)

def app(environ, start_response):
    raise LookupError("an error of the application")

for origin in ("https://evil.example", "https://app.example.com"):
    try:
        call(wrapped(app), headers={"Origin": origin})
    except LookupError:
        pass
for event in kept:
    (error,) = event["exception"]["values"]
    crumbs = event.get("breadcrumbs", {}).get("values", [])
    found = [each for each in crumbs if each["category"] == "cors"]
    print(error["type"], *(each["message"] for each in found))
    print(*(each["data"]["origin"] for each in found))
"""


def test_an_error_of_a_denied_request_stands_in_sentry_with_the_refusal() -> None:
    # In a process of its own: Sentry changes Flask, logging and more for good.
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == [
        "LookupError origin-not-allowed (actual)",
        "https://evil.example",
        "LookupError",
        "",
    ], done.stderr
