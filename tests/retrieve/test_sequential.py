"""The sequence model: the numpy that serves is the torch that learnt; order and text count; new goods are known at once."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.save import save
from assortment.learn.diverse import Cap
from assortment.learn.sequence import Network, Shape, arrays
from assortment.retrieve.attention import Adaptor
from assortment.retrieve.sequential import Sequels, Sequential, attention
from tests import world
from tests.retrieve.shop import found, said

FEW = Sequential(dims=16, negatives=64, passages=40, rate=0.01, dropout=0)


def network(blocks: int) -> Network:
    """A network whose weights are anything."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        made = Network(Shape(text=12, dims=8, blocks=blocks, heads=2, experts=3, ages=4, ids=0), dropout=0.3)
        for weight in made.parameters():
            torch.nn.init.normal_(weight, std=0.5)
    return made.eval()


@pytest.mark.parametrize("blocks", [1, 2])
def test_numpy_looks_for_what_torch_looks_for(blocks):
    made = network(blocks)
    rng = np.random.default_rng(4)
    lengths = np.array([5, 1, 3])
    there = np.arange(5) < lengths[:, None]
    history = rng.normal(size=(3, 5, 8)).astype(np.float32) * there[..., None]
    visits = np.cumsum(rng.integers(0, 3, (3, 5)), 1)
    with torch.no_grad():
        queries = made.queries(torch.from_numpy(history), torch.from_numpy(visits), torch.from_numpy(there))
    np.testing.assert_allclose(
        attention(arrays(made), blocks)(history, visits, there), queries[np.arange(3), lengths - 1], atol=1e-5
    )


def test_numpy_adapts_text_as_torch_does_and_what_has_no_text_is_nothing():
    made, text = network(1), np.random.default_rng(5).normal(size=(6, 12)).astype(np.float32)
    text[2] = 0
    with torch.no_grad():
        expected = made.adaptor(torch.from_numpy(text)).numpy()
    weights = arrays(made)
    adaptor = Adaptor(*(weights[f"adaptor.{name}"] for name in ("experts", "centres", "gate")))
    np.testing.assert_allclose(adaptor(text), expected, atol=1e-5)
    assert not expected[2].any()


def ring(n: int = 12, people: int = 150) -> Dataset:
    """A shop where everybody goes from item i to item i + 1, then anywhere, and on from there; the texts say nothing of it.
    Kinds are halves."""
    rng = np.random.default_rng(6)
    vectors = rng.normal(size=(n, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    goods = Catalog(Ids([f"i{i}" for i in range(n)]), {"vector": vectors, "kind": strings(["a"] * (n // 2) + ["b"] * (n // 2))})
    starts = [rng.permutation(n // 3)[:3] * 3 + rng.integers(3) for _ in range(people)]
    walks = [[(start + step) % n for start in of_one for step in (0, 1)] for of_one in starts]
    events = [
        world.Event(f"p{person}", f"i{item}", "purchase", world.START + day * world.DAY)
        for person, walk in enumerate(walks)
        for day, item in enumerate(walk)
    ]
    return world.dataset(sorted(events, key=lambda event: event.time), goods)


@pytest.fixture(scope="module")
def walked() -> Sequels:
    return FEW.fit(ring(), np.random.default_rng(1))


def after(*items: int) -> Request:
    profile = NOBODY
    for day, item in enumerate(items):
        profile = profile.after(item, "purchase", day)
    return Request(profile=profile)


def proposed(stage: Sequels, request: Request) -> list[int]:
    """What it finds that is not had."""
    return [item for item in found(stage, request) if item not in request.profile.recent]


def test_what_comes_next_depends_on_the_order_of_what_was(walked):
    """Of the same two goods, the one that came last says where one goes: a model of sets would answer both alike."""
    assert proposed(walked, after(9, 4))[0] == 5
    assert proposed(walked, after(4, 9))[0] == 10
    assert proposed(walked, Request(about=(7,)))[0] in (7, 8)


def test_goods_of_one_visit_are_as_old_as_each_other(walked):
    both = NOBODY.after(4, "purchase", 1).after(5, "purchase", 1)
    apart = NOBODY.after(4, "purchase", 1).after(5, "purchase", 2)
    ways = [walked._queries([Request(profile=profile)]) for profile in (both, apart)]
    assert np.abs(ways[0] - ways[1]).max() > 1e-3


def test_only_the_newest_goods_are_read():
    stage = Sequential(dims=16, negatives=8, passages=1, length=2).fit(ring(), np.random.default_rng(1))
    np.testing.assert_allclose(said(stage, after(1, 2, 3), 12), said(stage, after(9, 2, 3), 12), atol=1e-6)
    assert np.abs(said(stage, after(1, 2, 3), 12) - said(stage, after(1, 9, 3), 12)).max() > 1e-4


def test_a_new_item_is_known_by_its_text_at_once(walked):
    """A twin of item 6, put on the shelf after the fit, comes right after 6 for who is at 5; one with no text is not found."""
    shop = ring()
    vectors = np.vstack([shop.catalog.column("vector"), shop.catalog.column("vector")[6], np.zeros(16)]).astype(np.float32)
    shelf = Catalog(Ids([f"i{i}" for i in range(14)]), {"vector": vectors})
    texts = Sequential(dims=16, negatives=64, passages=40, rate=0.01, dropout=0, own=False).fit(shop, np.random.default_rng(1))
    assert set(proposed(texts.with_catalog(shelf), after(8, 9, 5))[:2]) == {6, 12}
    grown = walked.with_catalog(shelf)
    assert 12 in proposed(grown, after(8, 9, 5))
    assert 13 not in proposed(grown, after(8, 9, 5))
    np.testing.assert_allclose(said(grown, after(8, 9, 5), 14)[:12], said(walked, after(8, 9, 5), 12), atol=1e-6)


def test_an_item_that_nobody_took_to_has_nothing_beside_its_text():
    shop = ring()
    less = shop.events.take(np.flatnonzero(shop.events.item != 3))
    stage = FEW.fit(Dataset(shop.catalog, less), np.random.default_rng(1))
    assert not stage.own[3].any()
    assert stage.own[4].any()
    assert 3 in found(stage, after(1, 2))


def test_a_loss_of_variety_is_a_setting_and_changes_what_is_learnt():
    shop = ring()
    plain = Sequential(dims=16, negatives=64, passages=12, rate=0.01)
    capped = Sequential(dims=16, negatives=64, passages=12, rate=0.01, diverse=Cap("kind", most=1, share=0, k=2, step=0.5))

    def one_sided(recipe: Sequential) -> int:
        stage = recipe.fit(shop, np.random.default_rng(1))
        return sum(len({item < 6 for item in proposed(stage, after(start, start + 2))[:2]}) == 1 for start in range(10))

    assert one_sided(capped) < one_sided(plain)


def test_it_serves_without_torch(walked, tmp_path):
    save(walked, tmp_path / "saved")
    program = f"""
import sys
from pathlib import Path
from assortment.core.request import Request
from assortment.core.save import load
from assortment.core.slate import Slate
from assortment.parts import known_classes
stage = load(Path({str(tmp_path / "saved")!r}), known_classes())
print(stage([Request(about=(7,))], [Slate()])[0].items.tolist(), "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"{found(walked, Request(about=(7,)))} False", done.stderr


def test_bad_settings_are_refused_with_the_way_out(monkeypatch):
    with pytest.raises(BadSetting, match="dims is 10, which 4 heads cannot share; make it a multiple of heads"):
        Sequential(dims=10, heads=4)
    with pytest.raises(BadSetting, match="add 'embed'"):
        FEW.fit(world.dataset(), np.random.default_rng(1))
    monkeypatch.setattr("assortment.retrieve.sequential.find_spec", lambda _: None)
    with pytest.raises(BadSetting, match="pip install 'assortment\\[train\\]'"):
        FEW.fit(ring(), np.random.default_rng(1))
