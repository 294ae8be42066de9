"""The public names of the test client."""

from __future__ import annotations

from importlib import import_module

import pytest

from flask_cors_policy import testing


@pytest.mark.parametrize("name", testing.__all__)
def test_each_name_is_imported_when_it_is_asked_for(name: str) -> None:
    module = import_module(testing._MODULES[name], "flask_cors_policy.testing")
    assert getattr(testing, name) is getattr(module, name)
    assert name in dir(testing)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"flask_cors_policy\.testing.*'browser'"):
        testing.browser  # noqa: B018
