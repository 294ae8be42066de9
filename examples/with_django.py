"""A Django project with a policy, in one file.

``python -m examples.with_django`` serves it. In your project, put
the last statement at the end of ``wsgi.py``.
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
    """Return the items."""
    items = ["a hammer"] * 100
    return JsonResponse({"method": request.method, "items": items})


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
