"""What of this folder is collected."""

from __future__ import annotations

from importlib.util import find_spec

# The extra "browsers", which the environment with the oldest Flask does without.
DRIVERS = ("selenium", "websocket")

collect_ignore_glob = [] if all(map(find_spec, DRIVERS)) else ["test_*.py"]
