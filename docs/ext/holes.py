"""The holes found in CORS libraries, why each is not here, and the test that shows it.

The security page prints the table; ``tests/docs/test_holes_table.py`` looks whether
every test named in it exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Hole(NamedTuple):
    """One hole, or one family of them.

    :param found_in: advisory and library, as people search for them.
    :param mechanism: how it lets an attacker in.
    :param here: why that cannot happen with this library.
    :param tests: where that is shown, as ``module::test`` below ``tests/``.
    """

    found_in: tuple[str, ...]
    mechanism: str
    here: str
    tests: tuple[str, ...]


HOLES: Final[tuple[Hole, ...]] = (
    Hole(
        ("CVE-2020-25032 (Flask-CORS)",),
        "A path rule matches `/api/../secret`, and so applies outside of `/api`.",
        "Where there are path rules, a path with `.`, `..` or empty segments inside "
        "gets no CORS headers, and its preflight is refused; under `enforce`, so is "
        "every cross-origin request.",
        (
            "test_holes.py::test_cve_2020_25032_a_rule_applies_to_no_path_with_dot_segments",
        ),
    ),
    Hole(
        ("CVE-2024-6844 (Flask-CORS)",),
        "The path is decoded a second time, so that rule and route see two paths.",
        "Paths are compared as the server decoded them, once.",
        ("test_holes.py::test_cve_2024_6844_a_path_is_not_decoded_again",),
    ),
    Hole(
        ("CVE-2024-6866 (Flask-CORS)",),
        "Paths are compared without case; routes are not.",
        "`/API` and `/api` are two paths.",
        ("test_holes.py::test_cve_2024_6866_paths_differ_in_case",),
    ),
    Hole(
        ("CVE-2024-6839 (Flask-CORS)",),
        "The longest expression wins, so that a lax rule can beat a strict one.",
        "The rule with the most whole segments wins, and the exact one of two as deep.",
        (
            "test_holes.py::test_cve_2024_6839_the_rule_of_the_most_segments_wins_"
            "however_long_others_are",
        ),
    ),
    Hole(
        ("CVE-2024-1681 (Flask-CORS)",),
        "A path with line breaks in it forges lines in the log.",
        "Whatever a request holds is escaped and cut before it is logged.",
        ("test_holes.py::test_cve_2024_1681_nothing_of_a_request_is_logged_raw",),
    ),
    Hole(
        ("CVE-2024-6221 (Flask-CORS)",),
        "Access-Control-Allow-Private-Network is on by default: the intranet is open.",
        "That header is never sent. Browsers have a permission prompt in its place.",
        ("test_holes.py::test_cve_2024_6221_private_networks_are_not_opened",),
    ),
    Hole(
        (
            "CVE-2026-37737 (sanic-cors)",
            "CVE-2026-40110 (jupyter-server)",
            "CVE-2017-11173 (rack-cors)",
        ),
        "A regular expression without an end matches "
        "`https://trusted.com.attacker.io`.",
        "Strings are never regular expressions; a compiled one must match the whole "
        "origin.",
        ("test_holes.py::test_origin_is_matched_whole",),
    ),
    Hole(
        ("CVE-2026-25478 (Litestar)",),
        "Origins are joined into an expression, in which a dot is any character.",
        "Scheme, host and port are compared as strings.",
        ("test_holes.py::test_origin_is_matched_whole",),
    ),
    Hole(
        (
            "CVE-2025-50864 (elysia)",
            "CVE-2026-27192 (feathers)",
            "CVE-2026-30964 (webauthn-lib)",
            "CVE-2019-25211 (gin)",
        ),
        "A part is compared for the whole: a substring, a prefix, the host alone.",
        "An origin is equal or it is another one. `*.` stands for whole labels on the "
        "left, `:*` for a port, and there is no other wildcard.",
        ("test_holes.py::test_origin_is_matched_whole",),
    ),
    Hole(
        (
            "CVE-2026-54290 (hono)",
            "CVE-2018-20744 (rs/cors)",
            "CVE-2024-25124 (fiber)",
            "CVE-2021-39185 (http4s)",
            "CVE-2018-8014 (Tomcat)",
            "CVE-2023-49803 (koa)",
        ),
        "Any origin is reflected, often `null` too, and often with credentials.",
        "There is no mode that reflects. `*` with credentials is an error at start; "
        "`null` needs its risk accepted, and never goes with credentials.",
        (
            "test_holes.py::test_no_origin_is_reflected",
            "test_holes.py::test_cve_2018_8014_null_needs_its_risk_and_never_has_"
            "credentials",
        ),
    ),
    Hole(
        ("CVE-2025-71381 (hono)",),
        "The Vary header of the request is copied onto the response.",
        "Vary is made from the policy and from the response, from nothing else.",
        ("test_holes.py::test_cve_2025_71381_vary_of_the_request_is_not_repeated",),
    ),
    Hole(
        ("CVE-2025-47908 (rs/cors)",),
        "A request that asks for a million headers makes the server allocate.",
        "The policy's own lists are sent, whatever was asked. Only `*` with "
        "credentials looks at what was asked, up to 4096 bytes and 128 names.",
        (
            "test_holes.py::test_cve_2025_47908_a_megabyte_of_requested_headers_costs_"
            "nothing",
        ),
    ),
    Hole(
        ("GHSA-vhxv-fg4m-p2w8 (jub0bs/cors)",),
        "A clever tree of origins lets two hosts make a third: `barfoo.com`.",
        "Origins are kept in sets, and compared with a naive oracle in property tests.",
        (
            "test_holes.py::test_ghsa_vhxv_fg4m_p2w8_two_hosts_do_not_make_a_third",
            "core/test_properties.py",
        ),
    ),
    Hole(
        ("jub0bs/cors#14", "starlette#511"),
        "Responses share a list of headers, and what one gets leaks into the next.",
        "Everything compiled is immutable, and each response gets a list of its own.",
        ("test_holes.py::test_jub0bs_14_starlette_511_responses_share_no_list",),
    ),
    Hole(
        ("CVE-2015-9243 (hapi)", "Flask-CORS: `CORS(blueprint)`"),
        "An inner policy falls back to lax defaults of the library.",
        "What an inner policy leaves out comes from the next outer one.",
        (
            "test_holes.py::test_cve_2015_9243_an_override_inherits_and_never_falls_back_"
            "to_lax_defaults",
            "flask/test_blueprints.py::test_a_blueprint_never_falls_back_to_the_"
            "defaults_of_the_library",
        ),
    ),
    Hole(
        ("CVE-2015-9236 (hapi)",),
        "A preflight is answered although the route has no policy.",
        "A preflight is decided by the route that will serve what it asks for.",
        (
            "test_holes.py::test_cve_2015_9236_preflight_is_not_answered_where_no_policy_"
            "applies",
            "flask/test_preflight.py::test_two_views_on_one_url_each_answer_for_their_"
            "methods",
        ),
    ),
    Hole(
        ("CVE-2022-4147 (Quarkus)",),
        "What enforces looks at preflights only, and lets simple requests through.",
        "`enforce=True` looks at every request with an Origin, WebSockets included, "
        "and at those without one that another site sends.",
        ("test_holes.py::test_cve_2022_4147_enforcing_includes_simple_requests",),
    ),
    Hole(
        ("ktor#4163",),
        "An Origin with a slash at the end passes for an origin.",
        "An origin is compared byte for byte, as browsers write it.",
        ("test_holes.py::test_origin_is_matched_whole",),
    ),
    Hole(
        ("wsgicors 0.7",),
        "`https://*.example.com` accepts `https://evil.net/.example.com`.",
        "A pattern only ever sees what is an origin, taken apart into its host.",
        ("test_holes.py::test_origin_is_matched_whole",),
    ),
    Hole(
        ("Falcon 4.4", "aiohttp-cors", "Litestar 2.25"),
        "Responses that depend on the origin go without Vary, and caches mix them up.",
        "`Vary: Origin` stands on each of them: allowed, denied, or without Origin.",
        (
            "test_holes.py::test_vary_is_there_hit_or_miss_unlike_in_falcon_and_litestar",
        ),
    ),
    Hole(
        ("Flask-CORS 6.0.5: `Access-Control-Request-Headers`",),
        "Headers that were asked for are repeated as they came, whatever they hold.",
        "Only names that are tokens are ever repeated.",
        ("test_holes.py::test_flask_cors_only_tokens_are_repeated",),
    ),
    Hole(
        ("Flask-CORS 6.0.5: `Access-Control-Request-Method`",),
        "A part of a method passes for a method.",
        "What is no method is refused. The list sent is the policy's; the browser "
        "compares.",
        ("test_holes.py::test_flask_cors_a_part_of_a_method_is_no_method",),
    ),
    Hole(
        ("Flask-CORS 6.0.5: regular expressions",),
        "An origin made for it keeps a user's expression busy for seconds.",
        "Over-long origins are refused unread, patterns are no expressions, and an "
        "expression of one's own needs its risk accepted.",
        (
            "test_holes.py::test_origin_of_64_kilobytes_is_refused_unread",
            "core/test_origin_risks.py",
        ),
    ),
)

LIBRARIES: Final[Mapping[str, str]] = {
    "Flask-CORS": "6.0.5",
    "Starlette": "1.10.0",
    "django-cors-headers": "4.9.0",
    "quart-cors": "0.8.0",
    "Litestar": "2.25.0",
    "Falcon": "4.4.0",
    "wsgicors": "0.7.0",
}
"""What was run to see which of these are still there, in which version."""
