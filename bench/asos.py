"""The 78 real experiments of ASOS (Liu, Cardoso, Couturier and McCoy, NeurIPS 2021; CC BY 4.0), read with both kinds of
interval.

    python bench/asos.py DATA.parquet bench/results/asos.json

DATA is `asos_digital_experiments_dataset.parquet`: for each experiment, variant, measure and moment the counts, means and
variances of control and treatment. The plan of an experiment is the number of people that it had in the end.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import polars as pl

from assortment.experiment.sample import Sample, fixed_p
from assortment.experiment.sequential import always_valid_p
from assortment.experiment.srm import srm

ALPHA = 0.05


def looks(rows: pl.DataFrame) -> list[tuple[Sample, Sample]]:
    return [
        (
            Sample(int(row["count_c"]), row["mean_c"], row["variance_c"]),
            Sample(int(row["count_t"]), row["mean_t"], row["variance_t"]),
        )
        for row in rows.sort("time_since_start").iter_rows(named=True)
    ]


def read(rows: pl.DataFrame) -> dict[str, Any]:
    """How one measure of one variant came: when each interval first left 0, and where both stood in the end."""
    pairs = looks(rows)
    planned = pairs[-1][0].n + pairs[-1][1].n
    fixed = [fixed_p(*pair) < ALPHA for pair in pairs]
    always = [always_valid_p(*pair, planned, ALPHA) < ALPHA for pair in pairs]
    gaps = [pair[1].mean - pair[0].mean for pair in pairs]
    first = next((at for at, claims in enumerate(always) if claims), None)
    return {
        "looks": len(pairs),
        "fixed at the end": fixed[-1],
        "fixed at any look": any(fixed),
        "fixed claimed and took back": any(fixed) and not fixed[-1],
        "sequence at any look": first is not None,
        "sequence and fixed at the end": first is not None and fixed[-1],
        "share of the people when the sequence claimed": None
        if first is None
        else sum(one.n for one in pairs[first]) / planned,
        "effect then over effect at the end": None if first is None or not gaps[-1] else gaps[first] / gaps[-1],
    }


def summary(data: pl.DataFrame) -> dict[str, Any]:
    known = data.drop_nulls(["variance_c", "variance_t"])
    read_ = [read(rows) for _, rows in known.group_by(["experiment_id", "variant_id", "metric_id"], maintain_order=True)]
    last = data.sort("time_since_start").group_by(["experiment_id", "variant_id"]).last()
    mismatched = sum(
        srm({"c": int(row["count_c"]), "t": int(row["count_t"])}, {"c": 1, "t": 1}).blocks for row in last.iter_rows(named=True)
    )
    counts = {name: sum(bool(one[name]) for one in read_) for name in read_[0] if isinstance(read_[0][name], bool)}
    shares = sorted(one["share of the people when the sequence claimed"] for one in read_ if one["sequence at any look"])
    ratios = sorted(r for one in read_ if (r := one["effect then over effect at the end"]) is not None)
    return {
        "experiments": data["experiment_id"].n_unique(),
        "variants": len(last),
        "variant and measure": len(read_),
        "looks": sum(one["looks"] for one in read_),
        **counts,
        "median share of the people when the sequence claimed": shares[len(shares) // 2],
        "median effect then over effect at the end": ratios[len(ratios) // 2],
        "variants whose arms differ in size beyond chance, if shares were even": mismatched,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    found = summary(pl.read_parquet(asked.data))
    asked.out.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
