"""``report_only``: what a second policy would deny is told, and nothing changes."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import CORSMiddleware, Policy, PolicyError
from flask_cors_policy.log import logger
from flask_cors_policy.refusals import Refusal
from tests.helpers import EVIL, A, B, Spy, call, preflight_headers

Told = list[Refusal]


def app_and_told(report_only: Any, *policy: Any, **options: Any) -> tuple[Any, Told]:
    """Return a middleware with *report_only*, and the list of what it tells."""
    told: Told = []
    app = CORSMiddleware(
        Spy(), *policy, report_only=report_only, on_refused=told.append, **options
    )
    return app, told


def codes(told: Told) -> list[tuple[str, str, int | None]]:
    assert all(each.report_only for each in told)
    return [(each.reason, each.by, each.status) for each in told]


def test_an_origin_that_would_lose_access_is_told() -> None:
    app, told = app_and_told({"origins": A}, origins="*")
    assert call(app, headers={"Origin": EVIL}).values(
        "Access-Control-Allow-Origin"
    ) == ["*"]
    assert call(app, "OPTIONS", headers=preflight_headers(EVIL, "POST")).status[:3] == (
        "204"
    )
    call(app, headers={"Origin": A})
    assert codes(told) == [
        ("origin-not-allowed", "browser", None),
        ("origin-not-allowed", "server", 403),
    ]


def test_what_the_real_policy_denies_as_well_is_told_once_and_as_refused() -> None:
    app, told = app_and_told({"origins": A}, origins=[A, B])
    call(app, headers={"Origin": EVIL})
    call(app, "OPTIONS", headers=preflight_headers(EVIL))
    assert [each.report_only for each in told] == [False, False]


def test_enforce_under_report_only_tells_what_it_would_refuse() -> None:
    app, told = app_and_told({"enforce": True}, origins=A)
    assert call(app, headers={"Origin": EVIL}).body == b"hello"
    assert call(app, method="POST", headers={"Sec-Fetch-Site": "cross-site"}).body
    assert [(each.reason, each.status, each.report_only) for each in told] == [
        ("origin-not-allowed", None, False),
        ("origin-not-allowed", 403, True),
        ("origin-missing", 403, True),
    ]


def test_cookies_that_would_no_longer_be_allowed_are_told() -> None:
    app, told = app_and_told(
        {"supports_credentials": False}, origins=A, supports_credentials=True
    )
    call(app, headers={"Origin": A})
    assert told == []
    call(app, headers={"Origin": A, "Cookie": "session=1"})
    assert codes(told) == [("credentials-not-allowed", "browser", None)]


def test_methods_and_headers_that_would_be_blocked_are_told() -> None:
    app, told = app_and_told(
        {"methods": ["PUT"], "allow_headers": ["X-A"]},
        origins=A,
        methods=["PUT", "DELETE"],
        allow_headers=["X-A", "X-B"],
    )
    call(app, "OPTIONS", headers=preflight_headers(A, "PUT", "x-a"))
    call(app, "OPTIONS", headers=preflight_headers(A, "DELETE"))
    call(app, "OPTIONS", headers=preflight_headers(A, "PUT", "x-a,x-b"))
    assert codes(told) == [
        ("method-not-allowed", "browser", 204),
        ("header-not-allowed", "browser", 204),
    ]


def test_path_rules_inherit_from_report_only_what_they_inherit() -> None:
    rules = {"/own": {"origins": [B]}, "/*": {}}
    app, told = app_and_told({"origins": A}, rules, origins="*")
    call(app, path="/own", headers={"Origin": B})
    assert told == []
    call(app, path="/items", headers={"Origin": B})
    assert [(each.place, each.reason) for each in told] == [
        ("/*", "origin-not-allowed")
    ]


def test_report_only_stays_over_a_policy_that_is_set_later() -> None:
    app, told = app_and_told({"origins": A}, origins=A)
    app.policy = Policy(origins="*")
    call(app, headers={"Origin": B})
    assert codes(told) == [("origin-not-allowed", "browser", None)]


def test_the_log_says_what_would_happen(caplog: pytest.LogCaptureFixture) -> None:
    app = CORSMiddleware(
        Spy(), origins="*", report_only={"origins": A, "enforce": True}
    )
    call(app, headers={"Origin": EVIL})
    call(app, "OPTIONS", headers=preflight_headers(EVIL, "POST"))
    call(app, "OPTIONS", headers=preflight_headers(A, "PUT"))
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        f"CORS: report_only would refuse GET / from '{EVIL}'",
        f"CORS: report_only would refuse the preflight of '{EVIL}' for POST /",
        f"CORS: the browser will block PUT / for '{A}'",
    ]
    flags = [record.__dict__["cors_report_only"] for record in caplog.records]
    assert flags == [True, True, False]


def test_the_log_says_what_pages_could_not_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    only: Any = {"origins": A, "methods": []}
    app = CORSMiddleware(Spy(), origins="*", methods=["PUT"], report_only=only)
    call(app, headers={"Origin": EVIL})
    call(app, "OPTIONS", headers=preflight_headers(A, "PUT"))
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        f"CORS: under report_only '{EVIL}' may not read GET /",
        f"CORS: under report_only the browser would block PUT / for '{A}'",
    ]


def test_a_second_policy_that_fails_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(origin: str, environ: object) -> bool:
        raise OSError(origin)

    app, told = app_and_told({"origins": fails}, origins=A)
    for _ in range(3):
        assert call(app, headers={"Origin": A}).values("Vary") == ["Origin"]
    assert codes(told) == [("origin-lookup-failed", "browser", None)] * 3
    assert caplog.records[0].exc_info


def test_on_refused_that_raises_changes_nothing() -> None:
    def raises(refusal: Refusal) -> None:
        raise OSError

    app = CORSMiddleware(
        Spy(), origins="*", report_only={"origins": A}, on_refused=raises
    )
    assert call(app, headers={"Origin": EVIL}).body == b"hello"


def test_a_report_that_cannot_be_logged_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(record: logging.LogRecord) -> bool:
        if record.__dict__.get("cors_report_only"):
            raise OSError
        return True

    app, _ = app_and_told({"origins": A}, origins="*")
    logger.addFilter(refuse)
    try:
        assert call(app, headers={"Origin": EVIL}).body == b"hello"
    finally:
        logger.removeFilter(refuse)
    (record,) = caplog.records
    assert record.__dict__["cors_reason"] == "report-failed"


def test_mistakes_in_report_only_are_told_at_start_with_all_others() -> None:
    with pytest.raises(PolicyError) as caught:
        app_and_told({"origin": A, "max_age": -1}, origins=A)
    assert {each.setting for each in caught.value.problems} == {
        "report_only['origin']",
        "report_only['max_age']",
    }


@pytest.mark.parametrize("value", ["https://a.example", 7, [A]])
def test_report_only_is_a_mapping_of_options(value: Any) -> None:
    with pytest.raises(PolicyError) as caught:
        CORSMiddleware(Spy(), origins=A, report_only=value)
    (problem,) = caught.value.problems
    assert (problem.setting, problem.reason) == ("report_only", "wrong-type")


def test_ready_policies_inherit_nothing_from_report_only() -> None:
    with pytest.raises(PolicyError) as caught:
        CORSMiddleware(Spy(), {"/*": Policy(origins=A)}, report_only={"origins": B})
    assert [each.reason for each in caught.value.problems] == ["conflicting-options"]


OPTIONS = st.fixed_dictionaries(
    {"origins": st.sampled_from(["*", A, B, [A, B], lambda origin, _: origin == A])},
    optional={
        "enforce": st.booleans(),
        "methods": st.sampled_from([["PUT"], "*", []]),
        "allow_headers": st.sampled_from([["X-A"], "*", []]),
        "max_age": st.sampled_from([0, 60]),
    },
)
REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["GET", "POST", "OPTIONS"]),
        st.sampled_from(["/", "/api/items", "//x"]),
        st.dictionaries(
            st.sampled_from(
                [
                    "Cookie",
                    "Sec-Fetch-Site",
                    "Access-Control-Request-Method",
                    "Access-Control-Request-Headers",
                ]
            ),
            st.sampled_from(["PUT", "x-a", "cross-site", "same-origin"]),
        ),
        st.sampled_from([None, A, B, EVIL, "null", "https://"]),
    ),
    max_size=8,
)


@given(OPTIONS, OPTIONS, REQUESTS, st.booleans())
def test_no_response_changes_by_a_byte(
    real: dict[str, Any], only: dict[str, Any], requests: list[Any], rules: bool
) -> None:
    policy: Any = [{"/api/*": {}}] if rules else []
    plain = CORSMiddleware(Spy(), *policy, **real)
    reporting, _ = app_and_told(only, *policy, **real)
    for method, path, headers, origin in requests:
        sent = headers if origin is None else {**headers, "Origin": origin}
        assert call(plain, method, path, sent) == call(reporting, method, path, sent)
