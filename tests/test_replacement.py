"""Retraining: what is told of the new model beside the one it replaces, and when it is not shipped."""

import csv
import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from stance.model import SHIPPED, Model, shipped_model
from training import train
from training.labels import read_labels
from training.replacement import SHOWN, compare_models, report, unseen_sets, worse, write_flips

ROWS = read_labels()[0]
NOWHERE = Path("nowhere")


def blunted(task: str) -> Model:
    """The shipped model, but it calls nearly every paragraph by the first label of `task`."""
    model = shipped_model()
    head = model.heads[task]
    intercept = head.intercept.copy()
    intercept[0] += 4
    return replace(model, heads={**model.heads, task: replace(head, intercept=intercept)})


@pytest.fixture
def ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped model, which training.train takes for the shipped one; training gives a blunted model."""
    path = tmp_path / "model" / "stance.zip"
    path.parent.mkdir()
    shutil.copy(SHIPPED, path)
    monkeypatch.setattr(train, "SHIPPED", path)
    monkeypatch.setattr(train, "_SHIPPED_PY", tmp_path / "shipped.py")
    monkeypatch.setattr(train, "unseen_sets", lambda rows: unseen_sets(rows, NOWHERE))
    monkeypatch.setattr(train, "fit", lambda rows, sources: blunted("stance"))
    return path


def test_a_worse_model_is_told_and_not_shipped(ship: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, flips = ship.read_bytes(), tmp_path / "flips.csv"
    assert train.main(["--ship", "--flips", str(flips)]) == 3
    out, err = capsys.readouterr()
    assert "stance on the test split (" in out
    assert "): worse" in out
    assert "sentiment on the test split (" in out
    assert "): no detectable difference" in out
    assert "--flips FILE writes all" in out
    assert len(err.splitlines()) == 1
    assert "not shipped, detectably worse: stance on the test split; --ship --even-if-worse ships it" in err
    assert ship.read_bytes() == before
    rows = list(csv.DictReader(flips.open(encoding="utf-8", newline="")))
    assert len(rows) > SHOWN
    assert {row["new"] for row in rows} == {"neutral"}
    assert all((row["outcome"] == "won") == (row["label"] == "neutral") for row in rows)


def test_a_worse_model_is_shipped_when_told_so(ship: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = ship.read_bytes()
    assert train.main(["--ship", "--even-if-worse"]) == 0
    assert ship.read_bytes() != before
    assert hashlib.sha256(ship.read_bytes()).hexdigest() in (tmp_path / "shipped.py").read_text(encoding="utf-8")
    assert "): worse" in capsys.readouterr().out


def test_a_model_that_is_not_worse_is_shipped(ship: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blunt = tmp_path / "blunt.zip"
    blunted("stance").save(blunt)
    monkeypatch.setattr(train, "fit", lambda rows, sources: shipped_model())
    assert train.main(["--ship", "--against", str(blunt)]) == 0
    assert (tmp_path / "shipped.py").exists()


def test_a_shipped_model_that_cannot_be_read_does_not_stand_in_the_way(ship: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ship.write_bytes(b"PK\x03\x04 of another day")
    assert train.main(["--ship"]) == 0
    assert "nothing is compared, since the shipped model cannot be read" in capsys.readouterr().out
    assert Model.load(ship).sha256 == hashlib.sha256(ship.read_bytes()).hexdigest()


def test_a_model_named_for_comparison_must_be_there(
    ship: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "fit", lambda rows, sources: pytest.fail("trained before looking"))
    assert train.main(["--ship", "--against", "none.zip"]) == 2
    assert "there is no model file none.zip" in capsys.readouterr().err


def test_a_model_beside_itself_shows_nothing() -> None:
    (held,) = unseen_sets(ROWS, NOWHERE)
    results = compare_models(shipped_model(), shipped_model(), [held])
    assert worse(results) == []
    shown = "\n".join(report(results, "replaced"))
    assert shown.count("no detectable difference") == 2
    assert shown.count(f"; 0 of {len(held.texts)} paragraphs labelled otherwise") == 2


def test_flips_fit_a_line_each_and_those_newly_wrong_come_first(tmp_path: Path) -> None:
    results = compare_models(shipped_model(), blunted("sentiment"), unseen_sets(ROWS, NOWHERE))
    shown = report(results, "replaced")
    outcomes = [line.split()[0] for line in shown if " > " in line]
    assert outcomes == ["lost"] * SHOWN
    assert max(len(line) for line in shown if " > " in line) <= 120
    write_flips(results, tmp_path / "flips.csv")
    with (tmp_path / "flips.csv").open(encoding="utf-8", newline="") as file:
        texts = {row["text"] for row in csv.DictReader(file)}
    assert texts <= {row.text for row in ROWS if row.split == "test"}


def test_real_text_is_one_more_set_where_it_lies(real: Path) -> None:
    test, together = unseen_sets(ROWS, real)
    assert (test.name, together.name) == ("the test split", "real text")
    assert set(together.truth) == {"stance", "sentiment"}
    assert unseen_sets([row for row in ROWS if row.split == "train"], NOWHERE) == []
