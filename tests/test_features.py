"""The vectorizer: the same numbers as scikit-learn's own TF-IDF, alone and in a batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from stance.features import BLOCKS, PassageVectorizer
from training.labels import previous_of, read_labels
from training.reference import Analyzer, reference

ROWS = read_labels()[0][:300]
PASSAGES = list(zip([row.text for row in ROWS], previous_of(ROWS), strict=True))
# What the features turn on, and what could break the words apart or together.
PIECES = [
    *"Rusia Moskow China AS NATO Ukraina Beijing dolar miliar kata katanya ujarnya menurut mengatakan menuduh ia dia".split(),
    *'menyebut tidak sanksi perang 2024 “ ” " , . - _ …'.split(),
    *(" ", " ", " ", "\t", "\u00a0", "\u200b", "\u00ad", "\r", "\ud800", "Ｃｈｉｎａ"),
]


def test_equals_scikit_learns_tfidf_on_the_same_features() -> None:
    vectorizer = PassageVectorizer(min_df=2)
    ours = vectorizer.fit_transform(PASSAGES)
    theirs = reference(vectorizer).transform(PASSAGES)
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() < 1e-12


def test_learns_the_features_and_weights_that_scikit_learn_learns() -> None:
    vectorizer = PassageVectorizer(min_df=2).fit(PASSAGES)
    theirs = TfidfVectorizer(analyzer=Analyzer(vectorizer), min_df=2).fit(PASSAGES)
    names = vectorizer.get_feature_names_out()
    order = np.argsort(names)
    assert list(names[order]) == list(theirs.get_feature_names_out())
    assert np.allclose(vectorizer.idf_[order], theirs.idf_, rtol=1e-12)


def test_bigrams_and_words_are_those_of_the_text() -> None:
    names = set(PassageVectorizer(min_df=1).fit(["Moskow menuduh Barat.", "Barat membantah."]).get_feature_names_out())
    assert {"stem: tuduh", "stem pair: tuduh barat", "word: menuduh", "aims at: moscow > europe"} <= names
    assert "stem pair: barat barat" not in names, "a pair reached from one text into the next"


@pytest.mark.parametrize(
    ("text", "previous", "speaker"),
    [
        ("Lavrov mengatakan Barat salah.", None, "moscow"),
        ('"Barat salah," kata Lavrov.', None, "moscow"),
        (
            '"Kami siap," katanya.',
            "Peskov menjawab wartawan. Peskov mengatakan itu benar.",
            "moscow",
        ),
        ('"Kami siap," katanya.', "Zelensky mengatakan itu benar.", "kyiv"),
        ('"Kami siap."', "Menurut Blinken itu benar.", "washington"),
        ("Harga naik 3 miliar dolar AS, katanya.", None, "somebody"),
    ],
)
def test_who_has_the_word(text: str, previous: str | None, speaker: str) -> None:
    names = PassageVectorizer(min_df=1).fit([(text, previous)]).get_feature_names_out()
    assert any(name.startswith(f"aims at: {speaker} >") for name in names)


def test_unknown_kinds_of_feature_are_named() -> None:
    with pytest.raises(ValueError, match=r"unknown feature blocks \['stems'\]"):
        PassageVectorizer(blocks=("stems",)).fit(["Moskow"])


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_stands_alone(block: str) -> None:
    assert PassageVectorizer(blocks=(block,)).fit_transform(PASSAGES[:60]).nnz > 0


FITTED = PassageVectorizer().fit(PASSAGES)
REFERENCE = reference(FITTED)
LINE = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
PASSAGE = st.tuples(LINE, st.none() | st.lists(LINE, max_size=4).map("\n".join))


@settings(max_examples=150, deadline=None)
@given(st.lists(PASSAGE, min_size=1, max_size=5))
def test_hostile_text_has_the_features_of_the_reference(passages: list[tuple[str, str | None]]) -> None:
    assert abs(FITTED.transform(passages) - REFERENCE.transform(passages)).max() < 1e-12


@settings(max_examples=60, deadline=None)
@given(st.lists(PASSAGE, max_size=5))
def test_a_batch_gives_what_its_passages_give_alone(passages: list[tuple[str, str | None]]) -> None:
    together = FITTED.transform(passages)
    assert together.shape == (len(passages), len(FITTED.keys_))
    assert np.all(np.isfinite(together.data))
    for k, passage in enumerate(passages):
        assert abs(together[k] - FITTED.transform([passage])).max() < 1e-12


def test_money_at_the_end_of_one_passage_does_not_touch_the_next() -> None:
    names = PassageVectorizer(min_df=1).fit(["Nilainya satu miliar dolar", "AS membantah."]).get_feature_names_out()
    assert "actors: washington" in names


def test_more_passages_than_are_read_at_a_time() -> None:
    many = [PASSAGES[k % 7] for k in range(2500)]
    matrix = FITTED.transform(many)
    assert matrix.shape[0] == 2500
    assert abs(matrix[2499] - FITTED.transform([many[2499]])).max() < 1e-12
