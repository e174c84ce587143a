"""Goods put into text, for an encoder to read."""

from assortment.core.arrays import strings
from assortment.core.catalog import Catalog

DESCRIPTION = 200
"""Characters of a description that are read."""


def verbalise(catalog: Catalog) -> list[str]:
    """One text per item: `title | brand | leaf category | start of the description`, without what is missing.

    The order is part of what a model was fitted on. Capitals are left as they are: the encoder in the package reads none.
    A category is a path such as `"Home > Kitchen"`, whose last step is said, or several such with `|` between them.

    >>> from assortment.core.arrays import Ids, strings
    >>> columns = {"title": strings(["Lunch bag", None]), "category": strings(["Home > Kitchen", "Toys|Games"])}
    >>> verbalise(Catalog(Ids(("a", "b")), columns))
    ['Lunch bag | Kitchen', 'Toys, Games']
    """
    nothing = strings([None] * len(catalog))
    said = [catalog.columns.get(name, nothing) for name in ("title", "brand", "category", "description")]
    return [_item(*(_text(value) for value in row)) for row in zip(*said, strict=True)]


def _item(title: str, brand: str, category: str, description: str) -> str:
    leaves = [label.rpartition(">")[2].strip() for label in category.split("|")]
    parts = (title, brand, ", ".join(leaf for leaf in leaves if leaf), description[:DESCRIPTION].strip())
    return " | ".join(part for part in parts if part)


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
