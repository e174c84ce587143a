"""Product feeds of Google Merchant Center."""

from pathlib import Path

import numpy as np
import pytest

from assortment.core.errors import BadInput
from assortment.ingest import read_catalog, read_goods

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
<title>A shop</title>
<item>
<g:id>TV_1</g:id>
<g:title><![CDATA[LG 22" & stand]]></g:title>
<link>https://shop.example/tv?a=1&amp;b=2</link>
<g:image_link>https://shop.example/tv.jpg</g:image_link>
<g:price>159.00 USD</g:price>
<g:availability>in_stock</g:availability>
<g:shipping><g:country>US</g:country><g:price>14.95 USD</g:price></g:shipping>
<g:google_product_category>Electronics &gt; Video</g:google_product_category>
<g:product_type>TV &gt; Flat</g:product_type>
<g:product_type>Offers</g:product_type>
<g:gtin>0071919219925</g:gtin>
<g:brand>LG</g:brand>
</item>
<item>
<g:id>DVD-2</g:id>
<g:title>Merlin</g:title>
<g:price>11.99 USD</g:price>
<g:availability>out_of_stock</g:availability>
<g:google_product_category>Media &gt; DVDs</g:google_product_category>
</item>
<item><g:title>Nameless</g:title></item>
</channel>
</rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>A shop</title>
<entry><g:id>a</g:id><title>Tea</title><link href="https://shop.example/tea"/><g:price>3.5 EUR</g:price></entry></feed>"""
TV = "https://shop.example/tv"
TSV = (
    "id\ttitle\tlink\timage link\tprice\tavailability\tproduct type\tgtin\n"
    f'TV_1\tLG 22" & stand\t{TV}\t{TV}.jpg\t159.00 USD\tin stock\tTV > Flat\t0071919219925\n'
    "DVD-2\tMerlin\thttps://shop.example/dvd\t\t11.99 USD\tout of stock\t\t\n"
)


def test_a_feed_in_rss_is_a_catalog_and_what_cannot_be_used_is_told_with_its_line(tmp_path: Path):
    file = tmp_path / "feed.xml"
    file.write_text(RSS)
    read = read_catalog(file)
    assert read.report.format == "merchant"
    assert read.catalog.ids.names == ("TV_1", "DVD-2")
    columns = {name: column.tolist() for name, column in read.catalog.columns.items()}
    assert columns["title"] == ['LG 22" & stand', "Merlin"]
    assert columns["price"] == [159.0, 11.99], "not that of its shipping"
    assert columns["stock"] == [1.0, 0.0]
    assert columns["category"] == ["TV|Flat|Offers", "Media|DVDs"], "the shop's own before Google's"
    assert columns["image"] == ["https://shop.example/tv.jpg", None]
    assert columns["gtin"] == ["0071919219925", None]
    assert columns["link"] == ["https://shop.example/tv?a=1&b=2", None]
    assert [(row.line, row.reason) for row in read.rejected] == [(26, "no item id")]
    assert "shipping" in read.report.unread


def test_a_feed_in_atom_has_its_links_in_attributes():
    goods = read_goods("feed", ATOM.encode()).catalog
    assert (goods.ids.names, goods.column("title")[0], goods.column("link")[0]) == (("a",), "Tea", "https://shop.example/tea")


def test_a_feed_with_tabs_says_the_same():
    goods = read_goods("feed", TSV.encode())
    assert goods.report.format == "merchant"
    assert goods.catalog.column("category").tolist() == ["TV|Flat", None]
    np.testing.assert_array_equal(goods.catalog.column("stock"), [1, 0])
    assert goods.catalog.column("title")[0] == 'LG 22" & stand'


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        (RSS.replace("</g:brand>", "</g:brnd>"), "line 17, column .*: broken XML: mismatched tag"),
        (RSS.replace("<rss", '<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss'), "document type"),
        ('<?xml version="1.0"?><!DOCTYPE lol [<!ENTITY a "aaa">]><rss><item><id>&a;</id></item></rss>', "document type"),
        ("<rss><channel></channel></rss>", "a feed without an item"),
        ("<html><body>not found</body></html>", "no format knows it"),
    ],
)
def test_what_is_no_feed_is_told(xml: str, says: str):
    with pytest.raises(BadInput, match=says):
        read_goods("feed", xml.encode())
