"""Rights per origin against a naive oracle: plain loops over what was written."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import CORSMiddleware, Policy, PolicyError
from flask_cors_policy.core.decision import decide
from flask_cors_policy.core.inheritance import inherit
from flask_cors_policy.core.settings import raw_options
from tests.helpers import Spy, actual, call, preflight

Options = dict[str, Any]


def ends_in_x(origin: str, environ: Mapping[str, Any]) -> bool:
    return origin.endswith("x.test")


def has_a_port(origin: str, environ: Mapping[str, Any]) -> bool:
    return origin.count(":") == 2


FUNCTIONS = (ends_in_x, has_a_port)
HOSTS = ("x.test", "b.x.test", "c.b.x.test")
# Few, so that what is drawn often overlaps.
STRINGS = [
    *(
        f"https://{star}{host}{port}"
        for star in ("", "*.")
        for host in HOSTS
        for port in ("", ":1", ":*")
    ),
    "http://x.test",
    "http://*.x.test",
]
ORIGINS = [
    *(
        f"{scheme}://{host}{port}"
        for scheme in ("https", "http")
        for host in (*HOSTS, "d.c.b.x.test", "z.test")
        for port in ("", ":1", ":2")
    ),
    "null",
    "nonsense",
]
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "supports_credentials": st.sampled_from([False, False, True]),
    "max_age": st.sampled_from([None, 0, 7]),
    "methods": st.sampled_from([[], ["PUT"], ["*"]]),
    "allow_headers": st.sampled_from([[], ["X-A"], ["*"]]),
    "expose_headers": st.sampled_from([[], ["X-E"]]),
    "timing_allow_origin": st.booleans(),
}
OWN = st.fixed_dictionaries({}, optional=OPTIONS)
ITEMS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(STRINGS), st.sampled_from(["*", *FUNCTIONS])), OWN
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda pair: pair[0],
)
ENFORCE = st.sampled_from([False, True, "unsafe"])
RISKS = ["insecure-origin", "public-suffix"]


class Parts(NamedTuple):
    scheme: str
    star: bool
    host: str
    port: str


def parts(text: str) -> Parts:
    scheme, _, rest = text.partition("://")
    host, _, port = rest.partition(":")
    return Parts(scheme, host.startswith("*."), host.removeprefix("*."), port)


def covers(pattern: str, origin: str) -> bool:
    """Say whether *pattern* covers all that *origin*, which may be one too, covers."""
    if "://" not in origin:
        return False
    one, other = parts(pattern), parts(origin)
    if one.scheme != other.scheme or one.port not in ("*", other.port):
        return False
    if one.star:
        below = other.host.endswith(f".{one.host}")
        return below or (other.star and other.host == one.host)
    return not other.star and one.host == other.host


def overlap_partly(one: str, other: str) -> bool:
    if covers(one, other) or covers(other, one):
        return False
    some = {
        f"{p.scheme}://{start}{p.host}{port}"
        for p in (parts(one), parts(other))
        for start in ("", "a.", "b.a.")
        for port in ("", ":1", ":2")
    }
    return any(covers(one, origin) and covers(other, origin) for origin in some)


def labels(pattern: str) -> tuple[bool, int, bool]:
    """Return what sorts patterns: an exact host, most labels, an exact port."""
    found = parts(pattern)
    return (not found.star, found.host.count("."), found.port != "*")


def item_of(items: list[tuple[Any, Options]], origin: str) -> Options | None:
    """Return the own options of the item that allows *origin*, if one does."""
    for item, own in items:
        if item == origin and "://" in origin:
            return own
    strings = [(item, own) for item, own in items if isinstance(item, str)]
    for item, own in sorted(strings, key=lambda pair: labels(pair[0]), reverse=True):
        if item != "*" and covers(item, origin):
            return own
    for item, own in items:
        if callable(item) and "://" in origin and item(origin, {}):
            return own
    for item, own in items:
        if item == "*" and origin != "nonsense":
            return own
    return None


def is_valid(items: list[tuple[Any, Options]], around: Options) -> bool:
    for item, own in items:
        if item == "*" and {**around, **own}.get("supports_credentials"):
            return False
    strings = [item for item, _ in items if isinstance(item, str) and item != "*"]
    return not any(overlap_partly(*pair) for pair in permutations(strings, 2))


def expected_headers(
    items: list[tuple[Any, Options]], around: Options, origin: str | None, put: bool
) -> dict[str, str]:
    """Return the headers of the answer to a GET, or to a preflight for PUT."""
    is_open = len(items) == 1 and items[0][0] == "*"
    own = None if origin is None else item_of(items, origin)
    if is_open and not put:  # The same for all.
        own = items[0][1]
    vary = [] if is_open else ["Origin"]
    if put:
        vary += expected_echoes([{**around, **each} for _, each in items])
    headers = {"Vary": ", ".join(vary)} if vary else {}
    if own is None:
        return headers
    rights = {"allow_headers": ["Authorization", "Content-Type"], **around, **own}
    sent = "*" if item_is_star(items, own) else str(origin)
    headers["Access-Control-Allow-Origin"] = sent
    if rights.get("supports_credentials"):
        headers["Access-Control-Allow-Credentials"] = "true"
    if put:
        return headers | expected_lists(rights)
    if rights.get("expose_headers"):
        headers["Access-Control-Expose-Headers"] = "X-E"
    if rights.get("timing_allow_origin"):
        headers["Timing-Allow-Origin"] = sent
    return headers


def expected_echoes(rights: list[Options]) -> list[str]:
    """Return the headers of which some item repeats what is asked for."""
    found = []
    for option, name in (("methods", "Method"), ("allow_headers", "Headers")):
        for each in rights:
            if each.get("supports_credentials") and "*" in each.get(option, []):
                found.append(f"Access-Control-Request-{name}")
                break
    return found


def expected_lists(rights: Options) -> dict[str, str]:
    """Return what stands on the answer to a preflight alone."""
    headers = {}
    for option, name, asked in (
        ("methods", "Methods", "PUT"),
        ("allow_headers", "Headers", "x-q"),
    ):
        listed = rights.get(option, [])
        if listed == ["*"] and rights.get("supports_credentials"):
            listed = [asked]
        if listed:
            headers[f"Access-Control-Allow-{name}"] = ", ".join(listed)
    if rights.get("max_age") is not None:
        headers["Access-Control-Max-Age"] = str(rights["max_age"])
    return headers


def item_is_star(items: list[tuple[Any, Options]], own: Options) -> bool:
    return any(item == "*" and each is own for item, each in items)


def build(items: Any, around: Options, enforce: Any) -> Policy | None:
    """Return a policy; ``None`` if it is refused for what the oracle knows."""
    settings = {"origins": items, "enforce": enforce, "accept_risks": RISKS, **around}
    try:
        return Policy(**settings)
    except PolicyError as error:
        found = {problem.reason for problem in error.problems}
    if found <= {"origin-overlap", "origin-wildcard-credentials"}:
        return None
    raise AssertionError(found)


@given(ITEMS, OWN, ENFORCE, st.lists(st.sampled_from([*ORIGINS, None]), min_size=6))
def test_every_origin_gets_what_a_naive_oracle_gives_it(
    items: list[tuple[Any, Options]],
    around: Options,
    enforce: Any,
    origins: list[str | None],
) -> None:
    policy = build(items, around, enforce)
    assert (policy is not None) is is_valid(items, around)
    if policy is None:
        return
    app = CORSMiddleware(Spy(), policy)
    for origin in (*origins, *origins):  # The second time from the memo.
        headers = dict(decide(policy, actual(origin)).headers)
        kept = call(app, headers={} if origin is None else {"Origin": origin}).headers
        assert {**dict(kept), **headers} == dict(kept)
        if "Cache-Control" in headers:
            own = item_of(items, origin or "")
            assert (enforce, own) == (True, None)
            del headers["Cache-Control"]
        assert headers == expected_headers(items, around, origin, put=False)
        if origin is None:
            continue
        decision = decide(policy, preflight(origin, "PUT", "x-q"))
        headers = dict(decision.headers)
        headers.pop("Cache-Control", None)
        assert headers == expected_headers(items, around, origin, put=True)
        allowed = item_of(items, origin) is not None
        assert decision.status == (204 if allowed else 403)
        assert policy.allows_origin(origin) is allowed


@given(st.permutations(STRINGS), st.integers(1, 4), OWN)
def test_the_order_of_strings_changes_nothing(
    strings: list[str], count: int, around: Options
) -> None:
    items = {text: {"max_age": STRINGS.index(text)} for text in strings[:count]}
    one = build(items, around, False)
    other = build(dict(reversed(items.items())), around, False)
    assert one == other
    if one is not None and other is not None:
        assert hash(one) == hash(other)
        for origin in ORIGINS:
            request = preflight(origin, "PUT", "x-q")
            assert decide(one, request) == decide(other, request)


LAYER = st.fixed_dictionaries({}, optional={"origins": ITEMS.map(tuple), **OPTIONS})


@given(st.lists(LAYER, min_size=1, max_size=4), st.sampled_from(ORIGINS))
def test_layers_are_merged_first_and_the_item_is_laid_over(
    layers: list[Options], origin: str
) -> None:
    merged: Options = {}
    settings = raw_options({"accept_risks": RISKS})
    for layer in layers:  # From the outside in; origins are replaced as a whole.
        for name, value in layer.items():
            merged[name] = value
        settings = inherit(raw_options(layer), settings)
    if "origins" not in merged:
        return
    items, around = list(merged.pop("origins")), merged
    try:
        policy, _ = Policy.from_settings(settings)
    except PolicyError:
        assert not is_valid(items, around)
        return
    headers = dict(decide(policy, actual(origin)).headers)
    assert headers == expected_headers(items, around, origin, put=False)


@pytest.mark.parametrize("count", [1, 10_000])
def test_each_of_many_items_is_found(count: int) -> None:
    items = {f"https://n{n}.test": {"max_age": n % 86400} for n in range(count)}
    policy = Policy(origins=items)
    decision = decide(policy, preflight(f"https://n{count - 1}.test"))
    assert dict(decision.headers)["Access-Control-Max-Age"] == str(count - 1)
