"""``flask cors``: see the policies of an application, and have an exchange explained.

Installed for every application (entry point ``flask.commands``), with ``CORS(app)`` or
without. What a command needs is imported when it runs.
"""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import click
from flask.cli import ScriptInfo

from ..core.errors import PolicyError
from .cli_output import Mistaken, load_app, print_json, print_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from .at_hand import Asked
    from .playing import Knowledge

ENGINE_NAMES = (
    "standard",
    "chromium",
    "chromium-no-third-party",
    "firefox",
    "webkitgtk",
    "wpe",
)


@click.group()
def cors() -> None:
    """Show, explain and audit the CORS policies of the application."""
    # What is refused is explained here; without this it would be printed as well.
    logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())


@cors.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def routes(as_json: bool) -> None:
    """Show the policy of every route, and where it comes from.

    Below the table it shows the state of each store of origins, which it asks once.
    """
    from .app_routes import route_lines, route_policies
    from .store_health import health_lines, store_health

    try:
        found = route_policies(load_app(as_json))
    except PolicyError as error:
        raise Mistaken(error, as_json) from None
    if as_json:
        print_json([each.as_data() for each in found])
    else:
        print_lines([*route_lines(found), *health_lines(store_health(found))])


@cors.command()
@click.argument("target", nargs=-1, metavar="[METHOD] PATH")
@click.option(
    "--origin", help="The origin of the page; required unless another option names it."
)
@click.option(
    "--curl",
    metavar="COMMAND",
    help="The request as cURL or fetch(...), as browsers copy it; - reads standard "
    "input.",
)
@click.option(
    "--har",
    metavar="FILE",
    help="A HAR file, as network panels save it: plays its first cross-origin request.",
)
@click.option(
    "--console",
    metavar="SENTENCE",
    help="The message in the console of the browser; - reads standard input.",
)
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="A header that the page sets; may be repeated.",
)
@click.option("--method", help="The method, if no other option names it.")
@click.option(
    "--mode",
    type=click.Choice(["cors", "no-cors", "same-origin"]),
    default="cors",
    show_default=True,
    help="The mode of the page's fetch().",
)
@click.option(
    "--credentials",
    type=click.Choice(["omit", "same-origin", "include"]),
    default="same-origin",
    show_default=True,
    help="The credentials mode of the page's fetch().",
)
@click.option("--body", help="Send this string as the body.")
@click.option("--json-body", help="Send this with Content-Type: application/json.")
@click.option("--content-type", help="The Content-Type that the page sets.")
@click.option(
    "--cookie",
    default="",
    metavar="'NAME=VALUE; ...'",
    help="Cookies of the browser.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINE_NAMES),
    default="standard",
    show_default=True,
    help="The browser that the page is open in.",
)
@click.option(
    "--top",
    default="",
    metavar="ORIGIN",
    help="The origin of the page around it, if the page is a frame.",
)
@click.option("--base-url", help="The URL of the API, if PATH is only a path.")
@click.option("--short", is_flag=True, help="Print verdict, cause and fix only.")
@click.option(
    "--fail-on-error",
    is_flag=True,
    help="Exit with 1 also if the page reads an error (a status of 400 or above).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def explain(
    context: click.Context,
    /,
    curl: str | None,
    har: str | None,
    console: str | None,
    cookie: str,
    short: bool,
    fail_on_error: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Play a page's request against the application, and explain the result.

    Everything happens in this process: the view really runs, and no socket is opened.
    Exits with 0 if the page may read the response, with 1 if it may not, with 2 if the
    command line is wrong.
    """
    from .app_explain import FlaskKnowledge, explain
    from .explaining import explanation_lines, short_lines

    app = load_app(as_json)
    try:
        given = _asked((curl, har, console), asked, FlaskKnowledge(app))
    except PolicyError as error:
        raise Mistaken(error, as_json) from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    cookie = cookie or given.cookie
    try:
        explanation = explain(app, given.page, given.request, cookie=cookie)
    except PolicyError as error:
        raise Mistaken(error, as_json) from None
    explanation = given.told(explanation)
    if as_json:
        print_json(explanation.as_data())
    else:
        print_lines((short_lines if short else explanation_lines)(explanation))
    context.exit(explanation.exit_status(fail_on_error))


def _asked(
    at_hand: tuple[str | None, str | None, str | None],
    asked: dict[str, Any],
    knowledge: Knowledge,
) -> Asked:
    """Return the request that was typed or is at hand: cURL, HAR, console.

    :raises ValueError: if what was given is wrong; the error says what to write.
    """
    from .at_hand import Asked, AtHand
    from .typed_request import TypedRequest, method_and_url, page_request

    base = asked.pop("base_url") or knowledge.base_url
    if any(at_hand):
        method, url = method_and_url(asked["target"], asked["method"], base)
        origin, engine = asked["origin"] or "", asked["engine"]
        credentials = asked["credentials"]
        top = asked["top"]
        given = AtHand(*at_hand, origin, url, engine, credentials, method, top)
        return given.request(knowledge)
    if not asked["target"]:
        raise ValueError("write a PATH, or give --curl, --har or --console")
    if not asked["origin"]:
        raise ValueError("write the origin of the page: --origin https://app.example")
    return Asked(*page_request(TypedRequest(base_url=base, **asked)))


@cors.command()
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="warning",
    show_default=True,
    help="Exit with 1 if there is a finding of this severity or a worse one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0.")
@click.pass_context
def audit(
    context: click.Context, /, fail_on: str, as_json: bool, as_sarif: bool
) -> None:
    """Look for problems in the policies of the whole application.

    Nothing of it is run: views are read. Exits with 1 where there is a finding of the
    severity of --fail-on, or a worse one.
    """
    from .audit import CHECKS, audit, audit_problems
    from .findings import LEVELS, finding_lines
    from .sarif import Rule, sarif

    info = context.ensure_object(ScriptInfo)
    try:
        findings = audit(info.load_app())
    except PolicyError as error:
        findings = audit_problems(error)
    if as_sarif:
        rules = [
            Rule(each.id, each.severity, each.meaning, each.fix) for each in CHECKS
        ]
        print_json(sarif(findings, rules, version("flask_cors_policy")))
    elif as_json:
        print_json([finding.as_data() for finding in findings])
    else:
        print_lines(finding_lines(findings))
    failing = fail_on != "never" and any(
        finding.severity.rank <= LEVELS[fail_on] for finding in findings
    )
    context.exit(int(failing))


@cors.command()
@click.option("--port", default=5050, show_default=True, help="The port of the page.")
@click.option(
    "--app-port",
    default=0,
    help="The port of the application; by default any free one.",
)
@click.option("--app-url", help="The URL of the application, if it already runs.")
def inspect(port: int, app_port: int, app_url: str | None) -> None:
    """Serve a page that shows policies and exchanges, on this machine only.

    It also runs the application, and restarts it when one of its files changes.
    """
    from .inspector.inspected import inspected, origin_of
    from .inspector.running import inspector, own_command, serve_if_asked, wait

    info = click.get_current_context().ensure_object(ScriptInfo)
    if serve_if_asked(lambda: inspected(info.load_app())):
        return
    try:
        at = None if app_url is None else origin_of(app_url)
        with inspector(own_command(), port, app_port, at) as started:
            click.echo(f"Inspector:   {started.url}")
            click.echo(f"Application: {started.api}")
            if started.problem:
                click.echo(started.problem, err=True)
            click.echo("Ctrl-C ends it.")
            wait()
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from None


@cors.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", "mode", flag_value="diff", default=True, help="Print a diff.")
@click.option("--write", "mode", flag_value="write", help="Change the files.")
@click.option(
    "--check",
    "mode",
    flag_value="check",
    help="Exit with 1 if there is something to change.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def migrate(
    context: click.Context, /, paths: tuple[str, ...], mode: str, as_json: bool
) -> None:
    """Rewrite an application that uses Flask-CORS.

    It reads the source, and does not import it. Prints a diff, and notes on what to
    check or decide. Exits with 2 if a file is skipped.
    """
    from .commands.migrating import run

    try:
        status = run(paths or ["."], mode, as_json=as_json)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    context.exit(status)


@cors.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--origin",
    "named",
    multiple=True,
    help="An origin or pattern that is yours; may be repeated.",
)
def suggest(files: tuple[str, ...], named: tuple[str, ...]) -> None:
    """Derive a policy from report files.

    Prints the strictest policy that allows the recorded requests. Origins are commented
    out until you name them.
    """
    from .suggest import suggestion

    def complain(text: str) -> None:
        click.echo(text, err=True)

    try:
        text = suggestion(files, named, _listed(complain), complain)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(text, nl=False)


def _listed(complain: Callable[[str], None]) -> list[str]:
    """Return the origins that the application lists; none if it cannot be loaded."""
    from .app_routes import route_policies
    from .commands.suggesting import listed_origins

    info = click.get_current_context().ensure_object(ScriptInfo)
    try:
        return listed_origins(each.policy for each in route_policies(info.load_app()))
    except (PolicyError, click.ClickException) as error:
        reason = "it has mistakes" if isinstance(error, PolicyError) else str(error)
        complain(f"The present policy is not compared: {' '.join(reason.split())}")
        return []
