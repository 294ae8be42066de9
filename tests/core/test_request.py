"""What a request is to the CORS protocol, and whether it is the API's own."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.core.request import CORSRequest, RequestKind


@pytest.mark.parametrize(
    ("method", "origin", "requested_method", "kind"),
    [
        ("OPTIONS", "https://a.example", "PUT", RequestKind.PREFLIGHT),
        ("OPTIONS", "null", "PUT", RequestKind.PREFLIGHT),
        ("OPTIONS", "", "", RequestKind.PREFLIGHT),
        ("OPTIONS", "https://a.example", None, RequestKind.ACTUAL),
        ("OPTIONS", None, "PUT", RequestKind.NOT_CORS),
        ("OPTIONS", None, None, RequestKind.NOT_CORS),
        ("options", "https://a.example", "PUT", RequestKind.ACTUAL),
        ("GET", "https://a.example", "PUT", RequestKind.ACTUAL),
        ("GET", "https://a.example", None, RequestKind.ACTUAL),
        ("GET", "", None, RequestKind.ACTUAL),
        ("GET", None, None, RequestKind.NOT_CORS),
    ],
)
def test_kind(
    method: str, origin: str | None, requested_method: str | None, kind: RequestKind
) -> None:
    assert CORSRequest(method, origin, requested_method).kind is kind


@pytest.mark.parametrize(
    ("origin", "scheme", "host", "expected"),
    [
        ("https://api.example", "https", "api.example", True),
        ("https://api.example", "https", "api.example:443", True),
        ("https://api.example:8443", "https", "api.example:8443", True),
        ("http://api.example", "http", "API.EXAMPLE:80", True),
        ("http://[::1]:5000", "http", "[::1]:5000", True),
        ("https://api.example", "http", "api.example", False),
        ("http://api.example", "https", "api.example", False),
        ("https://api.example", "https", "api.example:80", False),
        ("https://api.example:8443", "https", "api.example", False),
        ("https://api.example", "https", "", False),
        ("https://", "https", "api.example", False),
        ("null", "https", "null", False),
        ("", "", "", False),
    ],
)
def test_without_fetch_metadata_scheme_and_host_tell_the_own_origin(
    origin: str, scheme: str, host: str, expected: bool
) -> None:
    request = CORSRequest("POST", origin, scheme=scheme, host=host)
    assert request.is_same_origin is expected


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("same-origin", True),
        ("none", True),
        ("same-site", False),
        ("cross-site", False),
    ],
)
def test_fetch_metadata_decides_where_there_is_some(site: str, expected: bool) -> None:
    for origin in ("https://api.example", "https://other.example"):
        here: dict[str, Any] = {"scheme": "https", "host": "api.example"}
        request = CORSRequest("POST", origin, fetch_site=site, **here)
        assert request.is_same_origin is expected


@pytest.mark.parametrize("site", ["", "Same-Origin", "none, none", "cross-site,none"])
def test_fetch_metadata_that_no_browser_sends_counts_as_missing(site: str) -> None:
    for origin, expected in (
        ("https://api.example", True),
        ("https://other.example", False),
    ):
        here: dict[str, Any] = {"scheme": "https", "host": "api.example"}
        request = CORSRequest("POST", origin, fetch_site=site, **here)
        assert request.is_same_origin is expected


@pytest.mark.parametrize(
    ("method", "site", "is_websocket", "expected"),
    [
        ("POST", "cross-site", False, True),
        ("DELETE", "same-site", False, True),
        ("brew", "cross-site", False, True),
        ("GET", "cross-site", True, True),
        ("GET", "cross-site", False, False),
        ("HEAD", "same-site", False, False),
        ("OPTIONS", "cross-site", False, False),
        ("POST", "same-origin", False, False),
        ("POST", "none", False, False),
        ("POST", None, False, False),
        ("POST", "cross-site, cross-site", False, False),
        ("GET", "same-origin", True, False),
    ],
)
def test_a_write_of_another_site(
    method: str, site: str | None, is_websocket: bool, expected: bool
) -> None:
    request = CORSRequest(method, fetch_site=site, is_websocket=is_websocket)
    assert request.is_foreign_write is expected
