"""``flask_cors_policy.sources``: a name is imported when asked for, with its needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flask_cors_policy import sources


def python(code: str) -> list[str]:
    """Run *code* in a fresh interpreter; return the lines that it prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_every_name_is_there_and_no_other() -> None:
    for name in sources.__all__:
        assert callable(getattr(sources, name))
        assert name in dir(sources)
    with pytest.raises(AttributeError, match="has no attribute 'Cached'"):
        sources.Cached  # noqa: B018


def test_nothing_is_imported_that_is_not_asked_for() -> None:
    code = """
import sys
from flask_cors_policy import sources
needed = ("cachetools", "redis", "sqlalchemy", "flask")
print(*[name for name in needed if name in sys.modules])
sources.CachedOrigins
print(*[name for name in needed if name in sys.modules])
"""
    assert python(code) == ["", "cachetools"]


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("CachedOrigins", "cachetools", "sources"),
        ("RedisOrigins", "redis", "redis"),
        ("SQLAlchemyOrigins", "sqlalchemy", "sqlalchemy"),
    ],
)
def test_package_that_is_missing_is_named_with_the_extra_that_has_it(
    name: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in list(sys.modules):
        if module.startswith((package, "flask_cors_policy.sources.")):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError) as caught:
        getattr(sources, name)
    assert str(caught.value) == (
        f"{name} needs a package that is not installed ({package}): "
        f"install flask_cors_policy with the extra {extra!r}"
    )
