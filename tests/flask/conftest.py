"""What of this folder is collected."""

from __future__ import annotations

from importlib.util import find_spec

# The extra "flask-libraries" needs a newer Flask than the lowest one supported here.
LIBRARIES = ("apiflask", "flask_restful", "flask_restx", "flask_smorest", "flask_login")

collect_ignore = [] if all(map(find_spec, LIBRARIES)) else ["test_libraries.py"]
