import gzip

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import AssortmentError, BadInput, UnknownName
from assortment.ingest import ingest, read_catalog, read_events

GOODS = "item_id,title\na,Mug\n"


def refused(tmp_path, data: bytes | str, match: str, format: str | None = None) -> None:
    (tmp_path / "file").write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(BadInput, match=match) as told:
        read_catalog(tmp_path / "file", format)
    assert str(tmp_path / "file") in str(told.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.csv does not exist"):
        ingest(tmp_path / "nowhere.csv", tmp_path / "nothing.csv")


def test_a_folder(tmp_path):
    with pytest.raises(BadInput, match="is a folder"):
        read_catalog(tmp_path)


@pytest.mark.parametrize("data", [b"", b"\n \n", gzip.compress(b"", mtime=0)])
def test_an_empty_file(tmp_path, data):
    refused(tmp_path, data, "is empty")


def test_a_truncated_parquet_file(tmp_path):
    pl.DataFrame({"item_id": ["a"] * 100}).write_parquet(tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    refused(tmp_path, data[: len(data) // 2], "truncated Parquet")


def test_a_damaged_parquet_file(tmp_path):
    pl.DataFrame({"item_id": [f"{number * 7919}" for number in range(1000)]}).write_parquet(tmp_path / "whole")
    data = bytearray((tmp_path / "whole").read_bytes())
    data[20:80] = b"\xff" * 60
    refused(tmp_path, bytes(data), "damaged Parquet")


def test_a_truncated_gzip_file(tmp_path):
    refused(tmp_path, gzip.compress(GOODS.encode() * 99)[:-9], "truncated or damaged gzip")


def test_bytes_that_are_not_utf_8_are_named_by_line_and_column(tmp_path):
    refused(tmp_path, "item_id,title\na,Mug\nb,Café\n".encode("latin-1"), "line 3, column 6: byte 0xe9 is not UTF-8")


def test_utf_16_is_named(tmp_path):
    refused(tmp_path, GOODS.encode("utf-16"), "is UTF-16; save it as UTF-8")


@pytest.mark.parametrize(
    ("rows", "line", "fields"),
    [
        ("a,Mug\nb\n", 3, 1),
        ("a,Mug\nb,x,y\n", 3, 3),
        ("a,Mug\n\nb\nc,x,y\n", 4, 1),
        ('"a\n2",Mug\nb,"x,y",z\n', 4, 3),
        ("a\nb,c,d\n", 2, 1),
    ],
)
def test_a_ragged_line_is_named(tmp_path, rows, line, fields):
    refused(tmp_path, "item_id,title\n" + rows, f"line {line}: {fields} fields; there should be 2")


def test_a_quote_that_never_closes_is_named(tmp_path):
    refused(tmp_path, 'item_id,title\na,Mug\nb,"Cup\nc,Jug\n', "line 3, column 3: a quote opens and never closes")


def test_a_bare_quote_within_a_field_is_named(tmp_path):
    refused(tmp_path, 'item_id,title\na,Mug\nb,5" pipe\nc,"Jug"\n', "line 3, column 4: a quote within a field")


def test_bare_quotes_are_allowed_between_tabs(tmp_path):
    (tmp_path / "file").write_text('item_id\ttitle\na\t5" pipe\n')
    assert read_catalog(tmp_path / "file").catalog.column("title").tolist() == ['5" pipe']


def test_broken_json_is_named_by_line_and_column(tmp_path):
    refused(tmp_path, '{"item_id": "a"}\n\n{"item_id": }\n', "line 3, column 13: broken JSON")


def test_nan_in_json_is_named(tmp_path):
    refused(tmp_path, '{"item_id": "a", "price": NaN}\n', "line 1, column 27: NaN is not JSON; write null")


def test_json_that_is_no_object_is_named(tmp_path):
    refused(tmp_path, '{"item_id": "a"}\n[1]\n', "line 2, column 1: expected a JSON object")


def test_a_json_list_is_answered_with_the_way_out(tmp_path):
    refused(tmp_path, '[{"item_id": "a"}]', "one JSON object per line")


def test_a_workbook_is_answered_with_the_way_out(tmp_path):
    refused(tmp_path, b"PK\x03\x04rest", "save the sheet as CSV")


def test_a_column_that_stands_twice(tmp_path):
    refused(tmp_path, "item_id,title,title\na,b,c\n", "column 'title' stands twice")


def test_a_missing_column_is_answered_with_the_nearest(tmp_path):
    refused(tmp_path, "itm_id,title\na,b\n", "no column for the item; did you mean 'item_id' by 'itm_id'")
    (tmp_path / "goods").write_text(GOODS)
    (tmp_path / "events").write_text("user_id,item_id,timstamp\nu,a,1600000000\n")
    with pytest.raises(BadInput, match="no column for the time; did you mean 'timestamp' by 'timstamp'"):
        read_events(tmp_path / "events", read_catalog(tmp_path / "goods").catalog)


def test_an_unknown_file_is_answered_with_what_was_seen_and_what_there_is(tmp_path):
    refused(tmp_path, "foo,bar\n1,2\n", "begins with: foo, bar; no format knows it.*recbole.*movielens.*amazon.*table")


def test_a_misspelt_format(tmp_path):
    (tmp_path / "goods").write_text(GOODS)
    with pytest.raises(UnknownName, match="no format 'tabel'; did you mean 'table'"):
        read_catalog(tmp_path / "goods", "tabel")


@pytest.mark.parametrize("format", ["amazon", "movielens", "recbole"])
def test_a_file_that_is_not_of_the_format_named(tmp_path, format):
    refused(tmp_path, GOODS, "Amazon|MovieLens|RecBole", format)


def test_lists_where_one_value_must_be(tmp_path):
    pl.DataFrame({"item_id": [["a"]], "title": ["x"]}).write_parquet(tmp_path / "goods")
    with pytest.raises(BadInput, match="column 'item_id' holds lists or objects; the item must be one value"):
        read_catalog(tmp_path / "goods")


def test_objects_without_keys(tmp_path):
    refused(tmp_path, "{}\n{}\n", "its objects are empty")


def test_the_lines_of_an_old_mac(tmp_path):
    refused(tmp_path, "item_id,title\ra,Mug\r", "end lines with a line feed")


SEEDS = (
    b'user_id,item_id,timestamp,kind,rating\nu,a,1600000000,view,\nv,a,2023-01-01,rating,"4"\n',
    b'{"user_id": "u", "item_id": "a", "timestamp": 1600000000}\n{"user_id": "v", "item_id": ["a"], "timestamp": null}\n',
    b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\ta\t3\t881250949\n",
    b"{'asin': 'a', 'title': 'x', 'categories': [['A', 'B']], 'price': 3}\n",
)
PIECES = st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"\t", b"{", b"]", b"'", b"\xff", "é".encode(), b"NaN", b"1e999", b"", b"0"]
)


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 4), PIECES), min_size=1, max_size=5))
def test_a_damaged_file_is_read_and_accounted_for_or_refused_in_our_words(tmp_path_factory, data, damage):
    folder = tmp_path_factory.mktemp("shop")
    for place, length, piece in damage:
        data = data[:place] + piece + data[place + length :]
    (folder / "goods").write_text("item_id\na\n")
    (folder / "file").write_bytes(data)
    for read in (read_catalog, lambda file: read_events(file, read_catalog(folder / "goods").catalog)):
        try:
            report = read(folder / "file").report
        except AssortmentError as error:
            told = str(error)
        else:
            told = str(report)
            assert report.read == report.kept + sum(report.rejected.values())
        assert str(folder / "file") in told
