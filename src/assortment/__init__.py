"""A recommender for shops that understands goods in words and treats variety as a goal equal to relevance.

The public names. They are imported when they are first asked for, so that the command line answers at once.

>>> import assortment
>>> assortment.Wish(diversity=0.5, at_most={"brand": 2}).diversity
0.5
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assortment.core.blend import Blend as Blend
    from assortment.core.catalog import Catalog as Catalog
    from assortment.core.dataset import Dataset as Dataset
    from assortment.core.errors import AssortmentError as AssortmentError
    from assortment.core.events import Event as Event
    from assortment.core.events import Events as Events
    from assortment.core.pipeline import Pipeline as Pipeline
    from assortment.core.pipeline import Plan as Plan
    from assortment.core.request import Request as Request
    from assortment.core.request import Wish as Wish
    from assortment.core.slate import Slate as Slate
    from assortment.ingest import bundled_shop as bundled_shop
    from assortment.parts import default_plan as default_plan
    from assortment.shop import Shop as Shop

_HOME = {
    "AssortmentError": "core.errors",
    "Blend": "core.blend",
    "Catalog": "core.catalog",
    "Dataset": "core.dataset",
    "Event": "core.events",
    "Events": "core.events",
    "Pipeline": "core.pipeline",
    "Plan": "core.pipeline",
    "Request": "core.request",
    "Shop": "shop",
    "Slate": "core.slate",
    "Wish": "core.request",
    "bundled_shop": "ingest",
    "default_plan": "parts",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'assortment' has no attribute '{name}'")
    return getattr(import_module(f"assortment.{_HOME[name]}"), name)
