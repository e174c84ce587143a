"""The query of an address as a model, where many ask.

FastAPI has a way of its own, a model in `Query`, which works out anew with every request which of the fields are lists: half of
what it takes to receive a request for a slate. Here that is known beforehand; what is read and what is told of it are the same.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, get_origin
from urllib.parse import parse_qsl

from fastapi import Request as Asked
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

KEPT = 256
"""How many different queries are kept as they were read, those that came last."""


def query(model: type[M], meant: Callable[[M], T]) -> Callable[[Asked], T]:
    """Reads the query of a request as a model and returns what is meant by it, which nobody changes: it is kept for those who
    ask the same again. Raises `RequestValidationError`, and what `meant` raises."""
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}

    @lru_cache(KEPT)
    def read(text: bytes) -> T:
        pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True)
        fields: dict[str, Any] = dict(pairs)
        for name in lists.intersection(fields):
            fields[name] = [value for named, value in pairs if named == name]
        try:
            found = model.model_validate(fields)
        except ValidationError as error:
            raise RequestValidationError(
                [{**one, "loc": ("query", *one["loc"])} for one in error.errors(include_url=False)]
            ) from error
        return meant(found)

    return lambda asked: read(asked.scope["query_string"])


def described(model: type[BaseModel]) -> dict[str, Any]:
    """What the description of the API says of such a query."""
    schema = model.model_json_schema()
    return {
        "parameters": [
            {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": field}
            | {key: field[key] for key in ("description",) if key in field}
            for name, field in schema["properties"].items()
        ]
    }
