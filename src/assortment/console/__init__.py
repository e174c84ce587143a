"""The operator's pages: how the shop does, what it would show, and what a person is to decide."""

from assortment.console.routes import add_console

__all__ = ["add_console"]
