"""The vectorizer among scikit-learn's transformers."""

import copy
import subprocess
import sys

from conftest import ROOT
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from stance.features import ACTOR_WEIGHT
from stance.model import shipped_model
from stance.transformer import PassageTransformer
from training.labels import previous_of, read_labels

ROWS = read_labels()[0][:300]
PASSAGES = list(zip([row.text for row in ROWS], previous_of(ROWS), strict=True))


def test_keeps_scikit_learns_manners() -> None:
    transformer = PassageTransformer(min_df=3, blocks=("stem", "actors"))
    assert transformer.get_params() == {"min_df": 3, "blocks": ("stem", "actors"), "actor_weight": ACTOR_WEIGHT}
    assert clone(transformer).get_params() == transformer.get_params()
    pipeline = Pipeline([("features", PassageTransformer()), ("regression", LogisticRegression())])
    search = GridSearchCV(pipeline, {"features__min_df": [1, 2]}, cv=2)
    search.fit([text for text, _ in PASSAGES], [row.stance for row in ROWS])
    assert search.predict(["Moskow menuduh Barat."]).shape == (1,)


def test_made_of_a_fitted_one_it_gives_the_same() -> None:
    vectorizer = shipped_model().vectorizer
    transformer = copy.deepcopy(PassageTransformer.of(vectorizer))
    assert (transformer.transform(PASSAGES[:50]) != vectorizer.transform(PASSAGES[:50])).nnz == 0


def test_a_page_is_scored_without_importing_scikit_learn() -> None:
    told = "import sys, stance; stance.predict('Moskow menuduh Barat.'); print('sklearn' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
