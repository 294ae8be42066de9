"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

# No deadline for one example: the machine may be busy with something else.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
