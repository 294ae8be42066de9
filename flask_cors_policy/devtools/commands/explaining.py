"""``explain``: what a page gets from a server, or from an application."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ...core.errors import PolicyError
from ..at_hand import Asked, AtHand
from ..browser.cache import PreflightCache
from ..browser.fetching import Fetching, drive, fetch
from ..browser.outcome import Exchange, Outcome
from ..browser.requests import Received, Sent
from ..browser.text import exchange_data, exchange_lines
from ..explaining import (
    Case,
    Explanation,
    Unanswered,
    explained,
    explanation_lines,
    short_lines,
)
from ..explaining.explanation import invalid_policy_data, invalid_policy_lines
from ..knowledge import knowledge_of
from ..lines import Line, Role
from ..playing import Knowledge, Player
from ..typed_request import TypedRequest, method_and_url, page_request
from .loading import load
from .network import Network
from .terminal import complain, print_json, print_lines

HARMLESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1: they change nothing."""


_NO_HTTP: Final = (Unanswered.CLOSED, Unanswered.NOT_HTTP)
"""A server that answers so is none of HTTP, and there is nothing to explain."""


def explain(options: argparse.Namespace) -> int:
    """Run the command; return its exit status.

    :raises ValueError: if what was typed is wrong, or nobody answers.
    """
    try:
        return _explain(options)
    except PolicyError as error:
        if options.json:
            print_json(invalid_policy_data(error))
        else:
            print_lines(invalid_policy_lines(error))
        return 1


def _explain(options: argparse.Namespace) -> int:
    app = None if options.app is None else load(options.app)
    knowledge = Knowledge() if app is None else knowledge_of(app)
    base = "" if app is None else knowledge.base_url
    if options.url:
        options.target.append(options.url)
    at_hand = _at_hand(options, base)
    if app is None and at_hand.given and (recorded := at_hand.recorded()):
        # What is known of a console's sentence is short; its messages are made up.
        options.short = options.short or bool(options.console)
        return _tell(options, recorded)
    asked = at_hand.request(knowledge) if at_hand.given else _typed(options, base)
    options.cookie = options.cookie or asked.cookie
    if app is None:
        return _over_network(options, asked)
    player = Player(app, knowledge, options.cookie)
    explanation = player.explain(asked.page, asked.request)
    return _tell(options, asked.told(explanation))


def _at_hand(options: argparse.Namespace, base: str) -> AtHand:
    method, url = method_and_url(options.target, options.method, base)
    return AtHand(
        options.curl,
        options.har,
        options.console,
        options.origin,
        url,
        options.engine,
        options.credentials,
        method,
        options.top,
    )


def _typed(options: argparse.Namespace, base: str) -> Asked:
    """Return the page and its request, as they were typed."""
    if not options.target:
        raise ValueError("write --url, or give --curl, --har or --console")
    if not options.origin:
        raise ValueError("write the origin of the page: --origin https://app.example")
    typed = TypedRequest(
        options.target,
        options.origin,
        base,
        options.header,
        options.credentials,
        options.body,
        options.json_body,
        options.content_type,
        options.engine,
        options.mode,
        options.method,
        options.top,
    )
    return Asked(*page_request(typed))


def _over_network(options: argparse.Namespace, asked: Asked) -> int:
    page, request = asked.page, asked.request
    network = Network(options.timeout, deadline=options.deadline)
    method = request.sent_method
    sends_all = options.send or method in HARMLESS
    then = f", then {method}" if sends_all else ""
    complain(
        f"Sending to {request.url}, as a page of {page.origin} would: a preflight, if "
        f"one is needed{then}. No other host is asked."
    )
    fetching = fetch(page, request, PreflightCache(page.engine))
    exchanges: list[Exchange] = []

    def send(sent: Sent) -> Received | None:
        if sent.credentials and options.cookie:
            sent = replace(sent, headers=(*sent.headers, ("Cookie", options.cookie)))
        received = network.send(sent)
        if not exchanges and network.reason in _NO_HTTP:
            raise network.no_answer(sent)
        exchanges.append(Exchange(sent, received))
        return received

    if not sends_all:
        outcome = _preflight_only(fetching, send)
        if outcome is None:
            return _not_sent(options, method, exchanges)
    else:
        outcome = drive(fetching, send)
    case = Case(
        page, request, outcome, cookie=options.cookie, unanswered=network.reason
    )
    explanation = explained(case)
    if network.failure:
        complain(network.failure)
    return _tell(options, asked.told(explanation))


def _preflight_only(
    fetching: Fetching, send: Callable[[Sent], Received | None]
) -> Outcome | None:
    """Run *fetching* up to its first request that is no preflight.

    :return: ``None`` if it got there; what came of it where it did not.
    """
    try:
        sent = next(fetching)
        while sent.preflight:
            sent = fetching.send(send(sent))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
    return None


def _not_sent(
    options: argparse.Namespace, method: str, exchanges: list[Exchange]
) -> int:
    """Tell of a request that was let pass, and not sent all the same."""
    passed = bool(exchanges)
    what = f"lets {method} pass" if passed else f"is not needed for {method}"
    verdict = (
        f"The preflight {what}. The request itself was not sent, because it may change "
        "something on the server: --send sends it."
    )
    if options.json:
        data = [exchange_data(exchange) for exchange in exchanges]
        print_json({"allowed": None, "verdict": verdict, "exchanges": data})
    else:
        lines = [Line(text) for each in exchanges for text in exchange_lines(each)]
        print_lines([*lines, Line(verdict, Role.PASSED if passed else Role.FIX)])
    return 0 if passed else 2


def _tell(options: argparse.Namespace, explanation: Explanation) -> int:
    if options.json:
        print_json(explanation.as_data())
    else:
        lines = short_lines if options.short else explanation_lines
        print_lines(lines(explanation))
    return explanation.exit_status(options.fail_on_error)
