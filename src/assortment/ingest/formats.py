"""The formats: how each is recognised, and how its files become tables with column names that are known."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from assortment.core.errors import BadInput, did_you_mean
from assortment.ingest.files import DELIMITED, JSONL, PARQUET, XML, Opened, Table, delimited, json_lines, parquet
from assortment.ingest.merchant import is_merchant, merchant
from assortment.ingest.names import CATALOG_COLUMNS, EVENT_COLUMNS, find_columns, squash


@dataclass(frozen=True)
class Format:
    """One way in which shops and researchers write their goods and events.

    recognises: whether a file is of this format, by what it holds; tidy: its rows under column names that are known.
    """

    name: str
    about: str
    recognises: Callable[[Opened], bool]
    tidy: Callable[[Opened], Table]


def choose_format(opened: Opened, name: str | None) -> Format:
    """The format of a file: the one named, or the first that recognises it."""
    if name is not None:
        if name not in FORMATS:
            raise did_you_mean("format", name, FORMATS)
        return FORMATS[name]
    found = next((form for form in FORMATS.values() if form.recognises(opened)), None)
    if found is None:
        seen = ", ".join(opened.first[:12]) or "nothing that can be read"
        known = "; ".join(f"{form.name} ({form.about})" for form in FORMATS.values())
        raise BadInput(f"{opened.file} is {opened.layout} that begins with: {seen}; no format knows it. There are: {known}")
    return found


def _is_table(opened: Opened) -> bool:
    return bool(find_columns(opened.first, {**EVENT_COLUMNS, **CATALOG_COLUMNS})) or (
        opened.layout == JSONL and not opened.first
    )


def _table(opened: Opened) -> Table:
    if opened.layout == PARQUET:
        return parquet(opened)
    if opened.layout == XML:
        raise BadInput(f"{opened.file} is XML, which is read as a product feed alone; name the format merchant")
    return json_lines(opened) if opened.layout == JSONL else delimited(opened)


def _is_amazon(opened: Opened) -> bool:
    return opened.layout == JSONL and bool({"asin", "parent_asin"} & set(opened.first))


_AMAZON_CATALOG = (
    "asin", "parent_asin", "title", "brand", "store", "category", "price", "image", "description", "main_cat", "feature",
    "features",
    "average_rating", "rating_number", "date",
)  # fmt: skip
_AMAZON_IMAGES = ("imageURLHighRes", "imageURL", "images", "imUrl")


def _amazon(opened: Opened) -> Table:
    """Reviews and metadata of 2014, 2018 and 2023. The names of reviewers are not read."""
    if opened.layout != JSONL:
        raise BadInput(f"{opened.file} is {opened.layout}; Amazon reviews and metadata are JSON lines")
    table = json_lines(opened, literals=opened.data.lstrip()[:2] == b"{'")
    if {"reviewerID", "user_id"} & set(table.frame.columns):
        return table.without(["reviewerName"])
    frame = table.frame.with_columns(_amazon_image(table.frame), _amazon_category(table.frame))
    return replace(table, frame=frame).without([name for name in frame.columns if name not in _AMAZON_CATALOG])


def _amazon_image(frame: pl.DataFrame) -> pl.Expr:
    """The large picture of the first image, or the first address there is."""
    given = [pl.col(name) for name in _AMAZON_IMAGES if name in frame.columns]
    large = [column.str.extract(r'"large": ?"(https?://[^"]+)"') for column in given]
    first = [column.str.extract(r'(https?://[^"\s]+)') for column in given]
    return pl.coalesce(*large, *first, pl.lit(None, pl.String)).alias("image")


def _amazon_category(frame: pl.DataFrame) -> pl.Expr:
    """Its path of categories, or the main one where it has no path; what was scraped after a `</span>` is no category."""
    given = [pl.col(name) for name in ("category", "categories", "main_category", "main_cat") if name in frame.columns]
    paths = [column.str.replace(r',\s*"</span>.*$', "]") for column in given]
    filled = [pl.when(~path.is_in(["[]", "[[]]", ""])).then(path) for path in paths]
    return pl.coalesce(*filled, pl.lit(None, pl.String)).alias("category")


_GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir",
    "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
_RATINGS = ("user_id", "item_id", "rating", "timestamp")
_MOVIES = ("item_id", "title", "genres")
_U_ITEM = ("item_id", "title", "release_date", "video_release_date", "imdb_url", *_GENRES)


def _is_movielens(opened: Opened) -> bool:
    if opened.layout != DELIMITED:
        return False
    columns = {squash(name) for name in opened.first}
    return bool(_movielens_names(opened)) or ("movieid" in columns and bool({"rating", "genres"} & columns))


def _movielens_names(opened: Opened) -> tuple[str, ...]:
    """Names for the columns of a file without a header; none where it has one, or is not known."""
    fields, separator = opened.first, opened.separator
    numbers = all(field.isdigit() for field in (fields[0], *fields[3:4])) if fields else False
    if separator in ("\t", "::") and len(fields) == 4 and numbers and len(fields[3]) >= 9:
        return _RATINGS
    if separator == "::" and len(fields) == 3 and fields[0].isdigit():
        return _MOVIES
    return _U_ITEM if separator == "|" and len(fields) == len(_U_ITEM) and fields[0].isdigit() else ()


def _movielens(opened: Opened) -> Table:
    """`u.data` and `u.item`; `ratings.dat` and `movies.dat`; `ratings.csv` and `movies.csv`."""
    if not _is_movielens(opened):
        raise BadInput(
            f"{opened.file} is not of MovieLens: expected u.data, u.item, ratings.dat, movies.dat, ratings.csv or movies.csv"
        )
    names = _movielens_names(opened)
    table = delimited(opened, names, quotes=not names, latin=bool(names))
    if names == _U_ITEM:
        flags = [pl.when(pl.col(genre) == "1").then(pl.lit(genre)) for genre in _GENRES[1:]]
        genres = pl.concat_str(flags, separator="|", ignore_nulls=True).alias("category")
        return replace(table, frame=table.frame.select(*_U_ITEM[:3], genres), unread=_U_ITEM[3:5])
    if "genres" in table.frame.columns:
        return replace(table, frame=table.frame.with_columns(pl.col("genres").replace("(no genres listed)", None)))
    return table


_RECBOLE_TYPES = ("token", "token_seq", "float", "float_seq")


def _recbole_header(opened: Opened) -> list[tuple[str, str]]:
    pairs = [name.rpartition(":") for name in opened.first] if opened.layout == DELIMITED else []
    return [(name, kind) for name, colon, kind in pairs if colon and kind in _RECBOLE_TYPES]


def _is_recbole(opened: Opened) -> bool:
    return bool(opened.first) and len(_recbole_header(opened)) == len(opened.first)


def _recbole(opened: Opened) -> Table:
    """Atomic files. A sequence of tokens becomes labels with `|` between them, except where it is a title or a description,
    whose words it holds."""
    if not _is_recbole(opened):
        raise BadInput(f"{opened.file} is no atomic file of RecBole: its first line must read name:type for every column")
    header = _recbole_header(opened)
    names = tuple(name for name, _ in header)
    table = delimited(replace(opened, first=names), quotes=False)
    prose = set(find_columns(names, {ours: CATALOG_COLUMNS[ours] for ours in ("title", "description")}).values())
    labels = [pl.col(name).str.replace_all(" ", "|") for name, kind in header if kind == "token_seq" and name not in prose]
    words = frozenset(name for name, kind in header if kind.startswith("token"))
    return replace(table, frame=table.frame.with_columns(labels), words=words).without(
        [name for name, kind in header if kind == "float_seq"]
    )


def _is_uci(opened: Opened) -> bool:
    return bool({"median_price_gbp", "unit_price_gbp"} & set(opened.first))


def _uci(opened: Opened) -> Table:
    """The bundled shop. What was counted over the whole log (buyers, lines, first sale) is left out: it tells of the future."""
    table = _table(opened).without(["n_customers", "n_lines", "first_sold"])
    if "median_price_gbp" not in table.frame.columns:
        return table
    return replace(table, frame=table.frame.rename({"median_price_gbp": "price"}), notes=("prices are in GBP",))


FORMATS = {
    form.name: form
    for form in (
        Format("uci", "UCI Online Retail, the bundled shop", _is_uci, _uci),
        Format("recbole", "RecBole atomic files: the first line reads name:type", _is_recbole, _recbole),
        Format("movielens", "MovieLens u.data, u.item, .dat and CSV", _is_movielens, _movielens),
        Format("amazon", "Amazon Reviews 2014, 2018 and 2023: JSON lines with asin or parent_asin", _is_amazon, _amazon),
        Format(
            "merchant", "Google Merchant feeds: RSS, Atom, or TSV with id, title, link and image_link", is_merchant, merchant
        ),
        Format("table", "CSV, TSV, JSON lines or Parquet with columns such as user_id, item_id, timestamp", _is_table, _table),
    )
}
"""The formats by name, the most particular first."""
