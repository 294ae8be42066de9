"""Codes of the audit, where no code of another table means the same."""

from __future__ import annotations

from .code import Code


class CheckCode(Code):
    """What an audit can find."""

    ORIGIN_PLAYGROUND = (
        "origin-playground",
        "anyone can run a script on an allowed origin",
        "Remove the origin; try code on an origin of your own, or on localhost",
    )
    PUBLIC_WITH_COOKIES = (
        "public-with-cookies",
        "a view reads cookies, and its policy allows every origin, so that no page "
        "can send any",
        "List the origins, with supports_credentials=True",
    )
    PATH_RULE_UNREACHABLE = (
        "path-rule-unreachable",
        "no route matches a path rule",
        "Write the path as the routes have it, or remove the rule",
    )
    PATH_RULE_PARTIAL = (
        "path-rule-partial",
        "a path rule applies to one spelling of a URL, and its route has two",
        'Write a rule for both, such as "/items/*"',
    )
    CONVERTER_READS_REQUEST = (
        "converter-reads-request",
        "a URL converter looks at the request, which is another one in a preflight",
        "Convert the text of the URL only",
    )
    CREDENTIALS_UNUSED = (
        "credentials-unused",
        "a policy allows credentials, and the application uses none",
        "Remove supports_credentials",
    )
    HEADER_NOT_READ = (
        "header-not-read",
        "a policy allows a request header that nothing reads",
        "Remove the name from allow_headers",
    )
    HEADER_NOT_EXPOSED = (
        "header-not-exposed",
        "the response has a header that the policy does not let pages read",
        "Add the name to expose_headers",
    )
    HEADER_NOT_SET = (
        "header-not-set",
        "a policy exposes a response header that nothing sets",
        "Remove the name from expose_headers",
    )
