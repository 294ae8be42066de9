"""The ``CORS_*`` keys of a whole project, rewritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from .app_options import Surroundings
from .config_keys import (
    OWN_PREFIX,
    Key,
    KeyReader,
    Renaming,
    is_late,
    mentions,
    remove_key,
    rewrite_option,
)
from .edits import ConflictError
from .notes import Note
from .options import LEFT_OUT, Unknown
from .project import Module, Project

_MAYBE: Final = ("origins", "allow_headers")
"""The options whose default is another one here."""

_NEVER_READ: Final = frozenset({"CORS_HEADERS"})
"""A key of old examples, which Flask-CORS has not read for years."""


def rewrite_keys(
    project: Project, around: Surroundings, around_marks: Surroundings
) -> None:
    """Rewrite every key, and note what the options of Flask-CORS are set to.

    :param around: takes what ``CORS(app)`` reads.
    :param around_marks: takes what a decorator reads, when a request comes.
    """
    own: list[tuple[Module, Key]] = []
    keys, loads_others = _keys(project)
    around.maybe = around_marks.maybe = _maybe((key for _, key in keys), loads_others)
    for module, key in keys:
        if not key.option:
            own.append((module, key))
            continue
        late = is_late(key, module.sites, module.source)
        try:
            new, notes = rewrite_option(key, module.source.edits, late=late)
        except (ValueError, ConflictError) as error:
            new = Unknown(key.name)
            notes = [Note("not-rewritten", f"{key.name}: {error}.")]
        project.tell(module.file.path, ((key.line, note) for note in notes))
        _note(around_marks.config, key.option, key.value.value)
        place = module.file.path, key.line
        around_marks.places.setdefault(key.option, place)
        if key.option == "resources":
            around.resources_key = (module.source, key.value)
        if not late:
            around.places.setdefault(key.option, place)
            _note(around.config, key.option, key.value.value)
        if new is not LEFT_OUT:
            _note(around.new_config, key.option, new)
            _note(around_marks.new_config, key.option, new)
    _rewrite_own(project, own)


def _maybe(keys: Iterable[Key], loads_others: bool) -> set[str]:
    """Return the options that may be in the configuration, or not."""
    listed = list(keys)
    found = {key.option for key in listed if key.conditional}
    if loads_others:
        return found | set(_MAYBE)
    return found - {key.option for key in listed if not key.conditional}


def _keys(project: Project) -> tuple[list[tuple[Module, Key]], bool]:
    """Return the keys that are set, and whether there may be others."""
    found: list[tuple[Module, Key]] = []
    loaded: set[str] = set()
    bases: set[str] = set()
    loads_others = False
    for module in project.modules:
        reader = KeyReader(module.source, module.file.path)
        module.source.module.visit(reader)
        found += [(module, key) for key in reader.keys]
        loaded |= reader.loaded
        bases |= reader.bases
        loads_others = loads_others or reader.loads_others
    if not (loaded or loads_others):
        # Then a class is no configuration of Flask.
        return [(module, key) for module, key in found if key.target], False
    for _, key in found:
        if key.owner and key.owner not in loaded | bases:
            key.conditional = True
    # A class that is chosen when the application runs is one of those that were read.
    known = all(
        project.constants.has(name) for name in loaded if name not in ("", "__name__")
    )
    return found, loads_others or not known


def _rewrite_own(project: Project, keys: Iterable[tuple[Module, Key]]) -> None:
    """Rename keys that Flask-CORS ignores, or delete them if nothing reads them."""
    names = frozenset(key.name for _, key in keys)
    present = Counter(
        name
        for module in project.modules
        for name in mentions(module.source.module, names)
    )
    written = Counter(key.name for _, key in keys)
    unread = {name for name in names & _NEVER_READ if present[name] == written[name]}
    for module, key in keys:
        if key.name in unread:
            remove_key(key, module.source.edits)
            message = f"Flask-CORS ignored {key.name}. It is deleted."
            note = Note("key-ignored", message)
        else:
            message = (
                f"{key.name} is a key of your own, and here CORS_* keys are options. "
                f"Written: {OWN_PREFIX}{key.name}, in every module."
            )
            note = Note("key-renamed", message)
        project.tell(module.file.path, [(key.line, note)])
    for module in project.modules:
        module.source.module.visit(Renaming(module.source, names - unread))


def _note(config: dict[str, Any], option: str, value: Any) -> None:
    """Note a value; one that differs between configurations is unknown."""
    if option in config and config[option] != value:
        value = Unknown(f"CORS_{option.upper()}")
    config[option] = value
