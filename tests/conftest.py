"""What all tests share: where the shared data is, and how Hypothesis runs."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent

settings.register_profile("gate", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("gate")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that is not in the repository."""
    folder = Path(os.environ.get("ASSORTMENT_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data in {folder}; set ASSORTMENT_DATA to the folder of the shared data sets")
    return folder
