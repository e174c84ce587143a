"""A small shop to serve: the known world with vectors and categories, a title that would like to be a script, and one price
unknown."""

import numpy as np

from assortment.core.arrays import Ids, strings
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.pipeline import Pipeline, Plan
from assortment.diversify.stage import Diversify
from assortment.explain.why import Why
from assortment.guard.policy import Policy
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.understand.embed import Embed
from tests import world

SCRIPT = "<script>alert('tea')</script> & 茶 ☕"


def catalog() -> Catalog:
    """The twelve goods of the world, and `x/1`, which nobody bought."""
    known = world.catalog()
    return Catalog(
        Ids([*known.ids.names, "x/1"]),
        {
            "title": strings([*known.column("title"), SCRIPT]),
            "brand": strings([*known.column("brand"), None]),
            "category": strings([*["Tea"] * 6, *["Trains"] * 6, "Odd & ends"]),
            "price": np.array([*known.column("price"), np.nan]),
        },
    )


def dataset() -> Dataset:
    return world.dataset(goods=catalog())


def pipeline() -> Pipeline:
    """All kinds of stages, with an encoder that costs nothing."""
    encoder = "hash:64"
    retrievers = (ItemNeighbours(shrink=0), Semantic(encoder=encoder), Popular())
    stages = (Blend(retrievers), Policy(), Diversify(diversity=0.2, page=6), Why())
    return Plan(stages, (Embed(encoder=encoder),)).fit(dataset(), np.random.default_rng(0))
