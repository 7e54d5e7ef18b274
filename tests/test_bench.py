"""The measuring of speed: every row is there, and both sides do the work that they are measured on; never how fast."""

from itertools import islice
from pathlib import Path

import pytest

from stance.article import predict
from stance.model import shipped_model
from training.bench import _without_evidence, main
from training.labels import read_labels
from training.scale import WORDS, paragraphs
from training.stopwatch import Job, Timing, race, told

ROWS = read_labels()[0]


def test_every_row_is_printed_and_what_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--paragraphs", "200", "--rounds", "1"]) == 0
    out = capsys.readouterr().out
    speeds, starts = (part.splitlines() for part in out.split("| to begin with"))
    assert "200 paragraphs of 60 words, the fastest of 1 rounds" in out
    assert "The 2016 Sastrawi is left out; name a folder that holds it with --old-sastrawi DIR." in out
    aims = [line.split("|")[-2].strip() for line in speeds if line.startswith("| ") and "ours; theirs" not in line]
    assert aims == ["3", "3", "3", "–", "1", "0.25", "0.67", "–", "–"]
    for line in speeds:
        if line.startswith(("| TF-IDF", "| both", "| `predict`")):
            assert all(float(cell.replace(",", "")) > 0 for cell in line.split("|")[2:6])
    for command in ("`stance --help`", "`stance score` on one page", "import sklearn.linear_model", "`Model.load`"):
        assert sum(command in line for line in starts) == 1


def test_a_folder_without_the_old_sastrawi_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--old-sastrawi", str(tmp_path)]) == 2
    assert f"pip install --target {tmp_path} Sastrawi==1.0.1" in capsys.readouterr().err


def test_paragraphs_are_distinct_of_one_length_and_always_the_same() -> None:
    texts = list(islice(paragraphs(ROWS), 12_000))
    assert all(len(text.split()) == WORDS for text in texts)
    assert len(set(texts)) > 11_500
    assert texts[:100] == list(islice(paragraphs(ROWS), 100))


def test_predictions_without_evidence_are_otherwise_those_of_predict() -> None:
    texts = [row.text for row in ROWS[:50]]
    for bare, whole in zip(_without_evidence(texts, shipped_model()), predict(texts), strict=True):
        assert whole.evidence
        assert {**vars(bare), "evidence": whole.evidence} == vars(whole)


def test_jobs_take_turns_and_the_fastest_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    turns: list[str] = []

    def job(name: str, *seconds: float) -> Job:
        waits = iter(seconds)

        def run() -> None:
            nonlocal now
            now += next(waits)
            turns.append(name)

        return run

    monkeypatch.setattr("time.perf_counter", lambda: now)
    making = job("making", 9, 9, 9)
    times = race({"slow": job("slow", 3, 1, 2)}, 3, {"fresh": lambda: making() or job("fresh", 5)})
    assert turns == ["slow", "making", "fresh"] * 3
    assert (times["slow"].wall, times["fresh"].wall) == (1, 5)
    assert told(["echo", "1.5 0.5"], 2) == Timing(1.5, 0.5)
