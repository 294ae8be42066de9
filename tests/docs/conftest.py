"""What of this folder is collected."""

from __future__ import annotations

from importlib.util import find_spec

# The extra "docs" is not installed beside the oldest Flask that is supported.
collect_ignore_glob = [] if find_spec("sybil") else ["test_*.py"]
