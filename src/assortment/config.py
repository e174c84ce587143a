"""A shop's settings file: TOML to recipes and back. The only reader of settings.

The fields of a recipe are its schema: `[[stage]] use = "diversify"` with `diversity = 0.3` is `Diversify(diversity=0.3)`.
"""

import collections.abc
import dataclasses
import json
import tomllib
from collections.abc import Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from assortment.core.errors import BadSetting, did_you_mean
from assortment.core.pipeline import Plan
from assortment.parts import PARTS, default_plan


@dataclasses.dataclass(frozen=True)
class Settings:
    """name and currency as the pages say them; store: the URL of the log, relative SQLite files lying in the shop's folder;
    profiles: the URL of a Redis where profiles are kept at hand for several servers, "" for none;
    seed: of everything that draws; pseudonyms: whether people are called by pseudonyms in the store."""

    name: str = "My shop"
    currency: str = ""
    store: str = "sqlite:///shop.db"
    profiles: str = ""
    seed: int = 1
    pseudonyms: bool = False
    plan: Plan = dataclasses.field(default_factory=default_plan)


def read(file: Path) -> Settings:
    """The settings in a file; raises `BadSetting` or `UnknownName` that say where the slip is and what was meant."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{file}: {error}") from error
    return parse(document, str(file))


def parse(document: Mapping[str, Any], where: str = "settings") -> Settings:
    """Settings from a TOML document that has been read."""
    _refuse_unknown(document, ("shop", "understand", "stage"), where)
    shop = document.get("shop", {})
    fields = {field.name: field for field in dataclasses.fields(Settings) if field.name != "plan"}
    _refuse_unknown(shop, fields, f"{where} [shop]")
    hints = get_type_hints(Settings)
    given = {name: _value(hints[name], value, f"{where} [shop] {name}") for name, value in shop.items()}
    if "stage" not in document:
        return Settings(**given)
    stages, understand = (
        tuple(_part(table, f"{where} [[{heading}]] {number}") for number, table in enumerate(document.get(heading, []), 1))
        for heading in ("stage", "understand")
    )
    return Settings(**given, plan=Plan(stages, understand))


def write(settings: Settings) -> str:
    """The TOML of settings; `parse` gives them back equal."""
    lines = ["[shop]"]
    lines += [f"{field.name} = {spelt(getattr(settings, field.name))}" for field in _plain_fields(settings)]
    for heading, recipes in (("understand", settings.plan.understand), ("stage", settings.plan.stages)):
        for recipe in recipes:
            lines += ["", f"[[{heading}]]", *(f"{name} = {spelt(value)}" for name, value in _table(recipe).items())]
    return "\n".join(lines) + "\n"


def reread(settings: Settings) -> Settings:
    """The settings as they come back from their file: a whole number where a part takes any becomes that number.

    >>> from assortment.diversify.stage import Diversify
    >>> reread(Settings(plan=Plan((Diversify(diversity=1),)))).plan.stages[0].diversity
    1.0
    """
    return parse(tomllib.loads(write(settings)))


def _part(table: object, where: str) -> Any:
    """The recipe that a table describes."""
    if not isinstance(table, Mapping) or not isinstance(table.get("use"), str):
        raise BadSetting(f'{where} must be a table that says which part to use, as in use = "popular"')
    if table["use"] not in PARTS:
        raise did_you_mean("part", table["use"], PARTS)
    cls = PARTS[table["use"]]
    hints = get_type_hints(cls)
    names = [field.name for field in dataclasses.fields(cls)]
    given = {name: value for name, value in table.items() if name != "use"}
    _refuse_unknown(given, names, f"{where} {table['use']}")
    missing = [f.name for f in dataclasses.fields(cls) if _required(f) and f.name not in given]
    if missing:
        raise BadSetting(f"{where} {table['use']} lacks {', '.join(missing)}")
    try:
        return cls(**{name: _value(hints[name], value, f"{where} {table['use']}.{name}") for name, value in given.items()})
    except BadSetting as error:
        raise BadSetting(f"{where} {table['use']}: {error}") if where not in str(error) else error from error


def _required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _refuse_unknown(given: Mapping[str, Any], known: Any, where: str) -> None:
    for name in given:
        if name not in known:
            raise BadSetting(f"{where}: {did_you_mean('setting', name, known)}")


def _value(hint: Any, value: Any, where: str) -> Any:
    """A TOML value as the type that a field asks for."""
    origin = get_origin(hint)
    if origin in (Union, UnionType) and type(None) in get_args(hint):
        hint = reduce(or_, (choice for choice in get_args(hint) if choice is not type(None)))
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint in (int, str, bool) and type(value) is hint:
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_value(get_args(hint)[0], entry, f"{where}[{i}]") for i, entry in enumerate(value))
    if origin is collections.abc.Mapping and isinstance(value, Mapping):
        return {name: _value(get_args(hint)[1], entry, f"{where}.{name}") for name, entry in value.items()}
    if isinstance(value, Mapping) and "use" in value:
        return _fitting(hint, _part(value, where), where)
    raise BadSetting(f"{where} is {spelt(value)}; it should be {_spoken(hint)}")


def _fitting(hint: Any, part: Any, where: str) -> Any:
    """The part, if it is one of those that the field may hold; a protocol holds any."""
    choices = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    classes = tuple(choice for choice in choices if choice in PARTS.values())
    if classes and not isinstance(part, classes):
        wanted = " or ".join(f"'{_use(cls)}'" for cls in classes)
        raise BadSetting(f"{where} cannot use '{_use(type(part))}'; it takes {wanted}")
    return part


def _spoken(hint: Any) -> str:
    spoken = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
    return spoken.get(hint, "a list" if get_origin(hint) is tuple else "a table that says which part to use")


def _plain_fields(settings: Settings) -> "list[dataclasses.Field[Any]]":
    return [field for field in dataclasses.fields(settings) if field.name != "plan"]


def _table(recipe: Any) -> dict[str, Any]:
    """What a table says of a recipe: its part, and the fields that differ from their defaults."""
    table: dict[str, Any] = {"use": _use(type(recipe))}
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        if value != default:
            table[field.name] = value
    return table


def _use(cls: type) -> str:
    """The name that a settings file uses for a part."""
    return next(name for name, part in PARTS.items() if part is cls)


def spelt(value: Any) -> str:
    """A value as TOML spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(spelt(entry) for entry in value)}]"
    table = value if isinstance(value, Mapping) else _table(value)
    if not table:
        return "{}"
    return "{ " + ", ".join(f"{_key(name)} = {spelt(entry)}" for name, entry in table.items()) + " }"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name, ensure_ascii=False)
