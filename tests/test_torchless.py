"""A shop without torch fits, serves and reads settings: nothing of the default plan loads it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

PROGRAM = """
import sys
import numpy as np
from assortment.config import parse
from assortment.core.request import Request
from assortment.parts import default_plan
from tests import world
parse({"stage": [{"use": "sequential", "diverse": {"use": "cap", "column": "brand"}}, {"use": "neural"}]})
dataset = world.dataset()
pipeline = default_plan(encoder="hash:64").fit(dataset, np.random.default_rng(0))
profile = dataset.profiles()["tea0"]
print(len(pipeline([Request("tea0", dataset.now, profile, k=4)])[0]), [name for name in sys.modules if name == "torch"])
"""


def test_the_default_plan_is_fitted_and_asked_without_torch():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.strip() == "4 []", done.stderr
