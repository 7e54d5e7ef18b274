"""Shared by the tests: where things are, and the real texts when they lie beside the checkout."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "real"
EXAMPLE = ROOT / "stance" / "examples" / "halaman.txt"


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip(f"{REAL} is not there: the checks on real text are left out")
    return REAL
