"""``python -m flask_cors_policy``: explain and attack any server, or any WSGI app."""

from __future__ import annotations

import sys

from .devtools.commands import main

sys.exit(main(sys.argv[1:]))
