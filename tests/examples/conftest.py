"""What of this folder is collected."""

from __future__ import annotations

from importlib.util import find_spec

# The extra "examples" is not installed beside the oldest Flask that is supported.
LIBRARIES = ("bottle", "django", "falcon", "flask_socketio", "gunicorn", "pyramid")

collect_ignore_glob = [] if all(map(find_spec, LIBRARIES)) else ["test_*.py"]
