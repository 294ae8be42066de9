"""Let atheris look for request bytes that break an invariant.

``python -m fuzz [CORPUS] [libFuzzer's options]``; it begins with ``requests.seeds`` and
stops at the first bytes that break something, which it writes to a file.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from . import requests

atheris: Any = import_module("atheris")  # It has no types.

with atheris.instrument_imports(include=["flask_cors_policy"]):
    from .invariants import servers

ANSWER = servers()


def test_one_input(data: bytes) -> None:
    """Feed one input: the first byte says to which server, and how it is made."""
    if not data:
        return
    answer = ANSWER[data[0] & 1]
    if data[0] & 2:
        answer(data[1:])
        return
    pick = atheris.FuzzedDataProvider(data[1:])

    def word(choices: tuple[bytes, ...]) -> bytes:
        if pick.ConsumeBool():
            chosen: int = pick.ConsumeIntInRange(0, len(choices) - 1)
            return choices[chosen]
        return bytes(pick.ConsumeBytes(pick.ConsumeIntInRange(0, 60)))

    count = pick.ConsumeIntInRange(0, 6)
    headers = [(word(requests.NAMES), word(requests.VALUES)) for _ in range(count)]
    headers.append((b"Connection", b"close"))
    answer(requests.build(word(requests.METHODS), word(requests.PATHS), headers))


def main() -> None:
    """Run until something breaks, or an option says that it is enough."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(requests.seeds()):
            (Path(folder) / str(number)).write_bytes(bytes([2 + number % 2]) + seed)
        words = {*requests.NAMES, *requests.VALUES, *requests.METHODS, *requests.PATHS}
        dictionary = Path(folder) / "words.dict"
        escaped = (
            "".join(f"\\x{byte:02x}" for byte in word)
            for word in sorted(words)
            if 0 < len(word) < 100
        )
        dictionary.write_text("".join(f'"{word}"\n' for word in escaped))
        options = [f"-dict={dictionary}", "-max_len=4096", "-timeout=10"]
        atheris.Setup([sys.argv[0], *options, *sys.argv[1:], folder], test_one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
