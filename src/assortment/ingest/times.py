"""Times: numbers of unknown unit, text and dates -> milliseconds since 1970 UTC."""

import polars as pl

DAY = 86_400_000
EARLIEST = 788_918_400_000
"""1995-01-01 in milliseconds: no shop on the web is older."""

_UNITS = (("seconds", 1e11), ("milliseconds", 1e14), ("microseconds", 1e17), ("nanoseconds", float("inf")))
"""Units, and the number below which a time is of this unit: 1e11 seconds is the year 5138, 1e11 milliseconds 1973."""

_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y")
_CLOCKS = ("%H:%M:%S%.f", "%H:%M")
_FORMATS = (
    *(f"{date}{gap}{clock}" for date in _DATES for clock in _CLOCKS for gap in (" ", "T")),
    *_DATES,
    "%m %d, %Y",
    "%Y-%m-%d %H:%M:%S%.f UTC",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
)


def times(column: pl.Series) -> tuple[pl.Series, str]:
    """Milliseconds since 1970 UTC, null where unreadable; and how they were read.

    Numbers are all of one unit, the one that their median is of. Text is ISO 8601 or near it; without a zone it is UTC.
    Of `3/4/2011` the order of day and month is taken from the column; where it does not show, the time is unreadable.

    >>> times(pl.Series(["1388534400", "1388534401.5"]))[0].to_list()
    [1388534400000, 1388534401500]
    """
    if column.dtype == pl.Date or column.dtype == pl.Datetime:
        return column.cast(pl.Datetime("ms")).dt.epoch("ms"), "dates"
    if column.dtype.is_numeric():
        return _from_numbers(column)
    written = column.cast(pl.String).str.strip_chars()
    number = written.cast(pl.Int64, strict=False)
    if number.null_count() > written.null_count():
        number = written.cast(pl.Float64, strict=False)
    found, how = _from_numbers(number)
    rest = (written.is_not_null() & number.is_null()).arg_true()
    if not len(rest):
        return found, how
    return found.clone().scatter(rest, _from_text(written.gather(rest))), how if how and len(rest) < len(
        written
    ) / 2 else "dates"


def _from_numbers(column: pl.Series) -> tuple[pl.Series, str]:
    column = column.fill_nan(None) if column.dtype.is_float() else column.cast(pl.Int64)
    middle = column.abs().median()
    if not isinstance(middle, int | float):
        return pl.Series(column.name, [None] * len(column), pl.Int64), ""
    if 19_950_101 <= middle <= 21_001_231:
        return _epoch(column.cast(pl.Int64, strict=False).cast(pl.String), "%Y%m%d"), "dates"
    unit = next(position for position, (_, below) in enumerate(_UNITS) if middle < below)
    return _milliseconds(column, unit), _UNITS[unit][0]


def _milliseconds(column: pl.Series, unit: int) -> pl.Series:
    if unit <= 1:
        factor = 1000 if unit == 0 else 1
        far = column.abs() > 2**62 // 1000
        scaled = column.set(far.fill_null(False), None) * factor
        return (scaled.round() if scaled.dtype.is_float() else scaled).cast(pl.Int64, strict=False)
    return (column.cast(pl.Int64, strict=False) // 1000 ** (unit - 1)).cast(pl.Int64)


def _from_text(written: pl.Series) -> pl.Series:
    """Each format is tried on what those before it could not read, first the one that reads the first value."""
    found = pl.Series(written.name, [None] * len(written), pl.Int64)
    first = written.head(1)
    for form in sorted(_FORMATS, key=lambda form: _epoch(first, form).null_count()):
        left = found.is_null().arg_true()
        if not len(left):
            return found
        found = found.scatter(left, _epoch(written.gather(left), form))
    left = found.is_null().arg_true()
    return found.scatter(left, _with_slashes(written.gather(left))) if len(left) else found


def _with_slashes(written: pl.Series) -> pl.Series:
    """`12/31/2010 8:26` or `31/12/2010 8:26`, whichever the column shows."""
    month_first, day_first = (_first_that_reads(written, f"{date}/%Y") for date in ("%m/%d", "%d/%m"))
    only_month = (month_first.is_not_null() & day_first.is_null()).any()
    only_day = (day_first.is_not_null() & month_first.is_null()).any()
    if only_month == only_day:
        return month_first.set(month_first != day_first, None) if not only_month else month_first.clear(len(written))
    return month_first if only_month else day_first


def _first_that_reads(written: pl.Series, date: str) -> pl.Series:
    found = _epoch(written, date)
    for clock in _CLOCKS:
        found = found.zip_with(found.is_not_null(), _epoch(written, f"{date} {clock}"))
    return found


def _epoch(written: pl.Series, form: str) -> pl.Series:
    return written.str.to_datetime(form, strict=False, time_unit="ms").dt.epoch("ms")
