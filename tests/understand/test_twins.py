"""The same thing twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.events import no_events
from assortment.core.save import load, save
from assortment.language.cache import CachedEncoder
from assortment.language.hashing import HashEncoder
from assortment.understand import twins
from assortment.understand.twins import Twinned, Twins, leaders


def _catalog(*titles: str | None) -> Catalog:
    return Catalog(Ids([f"i{number}" for number in range(len(titles))]), {"title": strings(titles)})


def _fitted(near: float = 0.97, encoder: str = "hash:64") -> Twinned:
    return Twins(encoder, near).fit(Dataset(_catalog(), no_events()), np.random.default_rng(0))


def _twins(*titles: str | None, near: float = 0.97, encoder: str = "hash:64") -> list[str | None]:
    return list(_fitted(near, encoder)(_catalog(*titles)).column("twin"))


def _on_a_circle(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_sizes_of_one_thing_are_twins_and_colours_are_not():
    titles = ["JARDIN ETCHED GLASS LARGE BELL JAR", "SILVER MUG BONE CHINA TREE OF LIFE"]
    others = ["JARDIN ETCHED GLASS SMALL BELL JAR", "GOLD MUG BONE CHINA TREE OF LIFE"]
    assert _twins(*titles, *others, encoder="pkg:minilm") == ["like i0", None, "like i0", None]


def test_goods_of_equal_text_are_twins_even_at_1():
    """Spaces are no part of a text; rounding must not part what is equal."""
    assert _twins("tea  pot", "train", "tea pot", "tea pots", near=1.0) == ["like i0", None, "like i0", None]


def test_a_chain_of_likes_is_not_one_group():
    """Each is 10 degrees from the next; connected groups would make one of all seven. 10 degrees are near, 20 are not."""
    assert leaders(_on_a_circle(0, 10, 20, 30, 40, 50, 60), near=0.95).tolist() == [0, 0, 2, 2, 4, 4, 6]


def test_a_good_joins_the_nearest_leader_and_not_the_first():
    assert leaders(_on_a_circle(0, 30, 16), near=0.95).tolist() == [0, 1, 1]
    assert leaders(_on_a_circle(0, 30, 14), near=0.95).tolist() == [0, 1, 0]


def test_nobody_joins_a_later_leader():
    """The second would be nearer to the third, but leads itself before that comes."""
    assert leaders(_on_a_circle(0, 25, 27), near=0.95).tolist() == [0, 1, 1]


def _brute(vectors, near):
    leader: list[int] = []
    for row, vector in enumerate(vectors):
        open_to = [(-float(vectors[one] @ vector), one) for one in dict.fromkeys(leader) if leader[one] == one]
        fit = [pair for pair in open_to if -pair[0] >= near]
        leader.append(min(fit)[1] if fit else row)
    return leader


@given(st.integers(0, 40), st.integers(1, 5), st.floats(0.2, 0.99), st.sampled_from([1, 60, 16_000_000]), st.integers(0, 10**6))
@settings(max_examples=80)
def test_blocks_of_any_size_give_the_groups_of_one_by_one(n, dims, near, cells, seed):
    vectors = np.random.default_rng(seed).normal(size=(n, dims)).round(1).astype(np.float32) + np.float32(0.01)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(twins, "CELLS", cells)
        found = leaders(vectors, near)
    alone = vectors.astype(np.float64)
    cosines = alone @ alone.T
    if (np.abs(cosines - near) > 1e-6).all():
        ours = cosines[np.arange(n), found]
        brute = _brute(alone, near)
        assert ours == pytest.approx(cosines[np.arange(n), brute], abs=1e-6)
        assert {row for row in range(n) if found[row] == row} == {row for row in range(n) if brute[row] == row}


@given(st.integers(0, 60), st.floats(0.3, 0.99), st.integers(0, 10**6))
def test_a_member_is_near_its_leader_and_no_two_leaders_are_near(n, near, seed):
    vectors = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = leaders(vectors, near)
    leading = np.unique(found)
    members = found != np.arange(n)
    assert (found[leading] == leading).all()
    assert (found <= np.arange(n)).all()
    assert ((vectors * vectors[found]).sum(1)[members] >= near - 1e-6).all()
    assert (np.triu(vectors[leading] @ vectors[leading].T, 1) < near + 1e-6).all()


WORDS = st.sampled_from([None, "", "🎁", "tea", "tea pot", "tea pots", "steam train", "steam train 2"])


@given(st.lists(WORDS, max_size=12), st.lists(WORDS, max_size=4), st.floats(0, 1))
def test_later_goods_never_change_who_shares_with_whom(titles, later, near):
    before, after = _twins(*titles, near=near), _twins(*titles, *later, near=near)
    assert [label for label in before if label] == [new for new, old in zip(after, before, strict=False) if old]
    groups = [label for label in after[: len(titles)] if label and after[: len(titles)].count(label) > 1]
    assert groups == [label for label in before if label]


@given(st.lists(WORDS, max_size=12), st.floats(0, 1))
def test_nobody_has_a_label_alone_and_nobody_without_words_has_one(titles, near):
    found = _twins(*titles, near=near)
    for title, label in zip(titles, found, strict=True):
        assert label is None or (found.count(label) > 1 and title not in (None, "", "🎁"))
        assert label is not None or title in (None, "", "🎁") or titles.count(title) == 1


def test_an_id_with_a_bar_gives_one_label():
    catalog = Catalog(Ids(["a|b", "a%7Cb", "", "d"]), {"title": strings(["tea", "train", "tea", "train"])})
    annotated = _fitted()(catalog).column("twin")
    assert labels(annotated).first().tolist() == [1, 0, 1, 0]
    assert len(labels(annotated).names) == 2


def test_equal_titles_of_two_brands_are_two_things():
    catalog = _catalog("tea pot", "tea pot").with_column("brand", strings(["leaf", "locomotive works"]))
    assert list(_fitted()(catalog).column("twin")) == [None, None]


@pytest.mark.parametrize("titles", [(), ("tea",), (None,), ("", None, "🎁", "🎁"), ("tea\ud800", "红茶", "x" * 10_000)])
def test_odd_catalogs_get_their_column(titles):
    for encoder in ("hash:32", "pkg:minilm"):
        assert _twins(*titles, encoder=encoder) == [None] * len(titles)


def test_what_is_saved_comes_back(tmp_path):
    save(_fitted(), tmp_path / "saved")
    loaded = load(tmp_path / "saved", [Twinned, CachedEncoder, HashEncoder])
    assert list(loaded(_catalog("tea", "tea")).column("twin")) == ["like i0", "like i0"]


def test_settings_outside_their_range_are_refused():
    with pytest.raises(BadSetting, match=r"near is 1\.5; it goes from 0 to 1"):
        Twins(near=1.5)
