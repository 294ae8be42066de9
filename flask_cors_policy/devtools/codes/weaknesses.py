"""The weakness that a finding is an instance of, by its number in CWE.

https://cwe.mitre.org/data/definitions/942.html: a policy that trusts too many origins.
"""

from __future__ import annotations

from typing import Final

TOO_PERMISSIVE: Final = 942
_ORIGIN_VALIDATION: Final = 346
_CACHE: Final = 524
_INPUT: Final = 20
_CONFIGURATION: Final = 16

_NUMBERS: Final = {
    "request-forged": 352,  # Cross-site request forgery.
    "websocket-forged": 1385,  # Missing origin validation in WebSockets.
    "allow-origin-list": _CONFIGURATION,
    "cookie-not-sent": 1275,  # Sensitive cookie with improper SameSite attribute.
    "changed-in-front": _CONFIGURATION,
    "converter-reads-request": _CONFIGURATION,
    "cookie-not-stored": 614,  # Sensitive cookie without Secure.
    "credentials-malformed": _CONFIGURATION,
    "credentials-not-allowed": _CONFIGURATION,
    "delimiter-swallowed": _ORIGIN_VALIDATION,
    "dot-unescaped": 625,  # Permissive regular expression.
    "header-injected": 113,  # HTTP response splitting.
    "header-not-allowed": _CONFIGURATION,
    "header-not-exposed": _CONFIGURATION,
    "header-not-read": 1188,  # More is allowed than is needed.
    "header-not-set": _CONFIGURATION,
    "host-reflected": _ORIGIN_VALIDATION,
    "joined-reflected": _ORIGIN_VALIDATION,
    "malformed-reflected": _ORIGIN_VALIDATION,
    "mark-unused": _CONFIGURATION,
    "mark-without-effect": _CONFIGURATION,
    "max-age-beyond-browsers": _CONFIGURATION,
    "max-age-malformed": _CONFIGURATION,
    "method-not-allowed": _CONFIGURATION,
    "method-override": 650,  # Trust in the HTTP method.
    "method-substring": 187,  # Partial string comparison.
    "open-by-path": 436,  # Two readings of one path.
    "origin-from-referer": 293,  # Referer used for authentication.
    "origin-insecure": 319,  # Cleartext transmission.
    "origin-normalised": _ORIGIN_VALIDATION,
    "origin-regex-dot": 625,
    "path-rule-partial": _CONFIGURATION,
    "path-rule-unreachable": _CONFIGURATION,
    "policy-error": _CONFIGURATION,
    "port-malformed": _ORIGIN_VALIDATION,
    "preflight-echoes-garbage": _INPUT,
    "preflight-runs-view": 306,  # No authentication for what needs it.
    "prefix-matched": 187,
    "removed-header": _CONFIGURATION,
    "request-crashes": 248,  # Uncaught exception.
    "scheme-downgrade": 319,
    "special-character": _ORIGIN_VALIDATION,
    "suffix-matched": 187,
    "timing-reflected": 200,  # Exposure of sensitive information.
    "trace-listed": _CONFIGURATION,
    "userinfo-allowed": _ORIGIN_VALIDATION,
    "vary-copied": _CACHE,
    "vary-missing": _CACHE,
    "vary-missing-on-miss": _CACHE,
    "vary-missing-on-preflight": _CACHE,
    "vary-missing-without-origin": _CACHE,
}


def cwe(code: str) -> int:
    """Return the number of the weakness that *code* is about."""
    return _NUMBERS.get(code, TOO_PERMISSIVE)
