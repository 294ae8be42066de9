"""A Django project under a policy, in one file.

``python -m examples.with_django`` serves it. In a project of the usual layout the last
statement goes at the end of its ``wsgi.py``.
"""

from __future__ import annotations

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from flask_cors_policy import CORSMiddleware

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    SECRET_KEY="of this example only",
    APPEND_SLASH=True,
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.middleware.gzip.GZipMiddleware",
    ],
)


def items(request: HttpRequest) -> JsonResponse:
    """Return the items, or what has become of the one that was sent."""
    return JsonResponse({"method": request.method, "items": ["a hammer"] * 100})


urlpatterns = [path("api/items/", items)]

app = CORSMiddleware(
    get_wsgi_application(),
    {
        "/api/*": {
            "origins": "https://app.example.com",
            "methods": ["PUT"],
            "allow_headers": ["Content-Type", "X-CSRFToken"],
            "supports_credentials": True,
        }
    },
)

if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/api/items/"))
