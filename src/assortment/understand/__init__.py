"""Columns: what the catalog comes to know of its goods."""
