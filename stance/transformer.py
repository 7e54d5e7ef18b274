"""The vectorizer as scikit-learn has its transformers: for pipelines and searches.

Apart from `features`, since importing scikit-learn takes longer than reading the model and scoring a page.
"""

from __future__ import annotations

from sklearn.base import BaseEstimator, TransformerMixin

from stance.features import PassageVectorizer

__all__ = ["PassageTransformer"]


class PassageTransformer(PassageVectorizer, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A `PassageVectorizer` with scikit-learn's `get_params`, `set_params`, `clone` and tags."""

    @classmethod
    def of(cls, vectorizer: PassageVectorizer) -> PassageTransformer:
        """The same, fitted as `vectorizer` is."""
        transformer = cls(vectorizer.min_df, vectorizer.blocks, vectorizer.actor_weight)
        transformer.__dict__.update(vectorizer.__getstate__())
        return transformer
