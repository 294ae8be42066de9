"""``attack``: the known misconfigurations of CORS, tried on one URL."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from secrets import token_hex

from ..attacks import FLAWS, Findings, attack_over, most_requests
from ..attacks import attack as attack_app
from ..browser.urls import parse_url
from ..sarif import Rule, sarif
from ..typed_request import header_pair
from .loading import load
from .network import Network
from .terminal import complain, print_json


def attack(options: argparse.Namespace) -> int:
    """Run the command; return its exit status.

    :raises ValueError: if what was typed is wrong, or nobody answers.
    """
    headers = [header_pair(text) for text in options.header]
    url = parse_url(options.url)
    if options.app is None:
        most = most_requests(options.trusted)
        complain(
            f"Sending up to {most} requests to {url}: GET, with Origin headers of all "
            "kinds, and preflights. They change nothing; no other host is asked."
        )
        findings = attack_over(
            Network(options.timeout, url.host, options.deadline).must_send,
            url,
            options.trusted,
            headers=headers,
            ignore=options.ignore,
            token=token_hex(4),
        )
    else:
        findings = attack_app(
            load(options.app),
            str(url),
            options.trusted,
            headers=headers,
            ignore=options.ignore,
        )
    _tell(options, findings)
    if not findings.complete:
        complain(
            f"The {options.deadline:g} s of --deadline were over after "
            f"{findings.requests} requests: not everything was tried."
        )
    return 1 if findings else 0 if findings.complete else 2


def _tell(options: argparse.Namespace, findings: Findings) -> None:
    if options.sarif:
        rules = [
            Rule(flaw.code.value, flaw.with_credentials, flaw.code.sentence, flaw.fix)
            for flaw in FLAWS.values()
        ]
        print_json(sarif(findings, rules, version("flask_cors_policy")))
    elif options.json:
        print_json(
            {
                "url": findings.url,
                "trusted": list(findings.trusted),
                "requests": findings.requests,
                "complete": findings.complete,
                "findings": [finding.as_data() for finding in findings],
            }
        )
    else:
        print(findings)
