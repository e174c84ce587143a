"""World -> dataset: the files of a shop, read, cleaned and accounted for, row by row."""

from assortment.ingest.catalog import CatalogRead, read_catalog, read_goods
from assortment.ingest.events import EventsRead, read_events
from assortment.ingest.formats import FORMATS
from assortment.ingest.report import FileReport, Rejected, RejectedRow, Report, write_rejected
from assortment.ingest.shop import Ingested, bundled_shop, ingest

__all__ = [
    "FORMATS",
    "CatalogRead",
    "EventsRead",
    "FileReport",
    "Ingested",
    "Rejected",
    "RejectedRow",
    "Report",
    "bundled_shop",
    "ingest",
    "read_catalog",
    "read_events",
    "read_goods",
    "write_rejected",
]
