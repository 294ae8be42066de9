"""The options of a policy for type checkers: nothing at run time needs this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    import re
    from datetime import timedelta

    from .origin import OriginLookup

    OriginItem = str | re.Pattern[str] | OriginLookup
    Names = str | Iterable[str]


class OriginOptions(TypedDict, total=False):
    """The options that an item of ``origins`` may have of its own."""

    methods: Names
    allow_headers: Names
    expose_headers: Names
    supports_credentials: bool
    max_age: int | timedelta | None
    timing_allow_origin: bool


if TYPE_CHECKING:
    Options = OriginOptions | Mapping[str, Any]
    OriginWithOptions = tuple[OriginItem, Options] | tuple[str, OriginItem, Options]


class PolicyOptions(TypedDict, total=False):
    """Every option of a policy, as a caller may write it.

    In a string, items are separated by commas or spaces. See :class:`Policy` for
    what each option means.
    """

    origins: (
        OriginItem | Iterable[OriginItem | OriginWithOptions] | Mapping[Any, Options]
    )
    methods: Names
    allow_headers: Names
    expose_headers: Names
    supports_credentials: bool
    max_age: int | timedelta | None
    preflight_status: int
    timing_allow_origin: bool | Literal["*"]
    enforce: bool | Literal["unsafe"]
    accept_risks: Names
