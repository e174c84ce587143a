"""The page: facts to one HTML file that needs nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.report.compressed import smaller
from assortment.report.facts import ReportFacts
from assortment.report.goods import goods
from assortment.report.judged import judged
from assortment.report.log import log
from assortment.report.longrun import long_run
from assortment.report.measures import meaning
from assortment.report.newcomers import newcomers
from assortment.report.people import sketches
from assortment.report.segments import groups
from assortment.report.tuned import tuning
from assortment.report.turned import turning
from assortment.report.words import day


@dataclass(frozen=True)
class Account:
    """What became of one file: its name, its form, its counts (a share of the rows read where it is one), its remarks."""

    file: str
    form: str
    counts: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


def write_report(file: Path, facts: ReportFacts) -> None:
    """Write the report; folders that are missing are made. Raises `BadInput` where the file cannot be written."""
    page = render(facts).encode("utf-8", "xmlcharrefreplace")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page)
    except OSError as error:
        raise BadInput(f"the report cannot be written to {file}: {error.strerror}") from error


def render(facts: ReportFacts) -> str:
    """The report as HTML."""
    judgement = facts.judgement
    catalog = facts.dataset.catalog
    return (
        templates()
        .get_template("report.html")
        .render(
            facts=facts,
            made=day(facts.time),
            sizes=_sizes(facts.dataset),
            cut=_span(facts.dataset),
            accounts=_accounts(facts.ingested or {}),
            judgement=judgement,
            judged=judged(judgement) if judgement and judgement.systems else None,
            newcomers=newcomers(judgement) if judgement and judgement.systems else None,
            tuning=tuning(facts.tuned) if facts.tuned else None,
            turning=turning(facts.turned) if facts.turned else None,
            smaller=smaller(facts.compressed) if facts.compressed else None,
            long_run=long_run(facts.simulated, facts.learned),
            goods=goods(catalog),
            log=log(facts.dataset),
            groups=groups(facts.segments) if facts.segments else None,
            sketches=sketches(facts.customers, catalog, facts.currency, facts.diversity),
        )
    )


def _sizes(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    events = dataset.events
    sizes = [(f"{len(dataset.catalog):,}", "goods"), (f"{len(events.people):,}", "people"), (f"{len(events):,}", "events")]
    if len(events):
        days = (int(events.time[-1]) - int(events.time[0])) // 86_400_000 + 1
        sizes.append((f"{days:,}", "days" if days > 1 else "day"))
    return tuple(sizes)


def _span(dataset: Dataset) -> str:
    events = dataset.events
    return f"{day(int(events.time[0]))} to {day(int(events.time[-1]))}" if len(events) else "nothing happened yet"


def _accounts(ingested: Mapping[str, Any]) -> tuple[Account, ...]:
    return tuple(_account(part, ingested[part]) for part in ("catalog", "events") if part in ingested)


def _account(part: str, told: Mapping[str, Any]) -> Account:
    """One file's counts, as the ingest told them; only the file's name is kept of its path."""
    counts = [("rows read", told["read"]), ("rows kept", told["kept"])]
    counts += [(f"rejected: {reason}", count) for reason, count in told["rejected"].items()]
    counts += [(f"cleaned: {what}", count) for what, count in told["cleaned"].items()]
    unread = [f"not read: {', '.join(told['unread'])}"] if told["unread"] else []
    name = Path(told["file"].replace("\\", "/")).name
    return Account(
        f"{'Goods' if part == 'catalog' else 'Events'}: {name}", told["format"], tuple(counts), (*told["notes"], *unread)
    )


@cache
def templates() -> Environment:
    """The pages' templates."""
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["meaning"] = meaning
    return environment
