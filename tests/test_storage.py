"""The model file under attack: two thousand damaged and hostile ones, opened in a process with little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

MEGABYTES = 300


def test_every_damaged_file_is_refused_in_one_sentence_or_scores_the_same() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("what memory a process takes is read from /proc, which is not there")
    command = [sys.executable, "tests/mutants.py", str(MEGABYTES)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    lost = {kind: outcomes for kind, outcomes in told["kinds"].items() if not outcomes.keys() <= {"refused", "same"}}
    assert not lost
    assert sum(sum(outcomes.values()) for outcomes in told["kinds"].values()) >= 1000
    harmless = {
        "one bit flipped",
        "a byte of the directory changed",
        "a foreign name",
        "absurd numbers",
        "an odd value in the JSON",
    }
    assert {kind for kind, outcomes in told["kinds"].items() if outcomes.get("same")} <= harmless
    assert told["megabytes"] < MEGABYTES
