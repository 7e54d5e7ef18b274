"""The gate and the card: the repository passes, and what would pass unseen does not."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from stance.model import SHIPPED
from training.card import CARD, card
from training.evaluate import main
from training.gate import EVALUATION_JSON, MARGINS, Gate, Regression
from training.labels import read_labels
from training.measurement import HeldOut, class_balance, together

RECORD: dict[str, Any] = json.loads(EVALUATION_JSON.read_text(encoding="utf-8"))
NOWHERE = Path("nowhere")


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate over copies, without real text."""
    for path in (EVALUATION_JSON, CARD, ROOT / "labels.csv"):
        shutil.copy(path, tmp_path / path.name)
    return Gate(tmp_path / "labels.csv", SHIPPED, NOWHERE, None, tmp_path / "evaluation.json", tmp_path / "CARD.md")


def with_bound(gate: Gate, score: str, bound: float, split: str = "test") -> None:
    record = json.loads(gate.evaluation.read_text(encoding="utf-8"))
    record["bounds"][split][score] = bound
    gate.evaluation.write_text(json.dumps(record), encoding="utf-8")


def test_the_repository_as_it_is_passes(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--check"])
    assert capsys.readouterr().out == "every score of the shipped model is within its bound\n"
    assert code == 0


def test_a_score_beyond_its_bound_is_named_with_what_was_measured(gate: Gate) -> None:
    with_bound(gate, "stance macro-F1", 0.999)
    with_bound(gate, "false alarms", 0.001)
    floor, ceiling = gate.check()
    assert floor == f"test: stance macro-F1 is {RECORD['scores']['test']['stance']['macro_f1']:.4f}, under the floor 0.999"
    assert ceiling.startswith("test: false alarms is 0.")
    assert ceiling.endswith(", over the ceiling 0.001")


def test_real_text_is_held_where_it_lies(gate: Gate, real: Path) -> None:
    with_bound(gate, "stance macro-F1", 0.999, "reworded")
    assert gate.check() == []
    (fault,) = Gate(gate.labels, gate.model, real, None, gate.evaluation, gate.card).check()
    assert fault.startswith("reworded: stance macro-F1 is 0.")


def test_changed_labels_need_a_new_measurement(gate: Gate) -> None:
    kept = gate.labels.read_text(encoding="utf-8").replace("\n", "\r\n", 1)
    gate.labels.write_bytes(kept.encode("utf-8"))
    (fault,) = gate.check()
    assert fault.startswith("labels.csv is not the one that was measured")
    assert "--update" in fault
    assert gate.update() == []
    assert gate.check() == []


def test_a_bound_is_lowered_only_when_told_so(gate: Gate) -> None:
    with_bound(gate, "stance macro-F1", 0.999)
    before = gate.evaluation.read_bytes()
    with pytest.raises(Regression, match=r"stance macro-F1 is 0\.\d+, beyond its bound 0\.999.*--allow-regression"):
        gate.update()
    assert gate.evaluation.read_bytes() == before
    (told,) = gate.update(allow_regression=True)
    assert "beyond its bound 0.999" in told
    assert gate.check() == []


def test_a_bound_that_holds_stays_or_tightens(gate: Gate) -> None:
    score = RECORD["scores"]["test"]["stance"]["macro_f1"]
    tight = round(score - 0.002, 4)
    with_bound(gate, "stance macro-F1", tight)
    with_bound(gate, "sentiment macro-F1", 0.1)
    gate.update()
    bounds = json.loads(gate.evaluation.read_text(encoding="utf-8"))["bounds"]["test"]
    assert bounds["stance macro-F1"] == tight
    assert bounds["sentiment macro-F1"] > 0.1


def test_scores_of_absent_real_text_go_with_the_model_they_are_of(gate: Gate) -> None:
    record = {**RECORD, "scores": {**RECORD["scores"], "pages": RECORD["scores"]["test"]}}
    record["bounds"] = {**RECORD["bounds"], "pages": {"false alarms": 0.5}}
    gate.evaluation.write_text(json.dumps(record), encoding="utf-8")
    gate.update()
    assert "real pages as scraped" in gate.card.read_text(encoding="utf-8")
    record["model"] = {**record["model"], "sha256": "0" * 64}
    gate.evaluation.write_text(json.dumps(record), encoding="utf-8")
    assert any(line.startswith("pages: not at hand") for line in gate.update())
    assert "real pages as scraped" not in gate.card.read_text(encoding="utf-8")
    assert "none stands below" in gate.card.read_text(encoding="utf-8")


def test_a_record_that_is_missing_or_broken_is_one_sentence(gate: Gate) -> None:
    gate.evaluation.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"is no record of an evaluation; delete it and run: .* --update"):
        gate.check()
    gate.evaluation.unlink()
    with pytest.raises(FileNotFoundError, match="--update"):
        gate.check()
    assert gate.update() == []
    assert gate.check() == []


def test_every_margin_has_its_reason() -> None:
    assert {name: told["margin"] for name, told in RECORD["margins"].items()} == {n: m for n, (m, _) in MARGINS.items()}
    assert all(told["reason"] for told in RECORD["margins"].values())


def test_the_gate_is_for_the_shipped_model_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--model", "my.zip"]) == 2
    assert "leave --model out" in capsys.readouterr().err


def test_the_card_is_of_the_shipped_model_and_its_labels() -> None:
    text = CARD.read_text(encoding="utf-8")
    assert text == card(RECORD), "run: python -m training.evaluate --update"
    for path in (SHIPPED, ROOT / "labels.csv"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in text
    assert class_balance(read_labels()[0]) == RECORD["labels"]["splits"]


def test_the_card_says_where_keyword_rules_do_better() -> None:
    scores = json.loads(json.dumps(RECORD["scores"]))
    scores["test"]["stance"]["keyword_macro_f1"] = 0.99
    assert "as high or higher here: stance on test split (" in card({**RECORD, "scores": scores})


def test_sets_put_together_keep_their_articles_apart() -> None:
    both = {"stance": ["neutral"], "sentiment": ["neutral"]}
    one = HeldOut("one", ["a"], ["Peskov menjawab singkat."], [None], both)
    other = HeldOut("other", ["a"], ["Beijing belum menjawab."], [None], {"stance": ["neutral"]})
    joined = together("all", [one, other])
    assert joined.articles == ["one:a", "other:a"]
    assert joined.truth == {"stance": ["neutral", "neutral"]}
