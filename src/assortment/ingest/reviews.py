"""A file of reviews -> their texts, the goods they are of, and whether they are good."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from assortment.core.arrays import Scores
from assortment.core.errors import BadInput
from assortment.ingest.clean import ids, numbers, text
from assortment.ingest.files import Table
from assortment.ingest.names import ITEM, RATING
from assortment.ingest.rows import find, read_table

REVIEW_COLUMNS = {
    "item": ITEM,
    "text": (
        "review_text", "text", "review", "review_body", "body", "content", "comment", "review_content", "review_full", "评论",
    ),
    "heading": ("review_title", "summary", "review_headline", "headline", "title"),
    "liked": ("recommended_ind", "recommended", "recommend", "sentiment", "label", "liked"),
    "rating": (*RATING, "review_rating", "star_rating"),
}  # fmt: skip
"""Our name of a column -> what files of reviews call it, the surer name first."""

POOR, GOOD = 2, 4
"""Ratings up to which a review is bad and from which it is good; between them it says neither."""


@dataclass(frozen=True, eq=False)
class Reviews:
    """m reviews: the shop's own id of the item, the text, and 1 where it is good, 0 where bad, NaN where that is not said.

    without: rows of the file that have no item or no text.
    """

    items: Sequence[str]
    texts: Sequence[str]
    liked: Scores
    without: int

    def __len__(self) -> int:
        return len(self.texts)


def read_reviews(file: Path | str) -> Reviews:
    """Read reviews from any file that `ingest` reads: CSV, TSV, JSON lines, Parquet, Amazon's.

    Needed are a column of the item and one of the text. A review is good or bad by a column of 1 and 0, such as `recommended`,
    or by its rating: 4 and more, 2 and less. The heading, where there is one, is put before the text.
    """
    table, _ = read_table(file, None)
    found = find(table, REVIEW_COLUMNS, ("item", "text"))
    item, _ = ids(table.frame[found["item"]])
    said, _ = text(table.frame[found["text"]])
    if "heading" in found:
        heading, _ = text(table.frame[found["heading"]])
        said = (
            pl.select(pl.concat_str([heading, said], separator=". ", ignore_nulls=True).alias("said"))
            .to_series()
            .set(said.is_null(), None)
        )
    there = item.is_not_null() & said.is_not_null()
    liked = _liked(table, found)[there.to_numpy()]
    return Reviews(tuple(item.filter(there)), tuple(said.filter(there)), liked, int((~there).sum()))


def _liked(table: Table, found: dict[str, str]) -> Scores:
    """Whether each row is good, by what says so itself, else by its rating."""
    liked = np.full(len(table.frame), np.nan, np.float32)
    if "rating" in found:
        rating = numbers(table.frame[found["rating"]], "rating")[0].fill_null(np.nan).to_numpy()
        liked = np.where(rating >= GOOD, 1, np.where(rating <= POOR, 0, np.nan)).astype(np.float32)
    if "liked" in found:
        said = table.frame[found["liked"]].cast(pl.String).str.to_lowercase().str.strip_chars()
        words = {
            "1": 1.0,
            "1.0": 1.0,
            "true": 1.0,
            "yes": 1.0,
            "positive": 1.0,
            "0": 0.0,
            "0.0": 0.0,
            "-1": 0.0,
            "false": 0.0,
            "no": 0.0,
            "negative": 0.0,
        }
        unknown = said.filter(said.is_not_null() & ~said.is_in([*words, "", "neutral"]))
        if len(unknown):
            raise BadInput(
                f"{table.file}: column '{found['liked']}' holds '{unknown[0][:40]}'; it should hold 1 for good and 0 for bad"
            )
        told = said.replace_strict(words, default=None, return_dtype=pl.Float64).fill_null(np.nan).to_numpy()
        liked = np.where(np.isnan(told), liked, told).astype(np.float32)
    return liked
