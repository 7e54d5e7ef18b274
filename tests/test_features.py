"""The vectorizer: scikit-learn's manners, and the same numbers as scikit-learn's own TF-IDF."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline

from stance.features import ACTOR_WEIGHT, BLOCKS, PassageVectorizer
from training.labels import previous_of, read_labels

ROWS = read_labels()[0][:300]
PASSAGES = list(zip([row.text for row in ROWS], previous_of(ROWS), strict=True))


def test_equals_scikit_learns_tfidf_on_the_same_features() -> None:
    vectorizer = PassageVectorizer(min_df=2)
    ours = vectorizer.fit_transform(PASSAGES)
    found = vectorizer.occurrences(PASSAGES)
    documents: list[list[str]] = [[] for _ in PASSAGES]
    for row, key in zip(found.row, found.key, strict=True):
        documents[row].append(f"{key:020d}")
    actors = f"{BLOCKS.index('actors') + 1 << 48:020d}"  # keys sort by kind

    def part(chosen: Callable[[str], bool]) -> TfidfVectorizer:
        return TfidfVectorizer(analyzer=lambda keys: [key for key in keys if chosen(key)], sublinear_tf=True, min_df=2)

    union = FeatureUnion(
        [("words", part(lambda key: key < actors)), ("actors", part(lambda key: key >= actors))],
        transformer_weights={"words": 1.0, "actors": ACTOR_WEIGHT},
    )
    theirs = union.fit_transform(documents)
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() < 1e-12


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


def test_keeps_scikit_learns_manners() -> None:
    vectorizer = PassageVectorizer(min_df=3, blocks=("stem", "actors"))
    assert vectorizer.get_params() == {"min_df": 3, "blocks": ("stem", "actors"), "actor_weight": ACTOR_WEIGHT}
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    pipeline = Pipeline([("features", PassageVectorizer()), ("regression", LogisticRegression())])
    search = GridSearchCV(pipeline, {"features__min_df": [1, 2]}, cv=2)
    search.fit([text for text, _ in PASSAGES], [row.stance for row in ROWS])
    assert search.predict(["Moskow menuduh Barat."]).shape == (1,)
    with pytest.raises(ValueError, match="unknown feature blocks"):
        PassageVectorizer(blocks=("stems",)).fit(["Moskow"])


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_stands_alone(block: str) -> None:
    assert PassageVectorizer(blocks=(block,)).fit_transform(PASSAGES[:60]).nnz > 0


FITTED = PassageVectorizer().fit(PASSAGES)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.text(max_size=80), st.none() | st.text(max_size=80)), max_size=5))
def test_a_batch_gives_what_its_passages_give_alone(passages: list[tuple[str, str | None]]) -> None:
    together = FITTED.transform(passages)
    assert np.all(np.isfinite(together.data))
    for k, passage in enumerate(passages):
        assert abs(together[k] - FITTED.transform([passage])).max() < 1e-12
