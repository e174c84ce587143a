"""Prices: text as shops write it -> numbers, and the currencies that stood beside them."""

from collections import Counter

import polars as pl

from assortment.ingest.clean import MISSING, text

_CODES = (
    "USD|EUR|GBP|JPY|CNY|RMB|CHF|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|INR|AUD|CAD|NZD|SGD|HKD|TWD|KRW|BRL|MXN|ZAR|"
    "ILS|AED|SAR|THB|IDR|MYR|PHP|VND"
)
_CURRENCY = rf"(?:[A-Z]{{0,3}}\p{{Sc}}|{_CODES}|(?i:kr|zł|kč|ft|lei|rs|fr)\.?|元|円|원)?"
_SIGN = "[-−]?"
_AMOUNT = r"[.,]?\d(?:[\d.,'’ ]*\d)?(?:[eE][-+]?\d+)?"
_PRICE = rf"^({_SIGN}) ?({_CURRENCY}) ?({_SIGN}) ?({_AMOUNT})(?:[.,][-–—]+)? ?({_CURRENCY})(-?)$"
_PARTS = ["sign", "before", "second sign", "amount", "after", "last sign"]

_UNCLEAR = r"^[1-9]\d{0,2}[.,]\d{3}$"
_WHOLE = r"^\d+(?:[eE][-+]?\d+)?$"


def _written(mark: str, point: str) -> str:
    """A number whose decimal mark is surely `point`, or whose grouping mark is surely `mark`."""
    grouped = rf"\d{{1,3}}(?:{mark}\d{{3}})+{point}\d+|\d{{1,3}}(?:{mark}\d{{3}}){{2,}}"
    indian = rf"\d{{1,2}}(?:{mark}\d{{2}})+{mark}\d{{3}}(?:{point}\d+)?"
    plain = rf"\d*{point}(?:\d{{1,2}}|\d{{4,}})|(?:0\d*|\d{{4,}})?{point}\d{{3}}|\d+{point}\d+[eE][-+]?\d+"
    return f"^(?:{grouped}|{indian}|{plain})$"


_POINT, _COMMA = _written(",", r"\."), _written(r"\.", ",")


def prices(column: pl.Series) -> tuple[pl.Series, Counter[str], Counter[str]]:
    """Prices as floats, null where missing; how many became missing, and why; how often each currency was written.

    `1,234` and `1.234` may be a thousand or a little more than one. They are read as the other prices of the column are
    written, `12.99` or `12,99`, and are missing where those show neither way or both. A negative price is missing.

    >>> prices(pl.Series(["1.234,50 €", "12,99", "1.234", "-3", "ask"]))[0].to_list()
    [1234.5, 12.99, 1234.0, None, None]
    """
    if column.dtype.is_numeric():
        value = column.cast(pl.Float64).fill_nan(None)
        return *_judged(value, value.is_not_null(), value < 0, value < float("-inf")), Counter()
    cleaned = text(column.cast(pl.String))[0]
    given = cleaned.is_not_null() & ~cleaned.str.to_lowercase().is_in(MISSING)
    parts = cleaned.str.extract_groups(_PRICE).struct.rename_fields(_PARTS).struct.unnest()
    value, unclear = _amounts(_ungrouped(parts["amount"]))
    negative = parts.select(pl.concat_str("sign", "second sign", "last sign", ignore_nulls=True).ne("")).to_series()
    return *_judged(value, given, negative, unclear), _currencies(parts)


def _judged(value: pl.Series, given: pl.Series, negative: pl.Series, unclear: pl.Series) -> tuple[pl.Series, Counter[str]]:
    negative, unclear = negative.fill_null(False), unclear.fill_null(False)
    value = value.set(value.is_infinite().fill_null(False), None)
    counts = Counter(
        {
            "price negative, so missing": int(negative.sum()),
            "price ambiguous, so missing": int((unclear & ~negative).sum()),
            "price unreadable, so missing": int((given & value.is_null() & ~negative & ~unclear).sum()),
        }
    )
    return value.set(negative, None), +counts


def _ungrouped(amount: pl.Series) -> pl.Series:
    """Numbers less the spaces and apostrophes between their thousands; other spaces stay, and make them unreadable."""
    grouped = amount.str.contains(r"^\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d{1,2})?$").fill_null(False)
    return amount.zip_with(~grouped, amount.str.replace_all("[ '’]", ""))


def _amounts(amount: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The values, null where they cannot be read; True where they could be read in two ways."""
    point, comma, unclear = (amount.str.contains(way).fill_null(False) for way in (_POINT, _COMMA, _UNCLEAR))
    if point.any() and not comma.any():
        point, unclear = point | unclear, unclear & False
    elif comma.any() and not point.any():
        comma, unclear = comma | unclear, unclear & False
    with_point = amount.str.replace_all(",", "", literal=True)
    with_comma = amount.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    readable = point | comma | amount.str.contains(_WHOLE).fill_null(False)
    chosen = with_comma.zip_with(comma, with_point)
    return chosen.set(~readable, None).cast(pl.Float64), unclear


def _currencies(parts: pl.DataFrame) -> Counter[str]:
    signs = parts.select(pl.concat_str("before", "after", ignore_nulls=True)).to_series()
    return Counter(sign for sign in signs if sign)
