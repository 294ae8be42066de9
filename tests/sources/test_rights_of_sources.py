"""Rights per origin in a policy file, and for the origins of a store."""

from __future__ import annotations

from pathlib import Path

from flask_cors_policy import Policy
from flask_cors_policy.core.decision import decide
from flask_cors_policy.sources import CachedOrigins, PolicyFile
from tests.helpers import EVIL, A, B, preflight

POLICY_FILE = """
methods = ["PUT"]
[origins."https://a.example"]
supports_credentials = true
[origins."*"]
"""


def test_a_policy_file_has_rights_per_origin(tmp_path: Path) -> None:
    file = tmp_path / "cors.toml"
    file.write_text(POLICY_FILE)
    policy = PolicyFile(file).policy
    assert isinstance(policy, Policy)
    assert policy.allows_origin(A, credentials=True)
    assert policy.allows_origin(EVIL)
    assert not policy.allows_origin(EVIL, credentials=True)


def test_the_origins_of_a_store_have_rights_of_their_own() -> None:
    store = CachedOrigins(lambda origin: origin == B)
    policy = Policy(
        origins=[("customers", store, {"supports_credentials": True}), (A, {})],
        max_age=5,
    )
    assert policy.allows_origin(B, credentials=True)
    assert policy.allows_origin(A)
    assert not policy.allows_origin(A, credentials=True)
    assert not policy.allows_origin(EVIL)
    decision = decide(policy, preflight(B))
    assert decision.item == "customers"
    assert not decision.is_constant
    assert decide(policy, preflight(A, "GET")).is_constant
