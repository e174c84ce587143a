"""The report: one HTML page that a shop's merchandiser and engineer can read, print and keep."""

from assortment.report.facts import Customer, ReportFacts, gather
from assortment.report.page import write_report

__all__ = ["Customer", "ReportFacts", "gather", "write_report"]
