"""What the columns and the kinds of events are called out there."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

USER = (
    "user", "user_id", "uid", "customer", "customer_id", "visitor_id", "reviewer_id", "client_id", "member_id", "buyer_id",
    "shopper_id", "person_id", "account_id", "household_id", "query_id", "user_pseudo_id",
)  # fmt: skip
ITEM = (
    "item", "item_id", "iid", "parent_asin", "asin", "product_id", "product", "movie_id", "sku", "stock_code", "article_id",
    "goods_id", "book_id", "business_id", "content_id", "clothing_id", "isbn",
)  # fmt: skip
TIME = (
    "timestamp", "timestamp_ms", "time", "datetime", "unix_review_time", "created_at", "event_time", "event_timestamp", "ts",
    "date", "invoice_date", "transaction_timestamp", "transaction_time", "order_date", "ordered_at", "purchased_at",
    "event_date", "t_dat", "review_time",
)  # fmt: skip
KIND = (
    "kind", "event_type", "event_name", "event", "action", "action_type", "behavior", "behaviour", "behavior_type",
    "feedback_type", "interaction_type", "type",
)  # fmt: skip
RATING = ("rating", "overall", "stars", "score")
QUANTITY = ("quantity", "qty", "weight", "value", "event_value", "count")
SLATE = ("slate", "slate_id", "recomm_id", "recommendation_id")

EVENT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "user": USER, "item": ITEM, "time": TIME, "kind": KIND, "rating": RATING, "quantity": QUANTITY, "slate": SLATE,
}  # fmt: skip

CATALOG_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "item": (*ITEM, "id"),
    "title": (
        "title", "name", "item_name", "item_title", "product_name", "product_title", "movie_title", "goods_name",
        "prod_name",
    ),
    "brand": ("brand", "brand_name", "item_brand", "store", "manufacturer", "vendor", "maker"),
    "category": (
        "category", "categories", "genres", "genre", "class", "item_category", "product_category", "category_name",
        "category_code", "main_category", "main_cat", "google_product_category", "product_type", "product_type_name",
        "department", "category_l1",
    ),
    "price": ("price", "unit_price", "item_price", "product_price", "price_amount"),
    "stock": ("stock", "availability", "in_stock", "inventory", "stock_quantity", "quantity", "is_available"),
    "image": ("image", "image_url", "im_url", "image_link", "img", "img_url", "picture", "thumbnail", "images", "image_urls"),
    "description": ("description", "desc", "item_description", "product_description", "detail_desc", "overview"),
}  # fmt: skip
"""Our name of a column -> what files call it, the surer name first. Case and punctuation do not matter."""

KINDS_OUT_THERE: Mapping[str, tuple[str, ...]] = {
    "view": (
        "view", "view item", "detail view", "detail page view", "page view", "product view", "item view", "pageview", "pv",
        "read", "watch", "play", "listen",
    ),
    "click": ("click", "clicks", "select item", "item click", "clk"),
    "favourite": (
        "favourite", "favorite", "fav", "bookmark", "add bookmark", "like", "star", "wishlist", "add to wishlist",
        "add to favourites", "add to favorites", "save",
    ),
    "cart": ("cart", "add to cart", "cart add", "cart addition", "add cart", "basket", "add to basket"),
    "purchase": ("purchase", "purchases", "purchase complete", "buy", "bought", "transaction", "order", "sale", "conversion"),
    "rating": ("rating", "rate", "rated", "review", "add rating"),
    "share": ("share", "shared"),
    "comment": ("comment", "commented"),
    "hide": ("hide", "hidden", "dislike", "block", "not interested", "thumbs down"),
    "return": ("return", "returned", "refund", "refunded"),
}  # fmt: skip
"""Our kind of event -> what GA4, Google Retail, Gorse, Personalize, Recombee, Taobao and shops call it."""

IN_STOCK = ("in stock", "instock", "available", "yes", "true", "y", "limited availability", "online only", "in store only")
OUT_OF_STOCK = ("out of stock", "outofstock", "sold out", "soldout", "unavailable", "discontinued", "no", "false", "n")


def squash(name: str) -> str:
    """A name less its case and punctuation.

    >>> squash("User_ID") == squash("userId")
    True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def kind_of() -> dict[str, str]:
    """Every squashed name of a kind -> our kind."""
    return {squash(name): kind for kind, names in KINDS_OUT_THERE.items() for name in names}


def find_columns(columns: Iterable[str], wanted: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Our name -> the file's, for those it has; of several, the one that stands first in our list.

    >>> find_columns(["asin", "parent_asin", "Rating"], EVENT_COLUMNS)
    {'item': 'parent_asin', 'rating': 'Rating'}
    """
    by_squashed = {squash(column): column for column in reversed(list(columns))}
    first = {ours: next((name for name in map(squash, names) if name in by_squashed), None) for ours, names in wanted.items()}
    return {ours: by_squashed[name] for ours, name in first.items() if name is not None}


def nearest_column(columns: Iterable[str], names: tuple[str, ...]) -> tuple[str, str] | None:
    """The file's column that is most like one of `names`, and that name; None where none is near."""
    squashed = {squash(name): name for name in names}
    for column in columns:
        near = get_close_matches(squash(column), squashed, n=1, cutoff=0.75)
        if near:
            return column, squashed[near[0]]
    return None
