"""Colour and material by words, and the traps among them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.understand.words import Words, read_things, read_words

COLOURS = read_words("colour")
MATERIALS = read_words("material")


@pytest.mark.parametrize(
    ("title", "colour"),
    [
        ("RED RETROSPOT LUNCH BAG", "red"),
        ("Umbrella, navy blue", "blue"),
        ("BLUE/GREEN SHELL NECKLACE", "blue|green"),
        ("PINK AND WHITE CHRISTMAS TREE", "pink|white"),
        ("Pink rose soap", "pink"),
        ("English rose mug", None),
        ("Rose gold ring", "rose gold"),
        ("Orange squash", None),
        ("Orange bowl", "orange"),
        ("Orange scented candle", None),
        ("Gold leaf", None),
        ("Gold photo frame", "gold"),
        ("Red wine", None),
        ("Red wine glass, black stem", "black"),
        ("Ice cream parlour game", None),
        ("Enamel jug cream", "cream"),
        ("Sterling silver ring", None),
        ("Multi coloured beads", "multicolour"),
        ("Reduced price, colouredwire, Redditch", None),
        ("red red RED", "red"),
        ("", None),
        ("🎁 红色", "red"),
        ("藏青色外套", "blue"),
        ("红枣 红酒", None),
        ("美白面霜", None),
        ("白色蓝牙耳机", "white"),
        ("黑/白 T恤", "black|white"),
        ("red 手机壳 蓝", "red|blue"),
    ],
)
def test_a_colour_is_read_where_a_title_says_one(title, colour):
    assert COLOURS(title)[0] == colour


@pytest.mark.parametrize(
    ("title", "material"),
    [
        ("Wooden train", "wood"),
        ("Woodland friends jigsaw", None),
        ("Tea tin", None),
        ("Incense in tin", None),
        ("Biscuit tin, red", None),
        ("Truffles in a Christmas tin", None),
        ("Skull tin, large", None),
        ("Tin seaside bucket", "metal"),
        ("Stainless steel bottle", "metal"),
        ("Silver plated spoon", "silver"),
        ("Silver heart", None),
        ("Painted sea shell metal windchime", "shell|metal"),
        ("Iron on patches", None),
        ("Cast iron pan", "metal"),
        ("Rubber stamp", None),
        ("Felt tip pens", None),
        ("Felt farm animal", "felt"),
        ("Bone china mug", "ceramic"),
        ("Cotton wool", None),
        ("纯棉T恤", "cotton"),
        ("化妆棉", None),
        ("PU皮女包", "leather"),
        ("羽毛球拍", None),
        ("925银耳钉", "silver"),
    ],
)
def test_a_material_is_read_where_a_title_says_one(title, material):
    assert MATERIALS(title)[0] == material


def test_a_word_that_is_not_always_what_it_seems_is_less_certain():
    assert COLOURS("red bowl")[1] > COLOURS("orange bowl")[1] > 0
    assert COLOURS("red and orange bowl")[1] == COLOURS("orange bowl")[1]
    assert math.isnan(COLOURS("bowl")[1])


def test_the_longest_phrase_is_taken():
    words = Words({"light": "pale", "light blue": "blue", "light blue touch paper": ""})
    assert words("light blue mug")[0] == "blue"
    assert words("light mug, blue")[0] == "pale"
    assert words("light blue touch paper")[0] is None


@given(st.text(max_size=40))
def test_any_text_has_known_labels_or_none(title):
    for words in (COLOURS, MATERIALS):
        found, sure = words(title)
        assert (found is None) == math.isnan(sure)
        assert found is None or (set(found.split("|")) <= set(words.label.values()) - {""} and 0 < sure <= 1)
        assert words(title.upper().lower())[0] == words(title.lower())[0]


def test_the_words_file_has_no_phrase_that_cannot_fit_and_no_thing_twice():
    for words in (COLOURS, MATERIALS):
        assert all(phrase == phrase.lower() for phrase in words.label)
        assert set(words.unsure) <= set(words.label)
    things = read_things()
    assert len(set(things.names)) == len(things.names)
    assert 40 <= len(set(things.categories)) <= 60
