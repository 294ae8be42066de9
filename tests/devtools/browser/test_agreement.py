"""Both halves of this library agree: what a policy says is what a browser does.

The browser model knows nothing of policies, and the middleware nothing of the model;
what a policy lets through is said a third time here, in the simplest words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.devtools.browser import (
    ENGINES,
    Engine,
    Page,
    PageRequest,
    PreflightCache,
    Received,
    Sent,
    drive,
    fetch,
    unsafe_names,
)
from tests.helpers import Spy, call

if TYPE_CHECKING:
    from flask_cors_policy.core.options import PolicyOptions

ORIGINS = ["https://a.example", "https://b.a.example", "http://localhost:3000", "null"]
WRITTEN = ["https://a.example", "https://*.a.example", "http://localhost:*"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "patch", "DELETE", "X-OWN"]
NAMES = ["X-A", "x-b", "Authorization", "Content-Type", "Accept"]

lists = {
    "methods": st.one_of(
        st.just(["*"]), st.lists(st.sampled_from(["PUT", "PATCH", "DELETE", "X-OWN"]))
    ),
    "allow_headers": st.one_of(
        st.just(["*"]),
        st.lists(st.sampled_from(["x-a", "X-B", "authorization", "content-type"])),
    ),
    "preflight_status": st.sampled_from([200, 204]),
    "max_age": st.sampled_from([None, 0, 600]),
}
policies = st.one_of(
    st.fixed_dictionaries({"origins": st.just("*"), **lists}),
    st.fixed_dictionaries(
        {
            "origins": st.lists(st.sampled_from(WRITTEN), min_size=1, unique=True),
            "supports_credentials": st.booleans(),
            **lists,
        }
    ),
)
requests = st.builds(
    PageRequest,
    st.just("http://localhost:5000/x"),
    st.sampled_from(METHODS),
    st.dictionaries(
        st.sampled_from(NAMES), st.sampled_from(["a", "text/plain", "a(b"])
    ).map(lambda headers: tuple(headers.items())),
    credentials=st.sampled_from(["omit", "same-origin", "include"]),
)
engines = st.sampled_from(list(ENGINES.values()))


def lets_through(
    policy: Policy, origin: str, request: PageRequest, engine: Engine
) -> bool:
    """Say whether a page of *origin* may read the answer, from the settings alone."""
    include = request.credentials == "include"
    any_origin = policy.origins == ("*",)
    if not (any_origin or policy.allows_origin(origin)):
        return False
    if include and not policy.supports_credentials:
        return False
    methods = {"GET", "HEAD", "POST", *policy.methods}
    if "*" not in methods and request.method not in methods:
        return False
    listed = {name.lower() for name in policy.allow_headers}
    asked = set(unsafe_names(request.headers, engine))
    if "*" not in listed:
        return asked <= listed
    # A policy with credentials spells its * out for each request.
    return (
        "authorization" not in asked
        or "authorization" in listed
        or policy.supports_credentials
        or engine.wildcard_covers_authorization
    )


# The checker of PEP 3333 knows common methods only.
@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@given(policies, st.sampled_from(ORIGINS), requests, engines)
def test_browser_does_what_the_policy_says(
    options: PolicyOptions, origin: str, request: PageRequest, engine: Engine
) -> None:
    policy = Policy(**options)
    spy = Spy()
    middleware = CORSMiddleware(spy, policy)

    def send(sent: Sent) -> Received:
        response = call(middleware, sent.method, "/x", dict(sent.headers))
        status = int(response.status.split()[0])
        return Received(status, tuple(response.headers), response.body)

    cache = PreflightCache(engine)
    steps = fetch(Page(origin, engine), request, cache)
    outcome = drive(steps, send)
    allowed = lets_through(policy, origin, request, engine)
    assert (outcome.failure is None) is allowed
    # What is preflighted and refused never reaches the application.
    refused_early = not allowed and bool(outcome.preflights)
    assert len(spy.calls) == (0 if refused_early else 1)
    again = drive(fetch(Page(origin, engine), request, cache), send)
    assert (again.failure is None) is allowed
