"""The public names of the package."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import flask_cors.core
import pytest

import flask_cors_policy
from flask_cors_policy import core

FLASK_HALF = {"CORS", "cors_exempt", "cors_refused", "cross_origin"}


def test_public_names_are_there() -> None:
    names = set(flask_cors_policy.__all__)
    assert names >= FLASK_HALF
    assert names - FLASK_HALF <= set(vars(flask_cors_policy))
    assert names <= set(dir(flask_cors_policy))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'flask_cors_policy'.*'Cors'"):
        flask_cors_policy.Cors  # noqa: B018


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CORS", "from flask_cors_policy import CORS"),
        ("cross_origin", "from flask_cors_policy import cross_origin"),
        ("ACL_ORIGIN", "the name of the header"),
        ("get_cors_options", "CORSMiddleware(app, origins=...)"),
        ("set_cors_headers", "delete the call"),
        ("get_allow_headers", "delete the call"),
        ("try_match_any_pattern", "policy.allows_origin(origin)"),
        ("parse_resources", "policy.allows_origin(origin)"),
        ("DEFAULT_OPTIONS", "policy.as_settings()"),
        ("FLASK_CORS_EVALUATED", "@cors_exempt"),
        ("LOG", 'logging.getLogger("flask_cors_policy")'),
    ],
)
def test_a_name_of_flask_cors_core_is_answered_with_where_to_look(
    name: str, hint: str
) -> None:
    with pytest.raises(ImportError) as caught:
        exec(f"from flask_cors_policy.core import {name}", {})
    assert str(caught.value).startswith(f"{name} is a name of flask_cors.core")
    assert hint in str(caught.value)


def test_every_function_and_constant_of_flask_cors_core_is_known() -> None:
    own = {
        name
        for name, value in vars(flask_cors.core).items()
        if name.isupper()
        or getattr(value, "__module__", "") == flask_cors.core.__name__
    }
    own = {
        name for name in own if name[0] != "_" and name[-5:] not in ("Input", "Spec")
    }
    assert len(own) > 20
    for name in own:
        with pytest.raises(ImportError):
            getattr(core, name)


def test_any_other_name_of_the_core_is_an_attribute_error() -> None:
    assert not hasattr(core, "answers")
    assert hasattr(core, "policy")
    with pytest.raises(ImportError, match="cannot import name 'answers'"):
        exec("from flask_cors_policy.core import answers", {})


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
