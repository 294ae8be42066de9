"""What of this folder is collected."""

from __future__ import annotations

from tests.conftest import TOO_OLD

# Browsers are played with the newest Flask only, and their drivers, the extra
# "browsers", are not installed beside the lowest one.
collect_ignore_glob = ["test_*.py"] if TOO_OLD else []
