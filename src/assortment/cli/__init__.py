"""The command line. Thin: read the words, call once, print."""

from assortment.cli.commands import main

__all__ = ["main"]
