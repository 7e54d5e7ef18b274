"""Which position does each paragraph of an Indonesian news page report: Moscow's, against Beijing, or neither?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.article import Article, Evidence, Paragraph, Prediction, predict, score_page
    from stance.model import Model

__all__ = ["Article", "Evidence", "Model", "Paragraph", "Prediction", "__version__", "predict", "score_page"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import on first use (PEP 562): `stance --help` answers without scikit-learn."""
    if name not in __all__:
        raise AttributeError(f"module 'stance' has no attribute {name!r}")
    return getattr(import_module("stance.model" if name == "Model" else "stance.article"), name)
