"""``migrate``: rewrite an application of Flask-CORS for this library."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.util import find_spec

from .terminal import complain_lines, print_json

NEEDS_LIBCST = "migrate needs a package that is not installed: pip install libcst"


def migrate(options: argparse.Namespace) -> int:
    """Run the command; return its exit status.

    :raises ValueError: where a path does not exist, or libcst is missing.
    """
    mode = "write" if options.write else "check" if options.check else "diff"
    return run(options.paths or ["."], mode, as_json=options.json)


def run(paths: Sequence[str], mode: str, *, as_json: bool) -> int:
    """Migrate the files under *paths*; return the exit status.

    The diff goes to standard output, everything else to standard error.

    :param mode: ``diff``, ``write`` or ``check``.
    :raises ValueError: where a path does not exist, or libcst is missing.
    """
    if find_spec("libcst") is None:
        raise ValueError(NEEDS_LIBCST)
    from ..migrate import report
    from ..migrate.files import UnreadableError
    from ..migrate.migration import migrate as migrated

    try:
        migration = migrated(paths)
    except UnreadableError as error:
        raise ValueError(str(error)) from None
    asked = report.Mode(mode)
    written = report.write(migration) if asked is report.Mode.WRITE else 0
    if as_json:
        print_json(report.as_data(migration))
    else:
        if asked is report.Mode.DIFF:
            for changed in migration.changed:
                print(changed.diff(), end="")
        complain_lines(report.report_lines(migration, asked, written))
    return report.exit_status(migration, asked)
