"""What is measured once and read later: plain dataclasses as JSON, and back by the types of their fields."""

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from assortment.core.errors import BadInput

T = TypeVar("T")


def write(file: Path, value: object) -> None:
    """Write a dataclass of numbers, texts, tuples, mappings and other such dataclasses; NaN becomes null."""
    file.write_text(json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")


def read(file: Path, cls: type[T], again: str) -> T:
    """What `write` wrote. again: the command that writes it anew. Raises `BadInput` where the file is damaged."""
    try:
        return typed(cls, json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} is damaged ({error}); make it anew: {again}") from error


def plain(value: Any) -> Any:
    """A value as JSON has it.

    >>> plain((1, float("nan"), "tea"))
    [1, None, 'tea']
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, tuple | list):
        return [plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def typed(hint: Any, value: Any) -> Any:
    """A value of JSON as the type that was written.

    >>> typed(tuple[float, ...], [1, None])
    (1.0, nan)
    """
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{field.name: typed(hints[field.name], value[field.name]) for field in dataclasses.fields(hint)})
    if hint is float:
        return math.nan if value is None else float(value)
    origin, within = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (inner,) = (choice for choice in within if choice is not type(None))
        return None if value is None else typed(inner, value)
    if origin is tuple:
        return tuple(typed(within[0], entry) for entry in value)
    return {name: typed(within[1], entry) for name, entry in value.items()} if isinstance(value, dict) else value
