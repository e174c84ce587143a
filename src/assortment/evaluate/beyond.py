"""The former name of what is in `spread` now."""

from assortment.evaluate.spread import coverage, gini

__all__ = ["coverage", "gini"]
