import re
from pathlib import Path

from assortment.ingest import FORMATS
from assortment.ingest.names import CATALOG_COLUMNS, EVENT_COLUMNS, ITEM

PAGE = (Path(__file__).parents[2] / "docs" / "ingest.md").read_text()


def listed(section: str) -> dict[str, list[str]]:
    table = PAGE[PAGE.index(f"| {section} | called |") :].split("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {name: re.split(", |: ", called) for name, called in rows}


def test_the_page_lists_every_column_name_of_events_in_order():
    assert {name: called[: len(EVENT_COLUMNS[name])] for name, called in listed("events").items()} == {
        name: list(names) for name, names in EVENT_COLUMNS.items()
    }


def test_the_page_lists_every_column_name_of_the_catalog_in_order():
    told = {"item": [*ITEM, "id"], **{name: called for name, called in listed("catalog").items() if name != "item"}}
    assert told == {name: list(names) for name, names in CATALOG_COLUMNS.items()}


def test_the_page_has_every_format():
    assert all(f"| `{name}` |" in PAGE for name in FORMATS)
