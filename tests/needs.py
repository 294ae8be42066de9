"""Programs that some tests need beside Python: real browsers, servers, stores.

Where one is missing the test is skipped, and the summary says which and how to get it;
where ``CI`` is set it fails instead, so that nothing goes untested in silence.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable

import pytest


def program(name: str, target: str, also_in: Iterable[str] = ()) -> str:
    """Return the path of the program *name*; skip or fail the test without it.

    :param name: as typed in a shell.
    :param target: the make target that installs it.
    :param also_in: folders outside of ``PATH`` where it may be.
    """
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *also_in])
    found = shutil.which(name, path=path)
    if found is not None:
        return found
    message = f'{name} is not installed: "make {target}" installs it'
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
