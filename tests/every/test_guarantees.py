"""The four guarantees of the house, over every part that a settings file may use."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from assortment.core.arrays import Ids
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Event
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.profile import NOBODY, fold
from assortment.core.request import Request, Wish
from assortment.core.save import load, save
from assortment.core.slate import Slate
from assortment.diversify.methods import Methods
from assortment.learn.diverse import Diverse
from assortment.parts import PARTS, default_plan, known_classes
from assortment.rank.neural import Neural
from assortment.retrieve.popular import Popular
from assortment.retrieve.sequential import Sequential
from assortment.testing import check_batch, check_equal, check_future, check_grown, check_saved, check_slates
from tests import world

ENCODER = "hash:64"
ANNOTATORS = ("embed", "clusters", "classify", "attributes", "opinions", "twins", "popularity", "together")
BESIDE = tuple(name for name in ANNOTATORS if name != "together")
"""Those whose columns a stage reads by default."""

SELECTORS = Methods.__args__
LOSSES = Diverse.__args__
QUICK = {Sequential: Sequential(dims=16, negatives=16, passages=3), Neural: Neural(hidden=4, passages=2)}
"""What would learn for longer than a test may take."""

STAGES = [name for name, part in PARTS.items() if name not in ANNOTATORS and part not in (*SELECTORS, *LOSSES)]


def recipe(name: str):
    """A part with its default settings, the encoder being the one that needs no model."""
    part = PARTS[name]
    if part is Blend:
        return Blend((Popular(), PARTS["item-neighbours"]()))
    if part in QUICK:
        return QUICK[part]
    fields = {field.name for field in dataclasses.fields(part)}
    return part(encoder=ENCODER) if "encoder" in fields else part()


def fitted(name: str, dataset: Dataset):
    """The part fitted; one that learns gets the other parts to learn from."""
    return part_alone(name, dataset).stages[-1]


def part_alone(name: str, dataset: Dataset) -> Pipeline:
    """The annotators, and the part as the only stage or the one behind what it learns from."""
    upstream = (recipe("blend"),) if hasattr(recipe(name), "learn") else ()
    return Plan((*upstream, recipe(name)), tuple(recipe(annotator) for annotator in BESIDE)).fit(
        dataset, np.random.default_rng(0)
    )


def arrived(catalog: Catalog) -> Catalog:
    """The goods of the shop and two that arrived since: an oolong tea, and one of which nothing is known."""
    new = {"title": ["oolong tea", None], "brand": ["leaf", None], "price": [4.0, np.nan]}
    columns = {name: np.concatenate([column, np.array(new[name], column.dtype)]) for name, column in catalog.columns.items()}
    return Catalog(Ids([*catalog.ids.names, "t6", "x0"]), columns)


def requests(dataset: Dataset) -> list[Request]:
    """People known and unknown, a product page, a query, a wish, one who has everything, and one who wants it all."""
    profiles = dataset.profiles()
    everything = fold(world.log([Event("all", item, "purchase", 1) for item in dataset.catalog.ids.names], dataset.catalog))
    known = [Request(user, dataset.now, profiles[user], k=4) for user in ("tea0", "train3")]
    return [
        *known,
        Request("nobody", dataset.now, NOBODY, k=4),
        Request("tea1", dataset.now, profiles["tea1"], k=3, about=(1,)),
        Request("tea1", dataset.now, profiles["tea1"], k=3, words="a green tea cup"),
        Request("", dataset.now, words="🎁 礼物"),
        Request("train1", dataset.now, profiles["train1"], k=6, wish=Wish(0.7, {"brand": 1})),
        Request("all", dataset.now, everything["all"], k=4),
        Request("tea2", dataset.now, profiles["tea2"], k=500),
    ]


def candidates(name: str, dataset: Dataset) -> list[list[Slate]]:
    """The slates that a part may be given: empty ones to fill, and full ones in the order of nothing."""
    asked = requests(dataset)
    some = Slate(np.array([7, 2, 0, 9, 11, 4], np.int32), np.linspace(2, 1, 6).astype(np.float32))
    empty, full = [Slate()] * len(asked), [some] * len(asked)
    return [empty, full]


SLATES = ("diversify", "plackett-luce", "epsilon-greedy", "why")
"""Those that make a slate of a ranking, and so look at k."""


@pytest.mark.parametrize("name", [name for name in STAGES if name not in SLATES])
def test_the_order_of_goods_does_not_hang_on_how_many_are_asked_for(name):
    """The first ten of a ranking are the first ten of its first hundred."""
    dataset = world.dataset()
    stage, asked = fitted(name, dataset), requests(dataset)
    more = [dataclasses.replace(request, k=3 * request.k) for request in asked]
    for slates in candidates(name, dataset):
        for few, many in zip(stage(asked, slates), stage(more, slates), strict=True):
            assert few.items.tolist() == many.items.tolist()


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_gives_well_formed_slates_alone_as_in_a_batch_and_after_saving(name):
    dataset = world.dataset()
    stage, asked = fitted(name, dataset), requests(dataset)
    for slates in candidates(name, dataset):
        check_slates(stage, asked, slates, len(dataset.catalog))
        check_batch(stage, asked, slates)
        check_saved(stage, asked, slates, known_classes())


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_reads_the_future(name):
    """Later on, forty newcomers buy everything, and those who are known buy what they lack."""
    newcomers = [Event(f"later{n}", item, "purchase", world.START + 9 * world.DAY) for n in range(40) for item in ("t0", "r5")]
    turns = [Event(person, world.missing(person), "purchase", world.START + 9 * world.DAY) for person in world.PEOPLE]
    dataset = world.dataset([*world.purchases(), *newcomers, *turns])
    asked = requests(world.dataset())
    for slates in candidates(name, dataset):
        check_future(lambda data: fitted(name, data), dataset, world.START + 8 * world.DAY, asked, slates)


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("goods", [0, 1])
def test_every_stage_bears_a_shop_with_no_goods_or_one_and_no_events(name, goods):
    catalog = world.catalog()
    few = type(catalog)(type(catalog.ids)(catalog.ids.names[:goods]), {n: c[:goods] for n, c in catalog.columns.items()})
    dataset = world.dataset([], few)
    stage = fitted(name, dataset)
    asked = [Request("u", 1), Request("u", 1, words="tea")]
    check_slates(stage, asked, [Slate(), Slate()], goods)


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_takes_in_goods_that_arrive_after_the_fit(name):
    dataset = world.dataset()
    bigger = arrived(dataset.catalog)
    pipeline = part_alone(name, dataset)
    later = pipeline.with_catalog(bigger)
    new = NOBODY.after(0, "purchase", 1).after(12, "purchase", 2)
    asked = [*requests(dataset), Request("new", 3, new, k=4), Request("", 3, about=(13,)), Request("", 3, words="oolong")]
    some = Slate(np.array([7, 13, 0, 12], np.int32), np.linspace(2, 1, 4).astype(np.float32))
    for slates in ([Slate()] * len(asked), [some] * len(asked)):
        check_grown(pipeline.stages[-1], later.catalog, asked, slates)
    check_saved(later, asked, [some] * len(asked), known_classes())


def test_the_whole_pipeline_holds_all_of_it(tmp_path: Path):
    dataset = world.dataset()
    pipeline = default_plan(encoder=ENCODER).fit(dataset, np.random.default_rng(0))
    asked = requests(dataset)
    empty = [Slate()] * len(asked)
    check_slates(pipeline, asked, empty, 12)
    check_batch(pipeline, asked, empty)
    save(pipeline, tmp_path / "saved")
    again = load(tmp_path / "saved", known_classes())
    for before, after in zip(pipeline(asked), again(asked), strict=True):
        check_equal(before, after)
    assert list(again.catalog.ids.names) == list(dataset.catalog.ids.names)


def test_the_same_seed_fits_the_same_pipeline():
    dataset = world.dataset()
    first, second = (default_plan(encoder=ENCODER).fit(dataset, np.random.default_rng(7)) for _ in range(2))
    for one, other in zip(first(requests(dataset)), second(requests(dataset)), strict=True):
        check_equal(one, other)


@pytest.mark.parametrize("name", ["linear", "item-neighbours", "user-neighbours", "factors"])
def test_what_learns_from_people_finds_the_one_thing_that_each_lacks(name):
    """The shop known by heart: everyone has bought everything of their taste but one thing."""
    dataset = world.dataset()
    stage, policy = fitted(name, dataset), fitted("policy", dataset)
    profiles = dataset.profiles()
    asked = [Request(person, dataset.now, profiles[person]) for person in world.PEOPLE]
    slates = policy(asked, stage(asked, [Slate()] * len(asked)))
    found = [dataset.catalog.ids.names[slate.items[0]] for slate in slates]
    assert found == [world.missing(person) for person in world.PEOPLE]
