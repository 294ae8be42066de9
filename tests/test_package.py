"""The public names of the package."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

import flask_cors_policy

FLASK_HALF = {"CORS", "cors_exempt", "cors_refused", "cross_origin"}


def test_public_names_are_there() -> None:
    names = set(flask_cors_policy.__all__)
    assert names >= FLASK_HALF
    assert names - FLASK_HALF <= set(vars(flask_cors_policy))
    assert names <= set(dir(flask_cors_policy))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'flask_cors_policy'.*'Cors'"):
        flask_cors_policy.Cors  # noqa: B018


@pytest.mark.parametrize("name", sorted(FLASK_HALF))
def test_flask_half_is_imported_when_it_is_asked_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = ModuleType("flask_cors_policy.flask_ext")
    marker = object()
    setattr(half, name, marker)
    monkeypatch.setattr(flask_cors_policy, "flask_ext", half, raising=False)
    assert getattr(flask_cors_policy, name) is marker
    assert name not in vars(flask_cors_policy)


def test_package_is_marked_as_typed() -> None:
    assert flask_cors_policy.__file__ is not None
    assert Path(flask_cors_policy.__file__).with_name("py.typed").is_file()
