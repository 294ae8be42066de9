"""The options that apply to an application, wherever they are written.

They are written in the call, in the constructor of the extension and in ``app.config``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .options import EVERY_HEADER, LEFT_OUT, Unknown
from .sites import Site
from .source import Source
from .values import Evaluated
from .writing import Writing


@dataclass
class Surroundings:
    """What the other sites of an application say.

    :ivar config: the options in ``app.config``, as Flask-CORS reads them.
    :ivar new_config: the same options, translated.
    :ivar places: option -> file and line of its key.
    :ivar maybe: options that may be in ``app.config`` when the application runs.
    :ivar constructors: name of an extension -> where it is made.
    :ivar paths: the paths of the routes that are known.
    :ivar methods: the methods that views serve.
    :ivar outer: the options that views may inherit from.
    :ivar rules: the path rules that ``CORS(app)`` has.
    :ivar by_hand: the options that an ``after_request`` function stands for; they win.
    :ivar resources_key: where ``CORS_RESOURCES`` is set.
    """

    config: dict[str, Any] = field(default_factory=dict)
    new_config: dict[str, Any] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    maybe: set[str] = field(default_factory=set)
    constructors: dict[str, Site] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)
    outer: list[dict[str, Any]] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    by_hand: dict[str, Any] = field(default_factory=dict)
    resources_key: tuple[Source, Evaluated] | None = None


Options = dict[str, Any]


def read_options(
    writing: Writing, around: Surroundings
) -> tuple[Options, Options, Options]:
    """Return the options before, those after, and those that are not in the call."""
    site = writing.site
    outer_old, outer_new = dict(around.config), dict(around.new_config)
    writing.places.update(around.places)
    constructor = around.constructors.get(site.instance)
    if constructor is not None:
        made = Writing(constructor)
        outer_old.update(constructor.values())
        for option_source in constructor.sources:
            outer_new.update(made.translate(option_source))
        writing.places.update(made.places)
    old = {**outer_old, **site.values()}
    new = dict(outer_new)
    for option_source in site.sources:
        new.update(writing.translate(option_source))
    for option in _of_config(site, around):
        old[option] = around.config[option]
        new[option] = around.new_config.get(option, LEFT_OUT)
        if new[option] is LEFT_OUT and option != "resources":
            writing.set_option(site.sources, option, LEFT_OUT)
    for option in sorted(around.maybe - site.values().keys()):
        value = _configured(writing, option)
        if value is not None:
            old[option] = new[option] = value
    for options in (new, outer_new):
        options.pop("resources", None)
    return old, new, outer_new


def _of_config(site: Site, around: Surroundings) -> list[str]:
    """Return the options that are written as ``app.config["CORS_..."]``."""
    found = []
    for name, value in site.values().items():
        key = rf"config(\[|\.get\()\s*[\"']CORS_{name.upper()}[\"']"
        if (
            isinstance(value, Unknown)
            and name in around.config
            and name not in around.maybe
            and re.search(key, value.code)
        ):
            found.append(name)
    return found


def _configured(writing: Writing, option: str) -> Unknown | None:
    """Write that an option is that of ``app.config``, or the default of Flask-CORS."""
    default = {"origins": "*", "allow_headers": list(EVERY_HEADER)}.get(option)
    site = writing.site
    if default is None or not re.fullmatch(r"[\w.]+", site.target):
        return None
    text = site.source.edits.code
    key = text(f"CORS_{option.upper()}")
    code = f"{site.target}.config.get({key}, {text(default)})"
    value = Unknown(code, mentions_any=option == "origins")
    writing.set_option(site.sources, option, value)
    return value
