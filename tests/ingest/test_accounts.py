import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.events import KINDS
from assortment.ingest import ingest, read_catalog, write_rejected
from assortment.store.sql import open_store

NOW = 1_700_000_000_000

CATALOG = "item_id,title,price\na,Mug,3\nb,Cup,x\n,Ghost,1\na,Mug again,4\n"
EVENTS = """user_id,item_id,timestamp,kind,quantity
u1,a,2023-01-02,purchase,1
,a,2023-01-02,purchase,1
u1,,2023-01-02,purchase,1

u1,a,soon,purchase,1
u1,a,1994-12-31 23:59:59,purchase,1
u1,a,2023-11-15 22:13:21,purchase,1
u1,a,2023-01-02,sniff,1
u1,a,2023-01-02,purchase,-1
u1,z,2023-01-02,purchase,1
u1,a,2023-01-02,purchase,1.0
u1,a,2023-01-02,view,1
u2,b,2023-01-01,purchase,1
u2,b,2023-11-15 22:13:20,purchase,
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "goods.csv").write_text(CATALOG)
    (tmp_path / "events.csv").write_text(EVENTS)
    return ingest(tmp_path / "goods.csv", tmp_path / "events.csv", now=NOW)


def test_each_bad_row_is_kept_with_its_line_and_its_reason(shop):
    told = [(row.file.rsplit("/")[-1], row.line, row.reason) for row in shop.rejected]
    assert told == [
        ("goods.csv", 4, "no item id"),
        ("goods.csv", 5, "item id stands twice"),
        ("events.csv", 3, "no user id"),
        ("events.csv", 4, "no item id"),
        ("events.csv", 6, "no time, or one that cannot be read"),
        ("events.csv", 7, "impossible time"),
        ("events.csv", 8, "impossible time"),
        ("events.csv", 9, "unknown kind of event"),
        ("events.csv", 10, "purchase of less than nothing"),
        ("events.csv", 11, "unknown item"),
        ("events.csv", 12, "stands twice"),
    ]


def test_a_day_of_the_future_is_allowed_and_not_a_second_more(shop):
    assert shop.events.time[-1] == NOW + 86_400_000


def test_a_rejected_row_holds_what_stood_in_the_file(shop):
    assert list(shop.rejected)[1].row == {"item_id": "a", "title": "Mug again", "price": "4"}


def test_the_first_of_several_goods_with_one_id_is_kept(shop):
    assert shop.catalog.ids.names == ("a", "b")
    assert shop.catalog.column("title").tolist() == ["Mug", "Cup"]


def test_events_are_in_order_of_time_and_those_of_one_moment_in_that_of_the_file(shop):
    assert [KINDS[kind] for kind in shop.events.kind] == ["purchase", "purchase", "view", "purchase"]
    assert [shop.events.people.names[user] for user in shop.events.user] == ["u2", "u1", "u1", "u2"]


def test_somebody_without_a_single_usable_row_is_not_among_the_people(tmp_path):
    (tmp_path / "goods.csv").write_text(CATALOG)
    (tmp_path / "events.csv").write_text("user,item,time\nghost,z,1600000000\nu,a,1600000000\n")
    assert ingest(tmp_path / "goods.csv", tmp_path / "events.csv").events.people.names == ("u",)


def test_values_that_are_one_in_the_log_make_one_event(tmp_path):
    # The log holds 32 bits of a value; what it cannot tell apart would stand twice in it.
    (tmp_path / "goods.csv").write_text("item_id\na\n")
    (tmp_path / "events.csv").write_text("user,item,time,value\nu,a,1600000000,0.1\nu,a,1600000000,0.10000000001\n")
    assert ingest(tmp_path / "goods.csv", tmp_path / "events.csv").report.events.rejected == {"stands twice": 1}


def test_an_id_that_no_log_can_hold_rejects_its_row_and_not_the_file(tmp_path):
    long = "ü" * 501
    (tmp_path / "goods.csv").write_text(f"item_id\na\n{long}\n{long[:-1]}\n")
    rows = [f"{long},a,", "u\0v,a,", f"u,a,{long}", f"u,{long},", f"{long[:-1]},{long[:-1]},s"]
    (tmp_path / "events.csv").write_text("user,item,slate,time\n" + "".join(f"{row},1600000000\n" for row in rows))
    shop = ingest(tmp_path / "goods.csv", tmp_path / "events.csv")
    assert [row.line for row in shop.rejected] == [3, 2, 3, 4, 5]
    assert {row.reason for row in shop.rejected} == {"an id longer than 1,000 bytes, or with the character NUL"}
    with open_store(f"sqlite:///{tmp_path}/shop.db") as store:
        store.put_catalog(shop.catalog)
        assert store.append_log(shop.events, shop.catalog.ids) == 1


def test_the_report_reads_well_and_is_json(shop):
    text = str(shop.report)
    assert "13  rows read" in text
    assert "1  rejected: unknown item" in text
    assert "1  cleaned: price unreadable, so missing" in text
    assert "kinds not known: sniff 1" in text
    assert json.loads(json.dumps(shop.report.as_dict()))["events"]["rejected"]["impossible time"] == 2
    assert ("goods.csv", "rows kept", 2) in [(file.rsplit("/")[-1], name, count) for file, name, count in shop.report.rows()]


def test_rejected_rows_are_written_one_by_one(shop, tmp_path):
    assert write_rejected(iter(shop.rejected), tmp_path / "rejected.jsonl") == 11
    lines = [json.loads(line) for line in (tmp_path / "rejected.jsonl").read_text().splitlines()]
    assert lines[0] == {
        "file": str(tmp_path / "goods.csv"),
        "line": 4,
        "reason": "no item id",
        "row": {"item_id": None, "title": "Ghost", "price": "1"},
    }


def test_a_row_over_several_lines_is_named_by_its_first(tmp_path):
    (tmp_path / "goods.csv").write_text('id,title\n1,"two\nlines, ""quoted"""\n\n1,again\n')
    read = read_catalog(tmp_path / "goods.csv")
    assert read.catalog.column("title").tolist() == ['two lines, "quoted"']
    assert [row.line for row in read.rejected] == [5]


def test_a_file_with_a_header_alone_is_a_shop_where_nothing_happened(tmp_path):
    (tmp_path / "goods.csv").write_text("item_id,title,price\n")
    (tmp_path / "events.csv").write_text("user_id,item_id,timestamp\n")
    shop = ingest(tmp_path / "goods.csv", tmp_path / "events.csv")
    assert (len(shop.catalog), len(shop.events)) == (0, 0)


ids = st.sampled_from(["a", "b", " a", "", "z", "ü"])
moments = st.sampled_from(["1600000000", "1600000001", "0", "", "soon", "1600000000.5", "9999999999"])
kinds = st.sampled_from(["view", "purchase", "rating", "BUY", "", "sniff"])
values = st.sampled_from(["", "1", "1.0", "-2", "x", "nan", "1e39", "0.1"])
rows = st.lists(st.tuples(ids, ids, moments, kinds, values))


@given(rows)
def test_every_row_is_kept_or_rejected_and_what_was_kept_is_kept_again(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("shop")
    (folder / "goods.csv").write_text("item_id\na\nb\nü\n")
    lines = ["user,item,time,kind,value", *(",".join(row) for row in table)]
    (folder / "events.csv").write_text("\n".join(lines))
    first = ingest(folder / "goods.csv", folder / "events.csv", now=NOW)
    report = first.report.events
    assert report.read == len(table) == report.kept + sum(report.rejected.values())
    assert report.kept == len(first.events)
    assert sum(1 for _ in first.rejected) == sum(report.rejected.values())

    events = first.events
    written = [
        {
            "user": events.people.names[events.user[row]],
            "item": first.catalog.ids.names[events.item[row]],
            "time": int(events.time[row]),
            "kind": KINDS[events.kind[row]],
            "value": None if events.value[row] != events.value[row] else float(events.value[row]),
        }
        for row in range(len(events))
    ]
    if not written:
        return
    (folder / "again.jsonl").write_text("\n".join(map(json.dumps, written)))
    again = ingest(folder / "goods.csv", folder / "again.jsonl", now=NOW)
    assert not len(again.rejected)
    for name in ("time", "user", "item", "kind"):
        assert getattr(again.events, name).tolist() == getattr(events, name).tolist()
