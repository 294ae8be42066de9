"""Settings of other libraries that are known to be bad are found to be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import flask_cors
import pytest
import wsgicors
from flask import Flask

from flask_cors_policy.testing import attack
from tests.helpers import Spy

from .django_app import django_app


def by_flask_cors(**options: Any) -> AbstractContextManager[Any]:
    app = Flask("api")
    app.testing = True
    app.add_url_rule("/who", view_func=lambda: {"name": "Ada"})
    flask_cors.CORS(app, **options)
    return nullcontext(app)


def by_wsgicors(**options: Any) -> AbstractContextManager[Any]:
    return nullcontext(wsgicors.CORS(Spy(), **options))


def by_django_cors_headers(**settings: Any) -> AbstractContextManager[Any]:
    return django_app(MIDDLEWARE=["corsheaders.middleware.CorsMiddleware"], **settings)


Library = Callable[..., AbstractContextManager[Any]]

BAD: dict[str, tuple[Library, dict[str, Any], set[str]]] = {
    "flask-cors: everybody with credentials": (
        by_flask_cors,
        {"supports_credentials": True},
        {
            "origin-reflected",
            "null-allowed",
            "vary-missing-without-origin",
            "method-substring",
        },
    ),
    "flask-cors: a string that is taken for a regular expression": (
        by_flask_cors,
        {"origins": r"https://.*\.shop.example"},
        {"suffix-matched", "dot-unescaped", "delimiter-swallowed"},
    ),
    "flask-cors: header names that match anything": (
        by_flask_cors,
        {"origins": "https://app.shop.example", "allow_headers": ".*"},
        {"preflight-echoes-garbage", "vary-missing-on-miss"},
    ),
    "wsgicors: the wildcard swallows a slash": (
        by_wsgicors,
        {"origin": "https://*.shop.example", "credentials": "true"},
        {"delimiter-swallowed"},
    ),
    "django-cors-headers: everybody with credentials": (
        by_django_cors_headers,
        {"CORS_ALLOW_ALL_ORIGINS": True, "CORS_ALLOW_CREDENTIALS": True},
        {"origin-reflected", "null-allowed"},
    ),
    "django-cors-headers: a regular expression without an end": (
        by_django_cors_headers,
        {"CORS_ALLOWED_ORIGIN_REGEXES": [r"https://\w+\.shop\.example"]},
        {"suffix-matched", "special-character"},
    ),
}


@pytest.mark.parametrize(("library", "options", "ids"), BAD.values(), ids=list(BAD))
def test_a_bad_setting_is_found(
    library: Library, options: dict[str, Any], ids: set[str]
) -> None:
    with library(**options) as app:
        findings = attack(app, "/who", base_url="https://api.shop.example")
    assert ids <= {finding.id for finding in findings}
