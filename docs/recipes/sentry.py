"""A breadcrumb in Sentry for every request that a policy denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sentry_sdk
from sentry_sdk.integrations.wsgi import SentryWsgiMiddleware

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.refusals import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def leave_breadcrumb(refusal: Refusal) -> None:
    """Tell Sentry of a refusal, in case that the request ends with an error."""
    sentry_sdk.add_breadcrumb(
        category="cors",
        level="warning",
        message=f"{refusal.reason} ({refusal.kind})",
        data=refusal._asdict(),
    )


def wrapped(application: WSGIApplication) -> WSGIApplication:
    """Return *application* with a policy, and Sentry around both."""
    app = CORSMiddleware(
        application, origins="https://app.example.com", on_refused=leave_breadcrumb
    )
    return SentryWsgiMiddleware(app)
