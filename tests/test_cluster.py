"""The documented example for a cluster, run as it stands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT


def test_the_example_scores_every_row_of_a_folder(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("distributed")
    (tmp_path / "in").mkdir()
    for part in range(3):
        texts = [f"Kremlin menuduh Barat memicu perang untuk kali ke-{part * 40 + k}." for k in range(40)]
        frame = pandas.DataFrame({"n": range(part * 40, part * 40 + 40), "isi": texts})
        frame.to_parquet(tmp_path / "in" / f"{part}.parquet")
    example = ROOT / "stance" / "examples" / "cluster.py"
    command = [sys.executable, str(example), str(tmp_path / "in"), str(tmp_path / "out"), "isi"]
    told = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=240, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert told.returncode == 0, told.stderr
    assert "pro-moscow" in told.stdout
    found = pandas.read_parquet(tmp_path / "out")
    assert sorted(found["n"]) == list(range(120))
    assert set(found["stance_label"]) <= {"neutral", "pro-moscow", "critical-of-beijing"}
