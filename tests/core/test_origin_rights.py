"""Rights per origin: each item of ``origins`` with options of its own."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Mapping
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.core.decision import URLMethods, decide
from flask_cors_policy.core.reasons import Reason
from tests.helpers import EVIL, A, B, Spy, actual, call, preflight

ACAO = "Access-Control-Allow-Origin"
ACAC = "Access-Control-Allow-Credentials"
ACAM = "Access-Control-Allow-Methods"
ACAH = "Access-Control-Allow-Headers"
ACMA = "Access-Control-Max-Age"
ACEH = "Access-Control-Expose-Headers"
TAO = "Timing-Allow-Origin"
CREDENTIALS = {"supports_credentials": True}
C = "https://c.example"


def allow_c(origin: str, environ: Mapping[str, Any]) -> bool:
    return origin == C


def allow_all(origin: str, environ: Mapping[str, Any]) -> bool:
    return True


def answer(policy: Policy, origin: str | None, **facts: Any) -> dict[str, str]:
    """Return the headers of the response to a GET of *origin*."""
    return dict(decide(policy, actual(origin, **facts)).headers)


def asked(policy: Policy, origin: str, *wants: str) -> tuple[Any, dict[str, str]]:
    """Return the status and the headers of the answer to a preflight."""
    decision = decide(policy, preflight(origin, *wants))
    return decision.status, dict(decision.headers)


MIXED = Policy(
    origins={
        A: {"supports_credentials": True, "methods": ["PUT"], "max_age": 600},
        "https://*.b.example": {"allow_headers": ["X-B"], "expose_headers": "X-B"},
        "*": {},
    },
    expose_headers="X-All",
    max_age=60,
)


def test_each_origin_gets_its_own_rights_and_the_policys_where_it_has_none() -> None:
    assert answer(MIXED, A) == {
        "Vary": "Origin", ACAO: A, ACAC: "true", ACEH: "X-All",
    }  # fmt: skip
    below = "https://x.b.example"
    assert answer(MIXED, below) == {"Vary": "Origin", ACAO: below, ACEH: "X-B"}
    assert answer(MIXED, EVIL) == {"Vary": "Origin", ACAO: "*", ACEH: "X-All"}


def test_each_origin_gets_its_own_answer_to_a_preflight() -> None:
    assert asked(MIXED, A) == (204, {
        "Vary": "Origin", ACAO: A, ACAC: "true", ACAM: "PUT",
        ACAH: "Authorization, Content-Type", ACMA: "600",
    })  # fmt: skip
    below = "https://x.b.example"
    assert asked(MIXED, below) == (204, {
        "Vary": "Origin", ACAO: below, ACAH: "X-B", ACMA: "60",
    })  # fmt: skip
    assert asked(MIXED, EVIL) == (204, {
        "Vary": "Origin", ACAO: "*", ACAH: "Authorization, Content-Type", ACMA: "60",
    })  # fmt: skip


def test_without_origin_there_is_vary_and_nothing_else() -> None:
    assert answer(MIXED, None) == {"Vary": "Origin"}
    timed = MIXED.replace(timing_allow_origin="*")
    assert answer(timed, None) == {"Vary": "Origin", TAO: "*"}
    assert answer(timed, EVIL)[TAO] == "*"


def test_a_mapping_with_the_item_for_everyone_alone_answers_all_alike() -> None:
    policy = Policy(origins={"*": {"expose_headers": "X-A"}})
    assert answer(policy, None) == answer(policy, A) == {ACAO: "*", ACEH: "X-A"}


def test_the_item_for_everyone_may_be_written_first() -> None:
    policy = Policy(origins={"*": {}, A: CREDENTIALS})
    assert answer(policy, None) == {"Vary": "Origin"}
    assert answer(policy, A) == {"Vary": "Origin", ACAO: A, ACAC: "true"}
    assert answer(policy, EVIL) == {"Vary": "Origin", ACAO: "*"}


def test_nonsense_and_null_get_what_they_get_without_options() -> None:
    assert answer(MIXED, "nonsense") == {"Vary": "Origin"}
    assert answer(MIXED, "null") == {"Vary": "Origin", ACAO: "*", ACEH: "X-All"}
    listed = Policy(origins={A: {}})
    assert answer(listed, "null") == answer(listed, EVIL) == {"Vary": "Origin"}


def test_the_order_of_the_items_does_not_matter() -> None:
    items: dict[str, Any] = {
        "*": {"max_age": 1},
        "https://*.a.example": {"max_age": 2},
        "https://*.b.a.example": {"max_age": 3},
        "https://*.a.example:*": {"max_age": 4},
        "https://b.a.example": {"max_age": 5},
    }
    expected = {
        "https://x.example": "1",
        "https://c.a.example": "2",
        "https://c.b.a.example": "3",
        "https://c.a.example:8443": "4",
        "https://c.b.a.example:8443": "4",
        "https://b.a.example": "5",
    }
    for order in (list(items), list(items)[::-1]):
        policy = Policy(origins={origin: items[origin] for origin in order})
        found = {origin: asked(policy, origin)[1][ACMA] for origin in expected}
        assert found == expected


def test_functions_come_after_patterns_in_the_order_written_and_before_everyone() -> (
    None
):
    policy = Policy(
        origins=[
            ("*", {"max_age": 1}),
            ("c only", allow_c, {"max_age": 2}),
            ("all", allow_all, {"max_age": 3}),
            ("https://*.example", {"max_age": 4}),
        ],
        accept_risks="public-suffix",
    )
    assert asked(policy, C)[1][ACMA] == "4"
    assert asked(policy, "https://x.test")[1][ACMA] == "3"
    first = policy.replace(origins=[item for item in policy.origins][:3])
    assert asked(first, C)[1][ACMA] == "2"
    assert asked(first, A)[1][ACMA] == "3"


def test_a_regular_expression_and_a_function_are_asked_as_written() -> None:
    expression = re.compile(r"https://c\.example")
    for order, expected in ((1, "2"), (-1, "1")):
        items: list[Any] = [(allow_c, {"max_age": 2}), (expression, {"max_age": 1})]
        items = items[::order]
        policy = Policy(origins=items, accept_risks="regex-origin")
        assert asked(policy, C)[1][ACMA] == expected


def test_what_a_function_allowed_is_not_kept_for_the_item_for_everyone() -> None:
    answers = {True}
    policy = Policy(
        origins=[
            ("some", lambda origin, environ: True in answers, {"max_age": 1}),
            ("*", {"max_age": 2}),
        ]
    )
    app = CORSMiddleware(Spy(), policy)
    headers = {"Origin": A, "Access-Control-Request-Method": "GET"}
    assert call(app, "OPTIONS", headers=headers).values(ACMA) == ["1"]
    assert call(app, headers=headers).values(ACAO) == [A]
    answers.clear()
    assert call(app, "OPTIONS", headers=headers).values(ACMA) == ["2"]
    assert call(app, headers=headers).values(ACAO) == ["*"]
    answers.add(True)
    assert call(app, "OPTIONS", headers=headers).values(ACMA) == ["1"]
    assert call(app, headers=headers).values(ACAO) == [A]


def test_a_kept_answer_is_the_one_of_its_origin() -> None:
    app = CORSMiddleware(Spy(), MIXED)
    for _ in range(3):
        for origin, sent in ((A, A), (EVIL, "*"), (B, "*")):
            assert call(app, headers={"Origin": origin}).values(ACAO) == [sent]


def test_enforce_asks_the_item_for_credentials() -> None:
    policy = MIXED.replace(enforce=True)
    app = CORSMiddleware(Spy(), policy)
    for _ in range(2):
        for origin, cookies, status in (
            (A, True, "200 OK"),
            (EVIL, False, "200 OK"),
            (EVIL, True, "403 Forbidden"),
            ("https://x.b.example", True, "403 Forbidden"),
        ):
            sent = {"Origin": origin, **({"Cookie": "a=b"} if cookies else {})}
            assert call(app, headers=sent).status == status


def test_methods_of_an_item_are_listed_as_written_and_others_as_the_routes_are() -> (
    None
):
    url = URLMethods(own=("DELETE", "GET"))
    policy = Policy(origins={A: {"methods": ["PUT"]}, B: {}, C: {"methods": []}})
    for origin, methods in ((A, "PUT"), (B, "DELETE, GET"), (C, None)):
        decision = decide(policy, preflight(origin, "GET"), url)
        assert dict(decision.headers).get(ACAM) == methods


def test_one_item_that_repeats_names_makes_every_preflight_vary_with_them() -> None:
    policy = Policy(origins={B: {}, A: {**CREDENTIALS, "allow_headers": "*"}})
    vary = "Origin, Access-Control-Request-Headers"
    assert asked(policy, A, "GET", "x-a")[1][ACAH] == "x-a"
    for origin in (A, B, EVIL):
        assert asked(policy, origin)[1]["Vary"] == vary


def test_timing_is_of_the_item_and_the_header_of_the_application_is_removed() -> None:
    policy = Policy(origins={A: {"timing_allow_origin": True}, B: {}, "*": {}})
    own = Spy(headers=[("Content-Type", "text/plain"), (TAO, EVIL)])
    app = CORSMiddleware(own, policy)
    assert call(app, headers={"Origin": A}).values(TAO) == [A]
    assert call(app, headers={"Origin": B}).values(TAO) == []


def test_plain_http_is_denied_to_a_function_whose_item_has_credentials_only() -> None:
    policy = Policy(
        origins=[("a", allow_all, CREDENTIALS), ("*", {})],
    )
    decision = decide(policy, actual("http://a.example"))
    assert decision.reason is Reason.ORIGIN_INSECURE
    lax = Policy(origins=[("a", allow_all, {}), (B, CREDENTIALS)])
    assert answer(lax, "http://a.example")[ACAO] == "http://a.example"


def test_allows_origin_can_ask_for_credentials() -> None:
    assert MIXED.allows_origin(A, credentials=True)
    assert MIXED.allows_origin(EVIL)
    assert not MIXED.allows_origin(EVIL, credentials=True)
    assert not MIXED.allows_origin("nonsense", credentials=True)
    assert Policy(origins=A, supports_credentials=True).allows_origin(
        A, credentials=True
    )
    assert not Policy(origins=A).allows_origin(A, {}, credentials=True)


def test_the_item_that_allows_an_origin_can_be_told() -> None:
    policy = MIXED.replace(origins=[*MIXED.origins, ("tenants", allow_c, {})])
    found = [
        policy.compiled.origins.match(origin, {}).rights.item
        for origin in (A, "https://x.b.example", C, EVIL)
    ]
    assert found == [A, "https://*.b.example", "tenants", "*"]


# What a policy is


def test_a_policy_is_what_its_settings_say() -> None:
    for policy in (MIXED, Policy(origins=[("c", allow_c, {"max_age": 1}), A])):
        twin = Policy(**policy.as_settings())
        assert twin == policy
        assert hash(twin) == hash(policy)
        assert twin.as_settings() == policy.as_settings()
        assert copy.deepcopy(policy) == policy
        assert pickle.loads(pickle.dumps(policy)) == policy
    assert MIXED.origins[0] == (
        A, {"supports_credentials": True, "methods": ("PUT",), "max_age": 600},
    )  # fmt: skip
    assert "supports_credentials" in repr(MIXED)


def test_equal_policies_have_equal_items_in_any_order() -> None:
    one = Policy(origins={A: {"max_age": 1}, B: {}})
    assert one == Policy(origins={B: {}, A: {"max_age": 1}})
    assert one == Policy(origins=[(B, {}), (A, {"max_age": 1})])
    assert one == Policy(origins=[B, (A, {"max_age": 1})])
    others = [
        Policy(origins={A: {"max_age": 2}, B: {}}),
        Policy(origins={A: {}, B: {"max_age": 1}}),
        Policy(origins={A: {"max_age": 1}}),
        Policy(origins=[A, B], max_age=1),
        Policy(origins=[(allow_c, {}), (allow_all, {})]),
        Policy(origins=[(allow_all, {}), (allow_c, {})]),
    ]
    assert len({one, *others}) == 1 + len(others)
    assert all(one != other for other in others)


def test_policies_that_differ_in_one_item_have_different_hashes() -> None:
    found = {hash(Policy(origins={A: {"max_age": age}})) for age in range(1000)}
    assert len(found) > 990


def test_what_was_given_can_be_changed_afterwards_without_effect() -> None:
    options: dict[str, Any] = {"methods": ["PUT"]}
    items: dict[str, Any] = {A: options}
    policy = Policy(origins=items)
    options["methods"].append("DELETE")
    options["supports_credentials"] = True
    items[EVIL] = {}
    assert asked(policy, A)[1][ACAM] == "PUT"
    assert answer(policy, EVIL) == {"Vary": "Origin"}
    with pytest.raises(TypeError):
        policy.origins[0][1]["max_age"] = 5  # type: ignore[index]


@pytest.mark.parametrize(
    "origins",
    [
        {A: {"max_age": 5}, B: {}},
        [(A, {"max_age": 5}), (B, {})],
        [(A, {"max_age": 5}), B],
        ((A, {"max_age": 5}), B),
        [[A, {"max_age": 5}], [B, {}]],
        [("one", A, {"max_age": 5}), ("two", B, {})],
    ],
)
def test_every_way_to_write_items_means_the_same(origins: Any) -> None:
    policy = Policy(origins=origins)
    assert asked(policy, A)[1][ACMA] == "5"
    assert ACMA not in asked(policy, B)[1]
