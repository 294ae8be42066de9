"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

# No deadline for one example: the machine may be busy with something else.
settings.register_profile("suite", deadline=None)
# For hours rather than seconds: make endurance.
settings.register_profile("endurance", deadline=None, max_examples=5000)
settings.load_profile("suite")
