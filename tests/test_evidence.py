"""Evidence: weights that add up, and the words that weigh most."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.evidence import Explanation, explain
from stance.features import PassageVectorizer
from stance.head import LABELS, Head
from stance.model import shipped_model

BEFORE = "Peskov mengatakan itu benar."
PASSAGES = [
    ("Moskow menuduh Barat memicu perang, dan Moskow menuduh Kyiv.", BEFORE),
    ("", None),
    ('"Kami siap," katanya.', BEFORE),
    ("Washington menuduh China memasok chip ke Rusia.", None),
]


@pytest.mark.parametrize("task", ["stance", "sentiment"])
def test_weights_add_up_to_the_score(task: str) -> None:
    model = shipped_model()
    logits = model.heads[task].decision(model.vectorizer.transform(PASSAGES))
    for label in (None, *LABELS[task]):
        told = model.explain(PASSAGES, task, label)
        for k in range(len(PASSAGES)):
            total = told.words[told.row == k].sum() + told.outside[k] + told.base[k]
            assert total == pytest.approx(logits[k, told.label[k]] - logits[k].mean())


def test_features_without_words_weigh_outside_of_them() -> None:
    vectorizer = PassageVectorizer(min_df=1, blocks=("before",)).fit(PASSAGES)
    coef = np.random.default_rng(0).normal(size=(3, len(vectorizer.keys_)))
    heads = {"stance": Head(LABELS["stance"], coef, np.zeros(3), 1.0, 0.5)}
    told = explain(vectorizer, heads, vectorizer.read(PASSAGES))
    assert not told.words.any()
    assert told.outside.all()


@settings(max_examples=100)
@given(st.lists(st.lists(st.integers(-40, 40), max_size=12), min_size=1, max_size=6), st.integers(1, 5))
def test_the_strongest_words_come_first_and_the_earlier_of_equals(weights: list[list[int]], count: int) -> None:
    row = np.repeat(np.arange(len(weights)), [len(words) for words in weights])
    words = np.array([weight / 8 for passage in weights for weight in passage])
    nothing = np.zeros(len(weights))
    told = Explanation({}, np.zeros(len(weights), dtype=np.int64), words, row, nothing, nothing)
    expected = [
        number
        for k in range(len(weights))
        for number in sorted(np.flatnonzero((row == k) & (words != 0)), key=lambda at: (-abs(words[at]), at))[:count]
    ]
    assert told.strongest(count).tolist() == expected
