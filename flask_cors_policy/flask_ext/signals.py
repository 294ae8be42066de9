"""The signal ``cors_refused``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blinker import Namespace

if TYPE_CHECKING:
    from flask import Flask

    from ..refusals import Refusal

cors_refused: Final = Namespace().signal("cors-refused")
"""Sent by an application for every request that a policy denies, never throttled.

Receivers get the application, and as *refusal* what was denied, a ``Refusal`` of
``flask_cors_policy.refusals``. They run where the request is decided, which may be
outside of an application context. What they raise is logged.
"""


class RefusalSender:
    """Sends the signal for one application; false while nobody receives it."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __bool__(self) -> bool:
        return cors_refused.has_receivers_for(self._app)

    def __call__(self, refusal: Refusal) -> None:
        """Send the signal.

        :raises Exception: whatever a receiver raises.
        """
        cors_refused.send(self._app, refusal=refusal)
