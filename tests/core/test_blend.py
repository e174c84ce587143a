"""The union of what parts found, by the weighted sum of their z-scores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from assortment.core.answers import Everywhere, slates
from assortment.core.blend import Blend, Blended
from assortment.core.errors import BadSetting
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.popular import Popular
from tests import world


@dataclass(frozen=True, eq=False)
class Told:
    """A part with a score for each item, which finds those above 0; one row for every request."""

    scores: np.ndarray

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def ask(self, requests: Sequence[Request]) -> Everywhere:
        return Everywhere(np.tile(self.scores, (len(requests), 1)).astype(np.float32), np.full(len(requests), 2, np.int64))


@dataclass(frozen=True, eq=False)
class Plain:
    """The same part without `ask`, as a plug-in may be."""

    told: Told

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return self.told(requests, given)


ONE, TWO = Told(np.array([9.0, 8, 1, 0])), Told(np.array([0.0, 0.1, 0.3, 0.2]))
BLENDED = Blended((ONE, TWO), ("One", "Two"), (1.0, 0.5), 10)


def test_every_part_scores_what_any_part_found_and_z_scores_are_added_by_weight():
    (slate,) = BLENDED([Request()], [Slate()])
    z_one = np.array([9, 8, 1, 0]) - 4.5
    z_two = np.array([0, 0.1, 0.3, 0.2]) - 0.15
    z_one, z_two = z_one / z_one.std(), z_two / z_two.std()
    total = z_one + 0.5 * z_two
    assert slate.items.tolist() == np.argsort(-total).tolist()
    np.testing.assert_allclose(slate.scores, np.sort(total)[::-1], rtol=1e-5)
    np.testing.assert_allclose(slate.notes["z:Two"], z_two[slate.items], rtol=1e-5)
    np.testing.assert_allclose(slate.notes["score:One"], ONE.scores[slate.items])
    assert dict(zip(slate.items.tolist(), slate.notes["from"], strict=True)) == {0: "One", 1: "One", 2: "Two", 3: "Two"}


def test_who_spoke_loudest_is_told_by_what_their_word_weighs():
    rare = Told(np.array([5.0, 0, 0, 0]))
    for weight, loudest in ((0.5, "One"), (1.0, "Rare")):
        (slate,) = Blended((ONE, rare, TWO), ("One", "Rare", "Two"), (1.0, weight, 0.0), 10)([Request()], [Slate()])
        assert slate.items[0] == 0
        assert slate.notes["from"][0] == loudest


def test_a_slate_with_items_keeps_exactly_those_and_its_notes():
    given_slate = Slate(np.array([3, 1], np.int32), np.zeros(2, np.float32), {"why": np.array(["x", "y"], object)})
    (slate,) = BLENDED([Request()], [given_slate])
    assert slate.items.tolist() == [1, 3]
    assert slate.notes["why"].tolist() == ["y", "x"]


def test_a_part_that_cannot_be_asked_is_called_and_says_the_same():
    plain = replace(BLENDED, parts=(Plain(ONE), TWO))
    asked, empty = [Request(), Request(words="tea")], [Slate(), Slate(np.array([2, 0], np.int32), np.zeros(2, np.float32))]
    for one, other in zip(BLENDED(asked, empty), plain(asked, empty), strict=True):
        assert one.items.tolist() == other.items.tolist()
        np.testing.assert_allclose(one.scores, other.scores, rtol=1e-6)


def test_filled_slates_keep_their_items_beside_empty_ones_which_get_what_was_found():
    given_slate = Slate(np.array([3, 1], np.int32), np.zeros(2, np.float32))
    full, empty = BLENDED([Request(), Request()], [given_slate, Slate()])
    assert full.items.tolist() == [1, 3]
    assert empty.items.tolist() == BLENDED([Request()], [Slate()])[0].items.tolist()


def test_a_batch_asked_in_pieces_is_the_batch_asked_at_once():
    asked, empty = [Request()] * 5, [Slate()] * 5
    for one, other in zip(BLENDED(asked, empty), replace(BLENDED, at_once=2)(asked, empty), strict=True):
        assert one.items.tolist() == other.items.tolist()


def test_two_parts_of_one_kind_keep_their_names_apart_and_weights_must_match():
    recipe = Blend((Popular(half_life=1), Popular(half_life=9)))
    names = recipe.fit(world.dataset(), np.random.default_rng(0)).names
    assert names == ("Popular", "Popular 2")
    with pytest.raises(BadSetting, match="1 weights for 2 recipes"):
        replace(recipe, weights=(1.0,))
