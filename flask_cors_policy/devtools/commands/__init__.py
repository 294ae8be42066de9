"""The commands of ``python -m flask_cors_policy``, which work without Flask.

Over a network they send what a browser would send, say so beforehand, and contact no
host but the one that was named.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..browser.engines import ENGINES
from ..browser.requests import CREDENTIALS, MODES
from .attacking import attack
from .explaining import explain
from .migrating import migrate
from .network import DEADLINE
from .suggesting import suggest
from .terminal import complain

USAGE = 2
"""Exit status where the command line is wrong."""


def main(arguments: Sequence[str]) -> int:
    """Run a command; return its exit status.

    0 where all is well, 1 where a page is blocked or an attack succeeds, 2 where the
    command line is wrong or nobody answers.
    """
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except ValueError as error:
        complain(f"error: {error}")
        return USAGE
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flask_cors_policy",
        description="Check what browsers do with the CORS policy of an API.",
    )
    names = "{explain,attack,migrate,suggest}"
    commands = parser.add_subparsers(required=True, metavar=names)
    _add_explain(commands)
    _add_attack(commands)
    _add_migrate(commands)
    _add_suggest(commands)
    return parser


def _add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explaining = commands.add_parser(
        "explain",
        help="play a page's request, and explain the result",
        description="Play a page's request, and explain the result: exits with 0 "
        "if the page may read the response, with 1 if it may not.",
    )
    explaining.set_defaults(run=explain)
    explaining.add_argument(
        "target",
        nargs="*",
        metavar="[METHOD] URL",
        help="instead of --method and --url; with --app also a path",
    )
    _add_target(explaining)
    explaining.add_argument(
        "--origin",
        default="",
        help="the origin of the page; required unless another option names it",
    )
    _add_at_hand(explaining)
    _add_request(explaining)
    explaining.add_argument(
        "--short", action="store_true", help="print verdict, cause and fix only"
    )
    explaining.add_argument(
        "--fail-on-error",
        action="store_true",
        help="exit with 1 also if the page reads an error (a status of 400 or above)",
    )
    explaining.add_argument(
        "--send",
        action="store_true",
        help="also send a request that may change data; by default only its preflight "
        "is sent",
    )


def _add_request(parser: argparse.ArgumentParser) -> None:
    """Add what a page can say about its request."""
    parser.add_argument("--method", help="the method (default: GET, with a body POST)")
    parser.add_argument(
        "--mode",
        choices=MODES,
        default="cors",
        help="the mode of the page's fetch() (default: cors)",
    )
    parser.add_argument(
        "--credentials",
        choices=CREDENTIALS,
        default="same-origin",
        help="the credentials mode of the page's fetch() (default: same-origin)",
    )
    parser.add_argument("--body", help="send this string as the body")
    parser.add_argument(
        "--json-body", help="send this with Content-Type: application/json"
    )
    parser.add_argument("--content-type", help="the Content-Type that the page sets")
    parser.add_argument("--cookie", default="", help="cookies of the browser")
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="standard",
        help="the browser that the page is open in (default: standard)",
    )
    parser.add_argument(
        "--top",
        default="",
        metavar="ORIGIN",
        help="the origin of the page around it, if the page is a frame",
    )


def _add_attack(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    attacking = commands.add_parser(
        "attack",
        help="try the known misconfigurations of CORS",
        description="Try the known misconfigurations of CORS on a URL of your own, "
        "with GET and OPTIONS requests: at most 260, and 160 for "
        "each trusted origin. Exits with 1 if one succeeds, with 2 if the deadline "
        "comes first.",
    )
    attacking.set_defaults(run=attack)
    _add_target(attacking, required=True)
    attacking.add_argument(
        "--trusted",
        action="append",
        metavar="ORIGIN",
        help="an origin that may be allowed; give all of them",
    )
    attacking.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0")
    attacking.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="FLAW",
        help="a flaw that you accept",
    )


def _add_migrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    migrating = commands.add_parser(
        "migrate",
        help="rewrite an application that uses Flask-CORS",
        description="Rewrite an application that uses Flask-CORS. It reads the "
        "source, and does not import it. Prints a diff, and notes on what to check or "
        "decide. Exits with 2 if a file is skipped.",
    )
    migrating.set_defaults(run=migrate)
    migrating.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders (default: .)"
    )
    modes = migrating.add_mutually_exclusive_group()
    modes.add_argument("--diff", action="store_true", help="print a diff (default)")
    modes.add_argument("--write", action="store_true", help="change the files")
    modes.add_argument(
        "--check",
        action="store_true",
        help="exit with 1 if there is something to change",
    )
    migrating.add_argument("--json", action="store_true", help="print JSON")


def _add_suggest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    suggesting = commands.add_parser(
        "suggest",
        help="derive a policy from report files",
        description="Print the strictest policy that allows the requests in report "
        "files. Origins are commented out until you name them.",
    )
    suggesting.set_defaults(run=suggest)
    suggesting.add_argument("files", nargs="+", metavar="FILE")
    suggesting.add_argument(
        "--origin",
        action="append",
        default=[],
        help="an origin or pattern that is yours; give all of them",
    )
    suggesting.add_argument(
        "--app",
        metavar="MODULE:NAME",
        help="a WSGI application with the present policy, to see which of its origins "
        "were never seen",
    )


def _add_at_hand(parser: argparse.ArgumentParser) -> None:
    """Add what can be given instead of a typed request."""
    parser.add_argument(
        "--curl",
        metavar="COMMAND",
        help="the request as cURL or fetch(...), as browsers copy it; - reads it from "
        "standard input",
    )
    parser.add_argument(
        "--har",
        metavar="FILE",
        help="a HAR file, as network panels save it: explains its first blocked "
        "request; sends nothing",
    )
    parser.add_argument(
        "--console",
        metavar="SENTENCE",
        help="the message in the console of the browser; - reads standard input; "
        "sends nothing",
    )


def _add_target(parser: argparse.ArgumentParser, required: bool = False) -> None:
    parser.add_argument("--url", default="", required=required, help="the URL to ask")
    parser.add_argument(
        "--app",
        metavar="MODULE:NAME",
        help="a WSGI application to ask in this process, without a network; "
        "MODULE:NAME() calls a factory",
    )
    parser.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="a header of each request; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="how long a server may be silent (default: 10)",
    )
    parser.add_argument(
        "--deadline",
        type=_seconds,
        default=DEADLINE,
        metavar="SECONDS",
        help="for all answers together (default: 30)",
    )


def _seconds(text: str) -> float:
    """Return *text* as a number of seconds.

    :raises argparse.ArgumentTypeError: if it is none, or not above 0.
    """
    seconds = float(text)
    if 0 < seconds < float("inf"):
        return seconds
    raise argparse.ArgumentTypeError("write a number of seconds above 0")
