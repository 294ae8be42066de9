"""Serve for minutes, with faults, and see whether the memory of the workers grows.

``python -m tests.sources.soak [SECONDS]`` (``make soak``): gunicorn with two workers
of eight threads, origins in a real Redis, a flood of made-up origins, and every half
minute the store is paused, or killed and started again. It prints what each worker
holds, and fails where one holds clearly more in the last fifth of the time than in the
second.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask_cors_policy.sources import RedisOrigins

from . import served_app, stores
from .gunicorn import gunicorn
from .load import Asked, Load

ALLOWED = [f"https://warm{n}.example" for n in range(4)]
GROWS_BY = 1.05
"""How much more memory is clearly more."""
PAUSE = float(os.environ.get("SOAK_PAUSE", "0.02"))
"""Seconds between an answer and the next question of the same client."""


def who(number: int) -> Asked:
    """Return who asks: one of four is allowed, the others nobody has heard of."""
    if number % 4 == 0:
        return Asked(ALLOWED[number // 4 % len(ALLOWED)], number % 3 == 0)
    return Asked(f"https://{number}.madeup.example", number % 5 == 0)


def resident(process: int) -> float:
    """Return the megabytes that a process has in memory."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(process)


def workers_of(process: int) -> list[int]:
    """Return the processes that *process* has started."""
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return sorted(map(int, text.split()))


def soak(seconds: float) -> dict[int, list[float]]:
    """Serve for so long; return what each worker held, second by second."""
    held: dict[int, list[float]] = {}
    with stores.redis_server() as store:
        url = f"redis://127.0.0.1:{store.port}/0"
        source = served_app.source(url)
        for origin in ALLOWED:
            source.add(origin)
        assert isinstance(source, RedisOrigins)
        source.client.save()
        source.close()
        arguments = ("--worker-class", "gthread", "--workers", "2", "--threads", "8")
        app = "tests.sources.served_app:create_app()"
        with (
            tempfile.TemporaryDirectory() as folder,
            gunicorn(
                app,
                *arguments,
                lifetime=seconds + 60,
                STORE=url,
                SOURCE_OPTIONS=json.dumps(
                    {"maxsize": 1000, "known_good": f"{folder}/known.json"}
                ),
            ) as served,
            Load(served.port, who, pause=PAUSE) as load,
        ):
            began = time.monotonic()
            faults = 0
            while time.monotonic() - began < seconds:
                time.sleep(1)
                for worker in workers_of(served.process):
                    held.setdefault(worker, []).append(resident(worker))
                if (time.monotonic() - began) // 30 > faults:
                    faults += 1
                    fault(store, faults)
    wrong = [answer for answer in load.answers if answer.wrong]
    wrong += [a for a in load.answers if a.allowed and a.asked.origin not in ALLOWED]
    print(f"{len(load.answers)} requests, {len(wrong)} of them answered wrongly")
    denied = sum(not a.allowed for a in load.answers if a.asked.origin in ALLOWED)
    longest = max(answer.seconds for answer in load.answers)
    print(f"{denied} denied that are listed; the longest answer took {longest:.2f} s")
    print(f"{faults} faults; {len(held)} workers, none started again: {len(held) == 2}")
    assert not wrong, wrong[:3]
    assert len(held) == 2
    return held


def fault(store: stores.Store, number: int) -> None:
    """Pause the store, or kill it and start it again."""
    if number % 2:
        store.pause()
        time.sleep(5)
        store.resume()
    else:
        store.kill()
        time.sleep(5)
        store.start()


def main() -> int:
    """Run; return 1 where the memory grows."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 240
    grows = False
    for worker, held in soak(seconds).items():
        fifth = max(1, len(held) // 5)
        parts = [held[n : n + fifth] for n in range(0, fifth * 5, fifth)]
        means = [statistics.mean(part) for part in parts]
        print(f"worker {worker}, MB in each fifth:", *(f"{mean:.2f}" for mean in means))
        grows = grows or means[-1] > means[1] * GROWS_BY
    print("the memory grows" if grows else "the memory is flat")
    return int(grows)


if __name__ == "__main__":
    sys.exit(main())
