"""The neural scorer: the formula by hand, the numpy that serves is the torch that learnt, and the trees hear of it."""

import numpy as np
import pytest
import torch

from assortment.core.arrays import Ids
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.pipeline import Plan
from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.learn.scorer import Scorer
from assortment.rank.neural import Neural, Scored
from assortment.rank.trees import Ranked, Trees
from assortment.retrieve.popular import Popular
from tests import world

ALL = Slate(np.arange(3, dtype=np.int32), np.array([3, 2, 1], np.float32))


def by_hand() -> Scored:
    """One hidden unit that hears only the product of person and item; the inner product counts nothing."""
    none = np.zeros((1, 2), np.float32)
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    both = np.array([[2, -2]], np.float32)
    return Scored(vectors, 0.5, none, none, both, np.zeros(1, np.float32), np.array([10], np.float32), 0.0)


def after(*items: int) -> Request:
    profile = NOBODY
    for day, item in enumerate(items):
        profile = profile.after(item, "purchase", day)
    return Request(profile=profile)


def said(stage: Scored, request: Request) -> list[float]:
    (slate,) = stage([request], [ALL])
    return slate.notes["score:Neural"].tolist()


def test_what_is_said_of_an_item_depends_on_who_asks():
    """Without D (u * p) all people would be told the same of all goods, which is what the naive formula does."""
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    assert said(by_hand(), after(0)) == pytest.approx([10 * sigmoid(2), 5, 10 * sigmoid(1.2)], rel=1e-5)
    assert said(by_hand(), after(1)) == pytest.approx([5, 10 * sigmoid(-2), 10 * sigmoid(-1.6)], rel=1e-5)


def test_a_person_is_the_mean_of_their_goods_of_which_newer_ones_count_more():
    older, newer = 0.5 / 1.25**0.5, 1 / 1.25**0.5
    expected = [10 / (1 + np.exp(-2 * older)), 10 / (1 + np.exp(2 * newer))]
    assert said(by_hand(), after(0, 1))[:2] == pytest.approx(expected, rel=1e-5)


def test_it_says_nothing_of_strangers_pages_and_words_and_leaves_every_slate_as_it_is():
    requests = [
        Request(),
        Request(profile=after(0).profile, about=(1,)),
        Request(profile=after(0).profile, words="tea"),
        after(0),
    ]
    slates = by_hand()(requests, [ALL] * 3 + [Slate()])
    assert [slate.notes["score:Neural"].tolist() for slate in slates] == [[0, 0, 0]] * 3 + [[]]
    assert all(slate.items.tolist() == [0, 1, 2] and slate.scores.tolist() == [3, 2, 1] for slate in slates[:3])


def test_numpy_says_what_torch_says():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        scorer = Scorer(6, 3)
    vectors = np.random.default_rng(2).normal(size=(5, 6)).astype(np.float32)
    learnt = {name: weight.detach().numpy() for name, weight in scorer.named_parameters()}
    names = ("person.weight", "item.weight", "both", "person.bias", "weights")
    stage = Scored(vectors, 0.5, *(learnt[name] for name in names), float(learnt["slope"]))
    slate = Slate(np.arange(5, dtype=np.int32), np.zeros(5, np.float32))
    person = torch.from_numpy(vectors[3] / np.linalg.norm(vectors[3])).expand(5, -1)
    with torch.no_grad():
        expected = scorer.pairs(person, torch.from_numpy(vectors)).numpy()
        np.testing.assert_allclose(scorer(person[:1], torch.from_numpy(vectors))[0], expected, rtol=1e-4)
    np.testing.assert_allclose(stage([after(3)], [slate])[0].notes["score:Neural"], expected, rtol=1e-4)


def shop() -> Dataset:
    """Two tastes, whose goods are near each other: everybody stays with theirs."""
    rng = np.random.default_rng(3)
    vectors = np.repeat(np.eye(2, 8, dtype=np.float32), 6, axis=0) + rng.normal(0, 0.3, (12, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    goods = Catalog(world.catalog().ids, {"vector": vectors})
    return world.dataset(goods=goods)


def test_it_learns_who_goes_on_to_what():
    dataset = shop()
    stage = Neural(hidden=4, passages=40, negatives=16, rate=0.02).fit(dataset, np.random.default_rng(1))
    slate = Slate(np.arange(12, dtype=np.int32), np.zeros(12, np.float32))
    profiles = dataset.profiles()
    for person in ("tea0", "train0"):
        (noted,) = stage([Request(person, profile=profiles[person])], [slate])
        tea, trains = noted.notes["score:Neural"][:6].mean(), noted.notes["score:Neural"][6:].mean()
        assert (tea > trains) == (person == "tea0")


def test_the_trees_hear_of_it():
    plan = Plan((Blend((Popular(),)), Neural(hidden=2, passages=1), Trees()))
    ranked = plan.fit(shop(), np.random.default_rng(1)).stages[-1]
    assert isinstance(ranked, Ranked)
    assert "score:Neural" in ranked.features.said


def test_bad_settings_are_refused_with_the_way_out(monkeypatch):
    with pytest.raises(BadSetting, match="hidden is 0; it goes from 1 to 4096"):
        Neural(hidden=0)
    with pytest.raises(BadSetting, match="add 'embed'"):
        Neural().fit(Dataset(Catalog(Ids(())), world.dataset([]).events), np.random.default_rng(1))
    monkeypatch.setattr("assortment.rank.neural.find_spec", lambda _: None)
    with pytest.raises(BadSetting, match="pip install 'assortment\\[train\\]'"):
        Neural().fit(shop(), np.random.default_rng(1))
