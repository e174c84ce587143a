"""The command line. Thin: read the words, call once, print."""

from assortment.cli import (
    commands,
    compress,
    experiment,
    finetune,
    keys,
    longrun,
    ope,
    people,
    releases,
    serving,
    tuning,
    understand,
)
from assortment.cli.app import app, main

__all__ = [
    "app",
    "commands",
    "compress",
    "experiment",
    "finetune",
    "keys",
    "longrun",
    "main",
    "ope",
    "people",
    "releases",
    "serving",
    "tuning",
    "understand",
]
