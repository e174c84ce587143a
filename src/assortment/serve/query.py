"""The query of an address as a model, where many ask.

FastAPI has a way of its own, a model in `Query`, which works out anew with every request which of the fields are lists: half of
what it takes to receive a request for a slate. Here that is known beforehand; what is read and what is told of it are the same.
"""

from collections.abc import Callable
from typing import Any, TypeVar, get_origin
from urllib.parse import parse_qsl

from fastapi import Request as Asked
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


def query(model: type[M]) -> Callable[[Asked], M]:
    """Reads the query of a request as a model; raises `RequestValidationError`."""
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}

    def read(asked: Asked) -> M:
        pairs = parse_qsl(asked.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        fields: dict[str, Any] = dict(pairs)
        for name in lists.intersection(fields):
            fields[name] = [value for named, value in pairs if named == name]
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            raise RequestValidationError(
                [{**one, "loc": ("query", *one["loc"])} for one in error.errors(include_url=False)]
            ) from error

    return read


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
