"""What a maintainer runs: labels checked, models retrained and exported, real text read."""

import csv
from pathlib import Path

import numpy as np
import pytest
from conftest import REAL, ROOT

from stance.model import Model, shipped_model
from training.agreement import alpha, kappa, read_annotations
from training.corpus import check_corpus
from training.labels import Row, check, previous_of, read_labels
from training.labels import main as labels_main
from training.scores import calibration_error, f1, interval, macro_f1, per_article
from training.train import main as train_main

ROWS = read_labels()[0]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_projects_labels_have_no_fault() -> None:
    rows, problems = read_labels()
    assert problems + check(rows) == []


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("Moskow bicara,pro-kremlin,neutral,a,1,train", "row 2: stance is 'pro-kremlin'"),
        (",neutral,neutral,a,1,train", "row 2: empty text"),
        ("Satu,neutral,neutral,a,1,train\nDua,neutral,neutral,a,2,test", "rows 2, 3: the article a is in two splits"),
        (
            "Satu itu,neutral,neutral,a,1,train\nSatu itu.,pro-moscow,neutral,b,1,train",
            "rows 2, 3: the same text with different labels",
        ),
        ("Satu itu,neutral,neutral,a,1,train\nsatu itu,neutral,neutral,b,1,train", "rows 2, 3: the same text"),
        ("Satu,neutral,neutral,a,x,train", "row 2: n is 'x'"),
        ("Satu,neutral,neutral,a,1,train,lebih", "row 2: more cells"),
        ("Satu,neutral,neutral,a,1,train\nDua,neutral,neutral,a,1,train", "two paragraphs with one number"),
    ],
)
def test_bad_rows_are_named(rows: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "l.csv", "text,stance,sentiment,article,n,split\n" + rows + "\n")
    assert labels_main(["--labels", str(path)]) == 1
    assert sentence in capsys.readouterr().out


def test_a_missing_column_lists_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "l.csv", "teks,stance\na,neutral\n")
    assert labels_main(["--labels", str(path)]) == 2
    assert "no column text, sentiment; its columns, read as separated by commas, are teks, stance" in capsys.readouterr().err


def test_the_corpus_is_varied_and_no_name_gives_a_label_away() -> None:
    assert check_corpus(ROWS, REAL) == []


def test_repetition_and_giveaways_are_named() -> None:
    text = "Juru bicara Kremlin Dmitry Peskov mengatakan jadwal kunjungan presiden ke Beijing belum ditetapkan kedua pihak."
    same = ("2024-01", "on", "wire", text, "pro-moscow", "neutral", "train")
    rows = [Row(n, f"q-{n}", f"q-a{n}", 1, *same) for n in range(2, 42)]
    told = " ".join(check_corpus(rows, Path("nowhere")))
    assert "rows 2, 3: nearly the same text" in told
    assert "40 of 40 paragraphs share a 10-word run" in told
    assert "one skeleton" in told
    assert "'peskov' gives the label away: 100% of its 40 paragraphs are pro-moscow" in told
    assert "the war without China: 0 of 40 articles" in told


def test_every_test_paragraph_has_a_second_reading() -> None:
    notes = read_annotations()
    assert all("second" in notes[row.id] for row in ROWS if row.split == "test")
    settled = [
        row for row in ROWS if notes[row.id].get("second", {}).get("stance", row.stance) != notes[row.id]["first"]["stance"]
    ]
    assert all("third" in notes[row.id] for row in settled)


def test_what_stood_before_stays_inside_the_article() -> None:
    previous = previous_of(ROWS)
    for row, before in zip(ROWS, previous, strict=True):
        assert (before is None) == (row.n == 1)
        assert before is None or len(before.split("\n")) <= 3


def test_own_labels_train_a_model_in_one_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ROWS[:500]
    with (tmp_path / "own.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "stance", "sentiment"])
        writer.writerows([row.text, row.stance, row.sentiment] for row in rows)
    output, exported = tmp_path / "own.zip", tmp_path / "own.joblib"
    code = train_main(["--labels", str(tmp_path / "own.csv"), "--output", str(output), "--export-joblib", str(exported)])
    told = capsys.readouterr().out
    assert code == 0
    assert "sha256" in told
    assert "these labels have no test split" in told
    assert "on the test split (" not in told
    model = Model.load(output)
    assert model.manifest["labels"]["rows"] == 500
    import joblib

    pipelines = joblib.load(exported)
    texts = [row.text for row in rows[:20]]
    for task, scores in model.score(texts).items():
        order = [list(pipelines[task].classes_).index(label) for label in model.heads[task].labels]
        assert np.allclose(pipelines[task].predict_proba(texts)[:, order], scores)


def test_labels_that_cannot_be_used_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "l.csv", "text,stance,sentiment\nMoskow bicara,pro-kremlin,neutral\n")
    assert train_main(["--labels", str(path), "--output", str(tmp_path / "m.zip")]) == 2
    assert "row 2: stance is 'pro-kremlin'" in capsys.readouterr().err
    assert not (tmp_path / "m.zip").exists()


def test_the_shipped_model_was_made_from_these_labels() -> None:
    import hashlib

    told = shipped_model().manifest["labels"]
    assert told["sha256"] == hashlib.sha256((ROOT / "labels.csv").read_bytes()).hexdigest()
    assert told["rows"] == sum(row.split == "train" for row in ROWS)


def test_agreement_and_scores_against_worked_examples() -> None:
    table = np.array([[20.0, 5.0], [10.0, 15.0]])
    assert kappa(table) == pytest.approx(0.4)
    assert alpha(np.array([[5.0, 0.0], [0.0, 5.0]])) == 1
    assert alpha(table) == pytest.approx(1 - (99 * 15 * 2 / (2 * 55 * 45)) / 1, abs=0.01)
    tables = per_article(["a", "a", "b", "b"], ["a", "b", "b", "b"], ["x", "x", "y", "y"], ["a", "b"])
    assert f1(tables.sum(0)) == pytest.approx([2 / 3, 0.8])
    assert macro_f1(tables.sum(0)) == pytest.approx((2 / 3 + 0.8) / 2)
    low, high = interval(tables)
    assert 0 <= low <= high <= 1
    assert calibration_error(np.array([0.9] * 10), np.array([True] * 9 + [False])) == pytest.approx(0.08 + 0.0, abs=0.2)


def test_real_text_joins_its_labels(real: Path) -> None:
    from training.real import real_sets

    sets = {real_set.name: real_set for real_set in real_sets(real)}
    assert len(sets["pages"].texts) == 20
    assert all(sets["pages"].texts)
    assert len(sets["reworded"].texts) == 111
    assert len(sets["offtopic"].texts) == 400
