"""``attack``: the known misconfigurations of CORS, tried on one URL."""

from __future__ import annotations

import argparse

from ..attacks import Findings, attack_over
from ..attacks import attack as attack_app
from ..browser.urls import parse_url
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
        complain(
            f"Sending some 200 requests to {url}: GET, with Origin headers of all "
            "kinds, and preflights. They change nothing; no other host is asked."
        )
        findings = attack_over(
            Network(options.timeout, url.host).must_send,
            url,
            options.trusted,
            headers=headers,
            ignore=options.ignore,
        )
    else:
        findings = attack_app(
            load(options.app),
            str(url),
            options.trusted,
            headers=headers,
            ignore=options.ignore,
        )
    return _tell(options, findings)


def _tell(options: argparse.Namespace, findings: Findings) -> int:
    if options.json:
        print_json(
            {
                "url": findings.url,
                "trusted": list(findings.trusted),
                "requests": findings.requests,
                "findings": [finding.as_data() for finding in findings],
            }
        )
    else:
        print(findings)
    return 1 if findings else 0
