"""The files of a shop -> its catalog and its log. Rows that cannot be used are kept apart, each with its reason."""

from dataclasses import dataclass
from pathlib import Path

from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Events
from assortment.ingest.catalog import read_catalog
from assortment.ingest.events import read_events
from assortment.ingest.report import Rejected, Report


@dataclass(frozen=True, eq=False)
class Ingested:
    """A shop as its two files gave it, and what became of their rows."""

    catalog: Catalog
    events: Events
    rejected: Rejected
    report: Report

    @property
    def dataset(self) -> Dataset:
        return Dataset(self.catalog, self.events)


def ingest(catalog_file: Path | str, events_file: Path | str, format: str | None = None, *, now: int | None = None) -> Ingested:
    """Read the goods and the events of a shop.

    format: a name out of `FORMATS` for both files; where it is None each file is recognised by what it holds. now:
    milliseconds since 1970 UTC, the clock's where None; events later than a day after it are impossible.
    """
    goods = read_catalog(catalog_file, format)
    happened = read_events(events_file, goods.catalog, format, now=now)
    report = Report(goods.report, happened.report)
    return Ingested(goods.catalog, happened.events, goods.rejected + happened.rejected, report)


def bundled_shop() -> Ingested:
    """UCI Online Retail (Chen, 2015; CC BY 4.0): 3,659 goods with English titles and prices in GBP, 4,334 customers, and what
    they bought from 2010-12 to 2011-12; the value of a purchase is its quantity."""
    folder = Path(__file__).parent / "uci"
    return ingest(folder / "items.csv.gz", folder / "events.parquet", "uci")
