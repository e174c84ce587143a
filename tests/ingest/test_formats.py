import gzip
import json

import numpy as np
import polars as pl
import pytest

from assortment.core.events import KINDS
from assortment.ingest import bundled_shop, ingest, read_catalog, read_events

NOW = 1_700_000_000_000


def kinds(events):
    return [KINDS[kind] for kind in events.kind]


def goods(events, catalog):
    return [catalog.ids.names[item] for item in events.item]


def people(events):
    return [events.people.names[user] for user in events.user]


CATALOG = "item_id,title,price\np1,Mug,$3\np2,Cup,$4.50\n"
EVENTS = [
    {"userId": "u1", "productId": "p1", "eventTime": "2023-01-01T00:00:02Z", "action": "add_to_cart", "qty": 2},
    {"userId": "u2", "productId": "p2", "eventTime": "2023-01-01T00:00:01Z", "action": "view_item", "qty": None},
]


def assert_two_events(shop):
    assert shop.catalog.column("price").tolist() == [3, 4.5]
    assert people(shop.events) == ["u2", "u1"]
    assert goods(shop.events, shop.catalog) == ["p2", "p1"]
    assert kinds(shop.events) == ["view", "cart"]
    assert shop.events.time.tolist() == [1_672_531_201_000, 1_672_531_202_000]
    np.testing.assert_array_equal(shop.events.value, [np.nan, 2])
    assert not len(shop.rejected)


def written(layout: str) -> bytes:
    if layout == "jsonl":
        return "\n".join(map(json.dumps, EVENTS)).encode()
    frame = pl.DataFrame(EVENTS)
    return frame.write_csv(separator={"csv": ",", "tsv": "\t", "semicolons": ";"}[layout]).encode()


@pytest.mark.parametrize("layout", ["csv", "tsv", "semicolons", "jsonl"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_is_read_whatever_its_layout(tmp_path, layout, packed):
    (tmp_path / "goods").write_text(CATALOG)
    data = written(layout)
    (tmp_path / "events").write_bytes(gzip.compress(data) if packed else data)
    assert_two_events(ingest(tmp_path / "goods", tmp_path / "events", now=NOW))


def test_a_table_is_read_from_parquet(tmp_path):
    (tmp_path / "goods").write_text(CATALOG)
    frame = pl.DataFrame(EVENTS).with_columns(
        pl.col("eventTime").str.to_datetime(time_zone="UTC"), pl.col("action").cast(pl.Categorical)
    )
    frame.write_parquet(tmp_path / "events")
    assert_two_events(ingest(tmp_path / "goods", tmp_path / "events", now=NOW))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("view_item", "view"), ("detail-page-view", "view"), ("read", "view"), ("pv", "view"), ("select_item", "click"),
        ("add_to_cart", "cart"), ("add-to-cart", "cart"), ("addtocart", "cart"), ("purchase-complete", "purchase"),
        ("transaction", "purchase"), ("BUY", "purchase"), ("like", "favourite"), ("fav", "favourite"),
        ("Bookmark", "favourite"), ("refund", "return"), ("dislike", "hide"), *((kind, kind) for kind in KINDS),
    ],
)  # fmt: skip
def test_the_kinds_of_others_are_known(tmp_path, theirs, ours):
    (tmp_path / "goods").write_text(CATALOG)
    (tmp_path / "events").write_text(f"user_id,item_id,timestamp,event_type\nu1,p1,1600000000,{theirs}\n")
    assert kinds(ingest(tmp_path / "goods", tmp_path / "events").events) == [ours]


@pytest.mark.parametrize(
    "header",
    [
        "user_id,item_id,timestamp", "userId,movieId,timestamp", "customer_id,product_id,datetime", "visitorId,sku,eventTime",
        "USER_ID,ITEM_ID,TIMESTAMP", "reviewerID,asin,unixReviewTime", "user_id,parent_asin,timestamp",
        "UserId,ItemId,Timestamp", "CustomerID,StockCode,InvoiceDate", "customer_id,article_id,t_dat",
        "User ID,Item ID,Created At",
    ],
)  # fmt: skip
def test_the_usual_column_names_are_known(tmp_path, header):
    (tmp_path / "goods").write_text(CATALOG)
    (tmp_path / "events").write_text(f"{header}\nu1,p1,1600000000\n")
    events = ingest(tmp_path / "goods", tmp_path / "events", "table").events
    assert (people(events), events.time.tolist(), kinds(events)) == (["u1"], [1_600_000_000_000], ["purchase"])


def test_a_rating_takes_the_rating_and_a_purchase_the_quantity(tmp_path):
    (tmp_path / "goods").write_text(CATALOG)
    (tmp_path / "events").write_text(
        "user,item,time,kind,rating,quantity\nu,p1,1600000000,rating,4,\nu,p1,1600000001,purchase,5,2\nu,p1,1600000002,view,5,\n"
    )
    np.testing.assert_array_equal(ingest(tmp_path / "goods", tmp_path / "events").events.value, [4, 2, np.nan])


def test_further_columns_are_kept_as_numbers_or_text(tmp_path):
    (tmp_path / "goods").write_text(
        "sku,name,weight,barcode,size,empty,colour\na,Mug,1.5,00123,1,,red\nb,Cup,,456,two,,\nc,Jug,2,78,3,,blue\n"
    )
    catalog = read_catalog(tmp_path / "goods").catalog
    np.testing.assert_array_equal(catalog.column("weight"), [1.5, np.nan, 2])
    assert catalog.column("barcode").tolist() == ["00123", "456", "78"]
    assert catalog.column("size").tolist() == ["1", "two", "3"]
    assert catalog.column("colour").tolist() == ["red", None, "blue"]
    assert "empty" not in catalog
    assert read_catalog(tmp_path / "goods").report.unread == ("empty",)


def test_lists_in_parquet_become_labels_and_vectors_are_left_unread(tmp_path):
    frame = pl.DataFrame({"id": [1, 2], "categories": [["a", "b"], None], "seen": [True, False], "extra": [{"x": 1}, None]})
    frame.write_parquet(tmp_path / "goods")
    read = read_catalog(tmp_path / "goods")
    assert read.catalog.ids.names == ("1", "2")
    assert read.catalog.column("category").tolist() == ["a|b", None]
    assert read.catalog.column("seen").tolist() == [True, False]
    assert read.report.unread == ("extra",)


def test_a_picture_that_is_an_object_is_left_unread_and_a_list_of_them_gives_its_first(tmp_path):
    (tmp_path / "goods").write_text('{"id": 1, "image": {"x": 1}}\n')
    assert read_catalog(tmp_path / "goods").report.unread == ("image",)
    (tmp_path / "goods").write_text('{"id": 1, "images": ["http://i/1.jpg", "http://i/2.jpg"]}\n')
    assert read_catalog(tmp_path / "goods").catalog.column("image").tolist() == ["http://i/1.jpg"]


def test_emoji_and_chinese_titles_survive(tmp_path):
    (tmp_path / "goods").write_text("id,title\n1,👩\u200d🚀 杯子 🎁\n", encoding="utf-8")
    assert read_catalog(tmp_path / "goods").catalog.column("title").tolist() == ["👩\u200d🚀 杯子 🎁"]


AMAZON_2014_META = (
    "{'asin': 'B1', 'title': \"Cook's Mug\", 'price': 4.5, 'imUrl': 'http://i/1.jpg', 'brand': 'Acme', "
    "'salesRank': {'Home': 3}, 'categories': [['Home', 'Mugs'], ['Home', 'Gifts']], 'related': {'also_bought': ['B2']}}\n"
    "{'asin': 'B2', 'categories': [['Home']]}\n"
)


def amazon_2014_reviews() -> str:
    reviews = [
        {
            "reviewerID": f"A{user}",
            "asin": f"B{item}",
            "reviewerName": "Jane Doe",
            "helpful": [0, 1],
            "reviewText": "fine",
            "overall": float(rating),
            "summary": "ok",
            "unixReviewTime": 1_388_534_400 + 86_400 * number,
            "reviewTime": "01 1, 2014",
        }
        for number, (user, item, rating) in enumerate([(1, 1, 5), (1, 2, 4), (2, 1, 3), (3, 2, 1), (3, 9, 2)] * 2)
    ]
    return "\n".join(map(json.dumps, reviews))


def test_amazon_2014_whose_metadata_is_python(tmp_path):
    (tmp_path / "meta.json").write_text(AMAZON_2014_META)
    (tmp_path / "reviews.json").write_text(amazon_2014_reviews())
    shop = ingest(tmp_path / "meta.json", tmp_path / "reviews.json")
    assert (shop.report.catalog.format, shop.report.events.format) == ("amazon", "amazon")
    assert shop.catalog.column("title").tolist() == ["Cook's Mug", None]
    assert shop.catalog.column("category").tolist() == ["Home|Mugs|Gifts", "Home"]
    assert shop.catalog.column("image").tolist() == ["http://i/1.jpg", None]
    assert set(kinds(shop.events)) == {"rating"}
    assert shop.events.value.tolist() == [5, 4, 3, 1] * 2
    assert shop.report.events.rejected == {"unknown item": 2}


def test_the_names_of_reviewers_are_not_even_kept_with_rejected_rows(tmp_path):
    (tmp_path / "meta.json").write_text(AMAZON_2014_META)
    (tmp_path / "reviews.json").write_text(amazon_2014_reviews())
    rejected = list(ingest(tmp_path / "meta.json", tmp_path / "reviews.json").rejected)
    assert [row.line for row in rejected] == [5, 10]
    assert "Jane Doe" not in str(rejected)


def test_amazon_2018_gift_cards(shared_data):
    folder = shared_data / "amazon2018_gift_cards_5core"
    shop = ingest(folder / "meta_Gift_Cards.json.gz", folder / "Gift_Cards_5.json.gz")
    assert (shop.report.catalog.read, shop.report.catalog.kept, shop.report.events.read) == (1547, 1547, 2972)
    assert shop.report.events.rejected == {"stands twice": 3}
    assert shop.report.catalog.cleaned["price unreadable, so missing"] == 4
    assert np.isfinite(shop.catalog.column("price")).sum() == 358
    assert set(kinds(shop.events)) == {"rating"}
    assert not any("<" in (path or "") for path in shop.catalog.column("category"))
    assert shop.catalog.column("title")[0] == "Serendipity 3 $100.00 Gift Card"


def test_amazon_2023(tmp_path):
    meta = {
        "main_category": "All Beauty", "title": "Hemp Mask", "average_rating": 4.1, "rating_number": 12,
        "features": ["soft", "green"],
        "description": ["One.", "Two."], "price": 7.98, "store": "Azure", "categories": [], "details": {"Brand": "Azure"},
        "images": [{"thumb": "https://i/t.jpg", "large": "https://i/l.jpg", "variant": "MAIN", "hi_res": None}],
        "videos": [], "parent_asin": "B1", "bought_together": None,
    }  # fmt: skip
    review = {
        "rating": 5.0, "title": "Great", "text": "Soft", "images": [], "asin": "B1-red", "parent_asin": "B1", "user_id": "AE",
        "timestamp": 1588687728923, "helpful_vote": 0, "verified_purchase": True,
    }  # fmt: skip
    (tmp_path / "meta.jsonl").write_text(json.dumps(meta))
    (tmp_path / "reviews.jsonl").write_text(json.dumps(review))
    shop = ingest(tmp_path / "meta.jsonl", tmp_path / "reviews.jsonl")
    known = {name: values.tolist() for name, values in shop.catalog.columns.items()}
    assert known == {
        "title": ["Hemp Mask"], "brand": ["Azure"], "category": ["All Beauty"], "price": [7.98], "image": ["https://i/l.jpg"],
        "description": ["One. Two."], "average_rating": [4.1], "rating_number": [12], "features": ["soft|green"],
    }  # fmt: skip
    assert (people(shop.events), goods(shop.events, shop.catalog)) == (["AE"], ["B1"])
    assert shop.events.time.tolist() == [1588687728923]


def test_movielens_u_data_and_u_item_in_latin_1(tmp_path):
    flags = ["0"] * 19
    flags[3] = flags[5] = "1"
    line = "|".join(["7", "Café Toy (1995)", "01-Jan-1995", "", "http://imdb", *flags])
    (tmp_path / "u.item").write_bytes((line + "\n").encode("latin-1"))
    (tmp_path / "u.data").write_text("196\t7\t3\t881250949\n22\t7\t1\t878887116\n")
    shop = ingest(tmp_path / "u.item", tmp_path / "u.data")
    assert shop.report.catalog.format == shop.report.events.format == "movielens"
    assert shop.catalog.column("title").tolist() == ["Café Toy (1995)"]
    assert shop.catalog.column("category").tolist() == ["Animation|Comedy"]
    assert "read as Latin-1, for it is not UTF-8" in shop.report.catalog.notes
    assert people(shop.events) == ["22", "196"]
    assert list(shop.rejected) == []


def test_movielens_dat(tmp_path):
    (tmp_path / "movies.dat").write_text('1::Toy Story: "The" One (1995)::Animation|Comedy\n2::Heat (1995)::Action\n')
    (tmp_path / "ratings.dat").write_text("1::1::5::978300760\n1::2::3::978302109\n")
    shop = ingest(tmp_path / "movies.dat", tmp_path / "ratings.dat")
    assert shop.catalog.column("title")[0] == 'Toy Story: "The" One (1995)'
    assert shop.events.value.tolist() == [5, 3]
    assert kinds(shop.events) == ["rating", "rating"]


def test_movielens_csv(tmp_path):
    (tmp_path / "movies.csv").write_text(
        'movieId,title,genres\n1,"American President, The (1995)",Comedy|Drama\n2,X,(no genres listed)\n'
    )
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,4.5,964982703\n")
    shop = ingest(tmp_path / "movies.csv", tmp_path / "ratings.csv")
    assert shop.report.events.format == "movielens"
    assert shop.catalog.column("title")[0] == "American President, The (1995)"
    assert shop.catalog.column("category").tolist() == ["Comedy|Drama", None]
    assert shop.events.value.tolist() == [4.5]


def test_recbole_atomic_files(shared_data):
    folder = shared_data / "movielens_100k"
    shop = ingest(folder / "ml-100k.item.gz", folder / "ml-100k.inter.gz")
    assert shop.report.events.format == "recbole"
    assert (len(shop.catalog), len(shop.events), len(shop.events.people)) == (1682, 100_000, 943)
    # Both are token_seq; a title is prose, a class is labels.
    assert shop.catalog.column("title")[0] == "Toy Story"
    assert shop.catalog.column("category")[0] == "Animation|Children's|Comedy"
    assert shop.catalog.column("release_year")[0] == "1995"


def test_the_bundled_shop():
    shop = bundled_shop()
    assert (len(shop.catalog), len(shop.events.people), shop.report.events.read) == (3659, 4334, 396_337)
    assert shop.report.events.rejected == {"stands twice": 5231}
    assert set(shop.catalog.columns) == {"title", "price"}
    assert shop.catalog.column("title")[shop.catalog.ids.number("10002")] == "INFLATABLE POLITICAL GLOBE"
    assert set(kinds(shop.events.take(slice(0, 100)))) == {"purchase"}
    assert shop.events.value[:3].tolist() == [6, 6, 8]
    assert shop.events.people.names[0] == "17850"


def test_the_format_that_is_named_goes_before_the_one_that_is_seen(tmp_path):
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n2,X,(no genres listed)\n")
    assert read_catalog(tmp_path / "movies.csv", "table").catalog.column("category").tolist() == ["(no genres listed)"]


def test_the_slate_that_an_event_answers_is_kept(tmp_path):
    (tmp_path / "goods").write_text(CATALOG)
    (tmp_path / "events").write_text("user,item,time,slate\nu,p1,1600000000,s1\nu,p2,1600000000,\n")
    events = read_events(tmp_path / "events", read_catalog(tmp_path / "goods").catalog).events
    assert events.slate.tolist() == ["s1", None]


def test_a_title_in_brackets_is_no_list(tmp_path):
    (tmp_path / "goods").write_text('{"id": "1", "title": "[2024]", "category": ["a", "b"]}\n')
    catalog = read_catalog(tmp_path / "goods").catalog
    assert catalog.column("title").tolist() == ["[2024]"]
    assert catalog.column("category").tolist() == ["a|b"]
