"""The tagger of titles, by hand and against brute force."""

from itertools import pairwise, product

import numpy as np
import pytest

from assortment.core.errors import BadInput
from assortment.core.save import load, save
from assortment.parts import known_classes
from assortment.understand import tagger as module
from assortment.understand.labelled import read_tagged
from assortment.understand.tagger import Entity, Tagged, entities, fit_tagger

RNG = np.random.default_rng(5)


def _chain(length: int = 4, tags: int = 3):
    emitted = RNG.normal(size=(1, length, tags))
    return emitted, np.array([length]), RNG.normal(size=(tags, tags)), RNG.normal(size=tags)


def _score(path, emitted, moves, starts) -> float:
    return starts[path[0]] + sum(emitted[0, n, tag] for n, tag in enumerate(path)) + sum(moves[pair] for pair in pairwise(path))


def test_forward_backward_and_the_best_path_are_those_of_all_paths():
    emitted, lengths, moves, starts = _chain()
    paths = list(product(range(3), repeat=4))
    scores = np.array([_score(path, emitted, moves, starts) for path in paths])
    weight = np.exp(scores) / np.exp(scores).sum()
    expected = np.zeros((4, 3))
    for path, share in zip(paths, weight, strict=True):
        expected[np.arange(4), path] += share
    chain = module._Chain(emitted, lengths, moves, starts)
    np.testing.assert_allclose(chain.marginals()[0], expected, atol=1e-9)
    assert chain.total[0] == pytest.approx(np.log(np.exp(scores).sum()))
    assert tuple(module._best(emitted, lengths, moves, starts)[0]) == paths[int(scores.argmax())]
    pairs = np.zeros((3, 3))
    for path, share in zip(paths, weight, strict=True):
        np.add.at(pairs, (path[:-1], path[1:]), share)
    np.testing.assert_allclose(chain.moved(), pairs, atol=1e-9)


def test_a_short_title_beside_a_long_one_is_as_it_is_alone():
    long, _, moves, starts = _chain(5)
    short = long[:, :2]
    both = np.zeros((2, 5, 3))
    both[0], both[1, :2] = long[0], short[0]
    together = module._Chain(both, np.array([5, 2]), moves, starts).marginals()
    np.testing.assert_allclose(together[1, :2], module._Chain(short, np.array([2]), moves, starts).marginals()[0], atol=1e-9)
    assert not together[1, 2:].any()
    alone = module._best(short, np.array([2]), moves, starts)[0]
    assert module._best(both, np.array([5, 2]), moves, starts)[1] == alone


def test_entities_of_broken_tags():
    """An I- without its B- begins one; an I- of another kind, too."""
    assert entities(["I-a", "I-a", "I-b", "O", "B-b", "B-b"], [0.9, 0.5, 0.8, 1, 0.7, 0.6]) == [
        Entity("a", 0, 2, 0.5),
        Entity("b", 2, 3, 0.8),
        Entity("b", 4, 5, 0.7),
        Entity("b", 5, 6, 0.6),
    ]


def _titles() -> list[Tagged]:
    """Brands stand before things, whatever they are called."""
    made = []
    for brand in ("索尼", "小米", "华为", "罗技"):
        for thing in ("耳机", "手机", "鼠标"):
            made.append(Tagged(tuple(f"新{brand}{thing}红"), ("O", "B-brand", "I-brand", "B-product", "I-product", "O")))
    return made


def test_it_finds_a_brand_it_has_never_seen_by_what_stands_around_it():
    tagger = fit_tagger(_titles(), penalty=0.1)
    (found,) = tagger.read(["新美的 手机红"])
    assert [(text, kind) for text, kind, _ in found] == [("美的", "brand"), ("手机", "product")]
    assert all(0 < sure <= 1 for _, _, sure in found)
    (known,) = tagger.read(["新索尼手机红"])
    assert known[1][2] > 0.9


def test_empty_and_odd_titles_have_no_entity_and_break_nothing():
    tagger = fit_tagger(_titles())
    assert tagger.read(["", "  "]) == [[], []]
    assert len(tagger.read(["", "x" * 10_000, "🎁\u200b"])) == 3


def test_what_is_saved_comes_back(tmp_path):
    tagger = fit_tagger(_titles())
    save(tagger, tmp_path / "saved")
    assert load(tmp_path / "saved", known_classes()).read(["新小米鼠标红"]) == tagger.read(["新小米鼠标红"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no labelled title"),
        ("a\nb O\n", "line 1: 'a' is not a symbol and its tag"),
        ("a O\nb X\n", "line 2: the tag 'X' is none of O, B-kind and I-kind"),
        ("a O\nb B-\n", "line 2: the tag 'B-' is none"),
        ("a O\n\nb O\n", "labels nothing"),
    ],
)
def test_a_file_that_labels_nothing_is_refused(tmp_path, text, said):
    (tmp_path / "t.txt").write_text(text)
    with pytest.raises(BadInput) as error:
        read_tagged(tmp_path / "t.txt")
    assert said in str(error.value)


def test_a_file_is_read_title_by_title(tmp_path):
    (tmp_path / "t.txt").write_text("索 B-HPPX\n尼 I-HPPX\n\u3000 O\n机 O\r\n\n\nred\tO\nmug B-product")
    titles = read_tagged(tmp_path / "t.txt")
    assert [title.symbols for title in titles] == [("索", "尼", " ", "机"), ("red", "mug")]
    assert titles[0].entities == [Entity("HPPX", 0, 2)]
    with pytest.raises(BadInput, match="do not exist"):
        read_tagged(tmp_path / "none.txt")
