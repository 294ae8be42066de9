"""Servers in processes of their own, and where they say that they listen."""

from __future__ import annotations

import re
import subprocess
import threading


def listening(
    process: subprocess.Popen[str], says: str
) -> tuple[int, list[str], threading.Thread]:
    """Wait until *process* says on stderr at which port it listens.

    :param says: what it says before its address on loopback, ``"Running on "``.
    :return: the port; the lines it has written, to which more are added as they come;
        and the thread that adds them, which ends with the process.
    """
    assert process.stderr is not None
    pattern = re.compile(rf"{re.escape(says)}http://127\.0\.0\.1:(\d+)")
    log: list[str] = []
    found = None
    while found is None:
        line = process.stderr.readline()
        assert line, "".join(log)
        log.append(line)
        found = pattern.search(line)
    reader = threading.Thread(target=log.extend, args=[process.stderr])
    reader.start()
    return int(found[1]), log, reader
