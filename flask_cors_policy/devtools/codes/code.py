"""The type of a code: the same as that of the reasons in ``core.reasons``."""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """A stable code. ``value`` never changes its meaning.

    ``sentence`` says what is the case, ``fix`` what to do about it; ``fix`` is empty
    where nothing has to be done. Each part of the table is a subclass.
    """

    sentence: str
    fix: str

    def __new__(cls, code: str, sentence: str, fix: str = "") -> Code:
        member = object.__new__(cls)
        member._value_ = code
        member.sentence = sentence
        member.fix = fix
        return member
