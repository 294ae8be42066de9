"""A small Django application, and how to get it with the settings a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import path

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["api.shop.example"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="not one",
        LOGGING_CONFIG=None,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        USE_TZ=True,
    )
    django.setup()


def notes(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponse(status=201)
    return JsonResponse({"notes": []})


def login(request: HttpRequest) -> HttpResponse:
    response = JsonResponse({})
    response.set_cookie("sessionid", "s1", samesite="None", secure=True, max_age=60)
    return response


def who(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"session": request.COOKIES.get("sessionid")})


urlpatterns = [path("notes", notes), path("login", login), path("who", who)]


@contextmanager
def django_app(**changes: Any) -> Iterator[Any]:
    """Give the application under the settings *changes*, while they hold."""
    with override_settings(**changes):
        yield WSGIHandler()
