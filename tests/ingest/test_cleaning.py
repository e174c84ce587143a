import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.ingest.clean import ids, joined, numbers, stock, text
from assortment.ingest.prices import prices
from assortment.ingest.times import times


def column(*values: str | None) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def priced(*values: str | None) -> list[float | None]:
    return prices(column(*values))[0].to_list()


def test_a_space_that_an_entity_hides_is_trimmed_too():
    # Trimming first and decoding after would leave the space.
    assert text(column("&nbsp;Mug&#8203; &amp; \u200b Cup\u00a0"))[0].to_list() == ["Mug & Cup"]


def test_an_entity_written_twice_over_is_decoded_to_the_end():
    assert text(column("AT&amp;amp;T"))[0].to_list() == ["AT&T"]


def test_what_only_looks_like_an_entity_stays():
    assert text(column("&notit; ?a=1&copy=2 R&D;"))[0].to_list() == ["&notit; ?a=1&copy=2 R&D;"]


def test_emoji_joined_of_several_and_chinese_survive():
    titles = ["👩\u200d🚀 mug 🎁", "自然堂 雪域精粹", "❤\ufe0f"]
    assert text(column(*titles))[0].to_list() == titles


def test_full_width_and_ligatures_become_plain():
    cleaned, counts = text(column("ＡＢＣ ﬁne", "plain"))
    assert cleaned.to_list() == ["ABC fine", "plain"]
    assert counts == {"characters put in Unicode NFKC": 1}


def test_control_characters_go_and_tabs_and_newlines_become_spaces():
    assert text(column("a\x07b\tc\r\nd\u202e"))[0].to_list() == ["ab c d"]


def test_text_of_nothing_but_space_is_missing():
    assert text(column("  ", "\u200b", "&#8203;", None))[0].to_list() == [None] * 4


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.sampled_from(["&am\u200bp;amp;", "＆lt;b", "&#0;"])
    )
)
def test_cleaning_what_is_clean_changes_nothing(values):
    once = text(column(*values))[0]
    again, counts = text(once)
    assert again.to_list() == once.to_list()
    assert not counts


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("$1,234.50", 1234.50), ("£ 3", 3.0), ("12.99 USD", 12.99), ("US$5", 5.0), ("1,234,567", 1234567.0),
        ("1,23,456.50", 123456.5),
        (".99", 0.99), ("1e3", 1000.0), ("0.850", 0.85), ("1234.567", 1234.567), ("￥１２", 12.0), ("15", 15.0),
    ],
)  # fmt: skip
def test_prices_with_a_point(written, price):
    assert priced(written) == [price]


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("1.234,50 €", 1234.50), ("12,99", 12.99), ("EUR 1.234.567", 1234567.0), ("12,-", 12.0), ("1 234,50 zł", 1234.5),
        ("CHF 1'234,50", 1234.5), ("0,850", 0.85), ("1\u202f234,50 kr", 1234.5),
    ],
)  # fmt: skip
def test_prices_with_a_comma(written, price):
    assert priced(written) == [price]


def test_a_comma_before_three_digits_is_read_as_the_rest_of_the_column_is_written():
    assert priced("1,234", "1.234", "$12.99") == [1234.0, 1.234, 12.99]
    assert priced("1,234", "1.234", "12,99 €") == [1.234, 1234.0, 12.99]


@pytest.mark.parametrize("others", [(), ("5", "7"), ("12.99", "12,99")])
def test_a_price_that_may_be_a_thousand_or_one_is_missing_where_nothing_tells(others):
    found, counts, _ = prices(column("1,234", *others))
    assert found[0] is None
    assert counts == {"price ambiguous, so missing": 1}


@pytest.mark.parametrize("written", ["-3", "$-3.50", "-$3.50", "3-", "−3"])
def test_a_negative_price_is_missing_and_counted(written):
    found, counts, _ = prices(column(written))
    assert found.to_list() == [None]
    assert counts == {"price negative, so missing": 1}


@pytest.mark.parametrize("written", ["ask", "10 - 20", "from $5", "12.50.3", "1e400", "1,2,3", "5 pounds", "$"])
def test_a_price_that_cannot_be_read_is_missing_and_counted(written):
    found, counts, _ = prices(column(written))
    assert found.to_list() == [None]
    assert counts == {"price unreadable, so missing": 1}


def test_a_price_that_is_not_there_is_missing_without_a_word():
    found, counts, currencies = prices(column("", None, "NaN", "N/A", "-"))
    assert found.to_list() == [None] * 5
    assert not counts
    assert not currencies


def test_prices_that_are_numbers_are_taken_as_they_are():
    found, counts, _ = prices(pl.Series([1.234, -2.0, float("nan"), float("inf"), None]))
    assert found.to_list() == [1.234, None, None, None, None]
    assert counts == {"price negative, so missing": 1, "price unreadable, so missing": 1}


def test_currencies_are_counted_as_they_are_written():
    assert prices(column("$5", "6 €", "€ 7", "8"))[2] == {"€": 2, "$": 1}


@given(st.lists(st.floats(0, 1e9), min_size=1))
def test_prices_that_a_program_wrote_with_two_decimals_come_back(values):
    cents = [round(value, 2) for value in values]
    assert priced(*(f"{value:.2f}" for value in cents)) == cents
    assert priced(*(f"${value:,.2f}" for value in cents)) == cents
    assert priced(*(f"{value:,.2f}".translate(str.maketrans(",.", ".,")) + " €" for value in cents)) == cents


SECOND = 1_388_534_400  # 2014-01-01


@pytest.mark.parametrize("factor", [1, 1_000, 1_000_000, 1_000_000_000])
@pytest.mark.parametrize("kind", [pl.Int64, pl.String])
def test_the_unit_of_numbers_is_found(factor, kind):
    found = times(pl.Series([SECOND * factor, (SECOND + 1) * factor]).cast(kind))[0]
    assert found.to_list() == [SECOND * 1000, (SECOND + 1) * 1000]


def test_milliseconds_of_the_last_century_are_no_seconds():
    assert times(column("789004800000"))[0].to_list() == [789_004_800_000]


def test_fractions_of_a_second_are_rounded_not_cut():
    assert times(column("1600000000.5704", "1600000000.9996"))[0].to_list() == [1_600_000_000_570, 1_600_000_001_000]


def test_one_column_has_one_unit():
    # Taken alone the second number would be 1995 in seconds.
    assert times(column("1586445693499", "800000000", "1586445693500"))[0].to_list() == [
        1586445693499,
        800000000,
        1586445693500,
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2014-01-01", "2014-01-01 00:00", "2014-01-01T00:00:00", "2014-01-01T00:00:00Z", "2014-01-01T02:00:00.000+02:00",
        "2014-01-01 00:00:00 UTC", "2014/01/01 00:00:00", "01.01.2014", "20140101", "1388534400.0", "01 1, 2014",
        "2013-12-31T19:00:00-0500",
    ],
)  # fmt: skip
def test_times_as_text(written):
    assert times(column(written))[0].to_list() == [SECOND * 1000]


def test_times_of_several_forms_in_one_column():
    found = times(column("2014-01-01", None, "2014-01-01T00:00:01Z", "gone", "2014-01-01 00:00:02.5"))[0]
    assert found.to_list() == [SECOND * 1000, None, SECOND * 1000 + 1000, None, SECOND * 1000 + 2500]


def test_the_order_of_day_and_month_is_taken_from_the_column():
    assert times(column("1/2/2014 0:00", "12/31/2013 23:00"))[0][0] == 1_388_620_800_000
    assert times(column("1/2/2014 0:00", "31/12/2013 23:00"))[0][0] == 1_391_212_800_000
    assert times(column("1/2/2014 0:00", "3/3/2014"))[0].to_list() == [None, 1_393_804_800_000]
    assert times(column("1/2/2014", "12/31/2013", "31/12/2013"))[0].to_list() == [None, None, None]


def test_dates_of_parquet_with_a_zone_become_utc():
    zoned = column("2014-01-01T02:00:00").str.to_datetime().dt.replace_time_zone("Europe/Helsinki")
    assert times(zoned)[0].to_list() == [SECOND * 1000]


def test_ids_keep_their_letters_and_lose_the_space_around_them():
    found, counts = ids(column(" ＡB1", "007", " ", None))
    assert found.to_list() == ["ＡB1", "007", None, None]
    assert counts == {"ids trimmed": 2}


def test_ids_that_a_program_made_floats_are_whole_again():
    assert ids(pl.Series([17850.0, float("nan"), None]))[0].to_list() == ["17850", None, None]


def test_ids_with_a_fraction_are_not_rounded_together():
    assert ids(pl.Series([1.5, 1.0]))[0].to_list() == ["1.5", "1.0"]


def test_stock_in_words_and_numbers():
    found, counts = stock(column("in stock", "OUT_OF_STOCK", "https://schema.org/InStock", "5", "some", None))
    assert found.to_list() == [1, 0, 1, 5, None, None]
    assert counts == {"stock unreadable, so missing": 1}


def test_a_number_too_large_to_hold_is_unreadable():
    found, counts = numbers(column("1e39", "inf", "nan", "2"), "rating")
    assert found.to_list() == [None, None, None, 2]
    assert counts == {"rating unreadable, so missing": 2}


def test_lists_within_lists_become_labels_each_but_once():
    assert joined(column('[["A", "B"], ["A", "C|D"]]', "[]", "[new] mug", None), "|", nested=True).to_list() == [
        "A|B|C/D", None, "[new] mug", None,
    ]  # fmt: skip


def test_objects_have_no_place_in_a_catalog():
    assert joined(column('{"a": 1}', None), "|", nested=True) is None
