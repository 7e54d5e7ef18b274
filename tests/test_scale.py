"""The measurement of long tables gives a row for each run."""

import csv
import sys
from pathlib import Path

import pytest

from training.labels import read_labels
from training.scale import WORDS, main, write_table


def test_the_table_has_as_many_paragraphs_as_asked_for_and_none_twice_in_a_row(tmp_path: Path) -> None:
    write_table(tmp_path / "in.csv", read_labels()[0][:40], 100)
    with (tmp_path / "in.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert len(set(texts)) == 100
    assert {len(text.split()) for text in texts} == {WORDS}


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_every_number_of_rows_is_measured_with_one_process_and_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rows", "50"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1:3] for line in lines[2:]] == [[" 50 ", " 1 "], [" 50 ", " 2 "]]
