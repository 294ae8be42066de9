"""An application under a policy of this library has none of the flaws."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from flask_cors_policy import CORS, CORSMiddleware
from flask_cors_policy.testing import attack
from tests.helpers import Spy

APP = "https://app.example.com"
LOCAL = "http://localhost:*"
HOSTS = frozenset({APP, "https://b.example"})

# Settings, and the origins that they are meant to allow.
SOUND: dict[str, tuple[dict[str, Any], list[str] | None]] = {
    "one origin": ({"origins": APP}, [APP]),
    "everything with credentials": (
        {
            "origins": APP,
            "methods": "*",
            "allow_headers": "*",
            "expose_headers": ["ETag", "X-Total"],
            "supports_credentials": True,
            "max_age": 600,
            "preflight_status": 200,
            "timing_allow_origin": True,
        },
        [APP],
    ),
    "lists": (
        {"origins": APP, "methods": ["PUT", "PATCH"], "allow_headers": ["X-Token"]},
        [APP],
    ),
    "public": ({"origins": "*"}, None),
    "public with everything": (
        {
            "origins": "*",
            "methods": "*",
            "allow_headers": "*",
            "expose_headers": "*",
            "timing_allow_origin": True,
        },
        None,
    ),
    "subdomains and localhost": (
        {"origins": ["https://*.example.com", LOCAL], "supports_credentials": True},
        ["https://*.example.com", LOCAL],
    ),
    "the apex": ({"origins": "https://example.com"}, ["https://example.com"]),
    "a domain of three labels": (
        {"origins": "https://www.example.co.uk:8443"},
        ["https://www.example.co.uk:8443"],
    ),
    "any port": (
        {"origins": ["https://app.example.com:*", "http://app.example.com"]},
        ["https://app.example.com:*", "http://app.example.com"],
    ),
    "subdomains on any port": (
        {"origins": "https://*.app.example.com:*"},
        ["https://*.app.example.com:*"],
    ),
    "a host without a registered domain": (
        {"origins": "https://intranet"},
        ["https://intranet"],
    ),
    "addresses": (
        {"origins": ["http://[::1]:3000", "https://10.0.0.1:8443", "http://127.0.0.1"]},
        ["http://[::1]:3000", "https://10.0.0.1:8443", "http://127.0.0.1"],
    ),
    "the page of an app": (
        {"origins": "capacitor://localhost"},
        ["capacitor://localhost"],
    ),
    "a function": (
        {"origins": lambda origin, environ: origin in HOSTS},
        sorted(HOSTS),
    ),
    "enforced": ({"origins": APP, "enforce": True}, [APP]),
}


@pytest.mark.parametrize(("options", "trusted"), SOUND.values(), ids=list(SOUND))
@pytest.mark.filterwarnings("ignore::flask_cors_policy.PolicyWarning")
def test_a_policy_has_no_flaw(options: Any, trusted: list[str] | None) -> None:
    app = CORSMiddleware(Spy(), **options)
    assert not attack(app, "/api/me", trusted)
    app = CORSMiddleware(Spy("401 Unauthorized"), {"/api/*": options})
    assert not attack(app, "/api/me")


@pytest.mark.parametrize("name", ["everything with credentials", "public", "any port"])
@pytest.mark.filterwarnings("ignore::flask_cors_policy.PolicyWarning")
def test_a_flask_application_has_none_either(name: str) -> None:
    options, trusted = SOUND[name]
    app = Flask("api")
    app.testing = True
    CORS(app, **options)
    app.add_url_rule("/api/me", view_func=lambda: {"name": "Ada"})
    assert not attack(app, "/api/me", trusted)


def test_an_application_without_any_cors_has_no_flaw_either() -> None:
    assert not attack(Spy(), "/api/me")
