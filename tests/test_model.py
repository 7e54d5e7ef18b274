"""The model and its file: fitted the same twice, saved and loaded the same, refused when damaged."""

import hashlib
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import stance.storage as storage
from stance.model import SHIPPED, Model, shipped_model
from training.labels import previous_of, read_labels

ROWS = [row for row in read_labels()[0] if row.split == "train"][:700]
TEXTS = [
    "Moskow menuduh Barat memicu perang.",
    "",
    '"Kami siap," katanya.',
    "Washington menuduh China memasok chip ke Rusia.",
]


def fitted() -> Model:
    columns = [row.text for row in ROWS], [row.stance for row in ROWS], [row.sentiment for row in ROWS]
    return Model.fit(*columns, previous=previous_of(ROWS), articles=[row.article for row in ROWS])


@pytest.fixture(scope="module")
def model() -> Model:
    return fitted()


def test_scores_are_probabilities_and_the_plain_cases_come_out_right() -> None:
    scores = shipped_model().score(TEXTS)
    for task in ("stance", "sentiment"):
        assert scores[task].shape == (4, 3)
        assert np.allclose(scores[task].sum(axis=1), 1)
    assert scores["stance"][0].argmax() == 1
    assert scores["stance"][3].argmax() == 2


def test_the_same_labels_give_the_same_bytes(model: Model, tmp_path: Path) -> None:
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    assert model.save(first) == fitted().save(second)
    assert first.read_bytes() == second.read_bytes()


def test_a_loaded_model_scores_as_the_saved_one(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m.zip")
    loaded = Model.load(tmp_path / "m.zip")
    for task, scores in model.score(TEXTS).items():
        assert np.array_equal(scores, loaded.score(TEXTS)[task])


def test_labels_that_cannot_be_learnt_are_named() -> None:
    with pytest.raises(ValueError, match="pro-kremlin"):
        Model.fit(["a"], ["pro-kremlin"], ["neutral"])
    with pytest.raises(ValueError, match="learning it and calibrating takes 5 or more"):
        Model.fit(["a b c"] * 3, ["neutral", "pro-moscow", "critical-of-beijing"], ["neutral"] * 3)
    with pytest.raises(ValueError, match="1 texts need as many"):
        Model.fit(["a"], [], [])
    with pytest.raises(TypeError, match="text 1 must be a string, got NoneType"):
        shipped_model().score(["a", None])  # type: ignore[list-item]


def rebuilt(change: Callable[[dict[str, bytes]], None], *, resum: bool = True) -> bytes:
    """The shipped file with its members changed, and its sums made to fit unless told otherwise."""
    with zipfile.ZipFile(SHIPPED) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    if resum and "manifest.json" in members:
        manifest = json.loads(members["manifest.json"])
        manifest["sha256"] = {n: hashlib.sha256(d).hexdigest() for n, d in members.items() if n != "manifest.json"}
        members["manifest.json"] = json.dumps(manifest).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_manifest(**changed: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **changed}).encode()

    return change


def with_arrays(change: Callable[[dict[str, np.ndarray]], None]) -> Callable[[dict[str, bytes]], None]:
    def changed(members: dict[str, bytes]) -> None:
        arrays = dict(np.load(io.BytesIO(members["weights.npz"])))
        change(arrays)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        members["weights.npz"] = buffer.getvalue()

    return changed


def nan(arrays: dict[str, np.ndarray]) -> None:
    arrays["stance_coef"][0, 0] = np.nan


def narrower(arrays: dict[str, np.ndarray]) -> None:
    arrays["stance_coef"] = arrays["stance_coef"][:, :-1]


def nudged(arrays: dict[str, np.ndarray]) -> None:
    arrays["stance_coef"] = arrays["stance_coef"] * 1.5


def objects(arrays: dict[str, np.ndarray]) -> None:
    arrays["idf"] = np.array([print], dtype=object)


def flipped() -> bytes:
    data = bytearray(SHIPPED.read_bytes())
    data[len(data) // 2] ^= 1
    return bytes(data)


class Burglar:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (str(self.path), "w"))


DAMAGED = {
    "empty": (lambda: b"", "is empty"),
    "truncated": (lambda: SHIPPED.read_bytes()[:5000], "truncated or damaged"),
    "a flipped bit": (flipped, "damaged"),
    "a page": (lambda: b"<html>not found</html>", "no stance model file"),
    "LFS pointer": (lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "joblib": (lambda: pickle.dumps({"model": 1}), "is a pickle"),
    "another zip": (lambda: rebuilt(lambda m: m.update({"../evil.txt": b"x"})), "it holds"),
    "newer": (lambda: rebuilt(with_manifest(format=99)), "newer than the format 2"),
    "older": (lambda: rebuilt(with_manifest(format=0)), "not the format 2"),
    "not summed": (
        lambda: rebuilt(lambda m: m.update({"terms.json": b"{}"}), resum=False),
        "not what the manifest says",
    ),
    "no manifest object": (
        lambda: rebuilt(lambda m: m.update({"manifest.json": b"[1]"}), resum=False),
        "no JSON object",
    ),
    "deep JSON": (lambda: rebuilt(lambda m: m.update({"manifest.json": b"[" * 100000}), resum=False), "no JSON object"),
    "NaN": (lambda: rebuilt(with_arrays(nan)), "not all finite"),
    "other shapes": (lambda: rebuilt(with_arrays(narrower)), "do not fit"),
    "other weights": (lambda: rebuilt(with_arrays(nudged)), "does not score its test sentences"),
    "objects": (lambda: rebuilt(with_arrays(objects)), "weights.npz cannot be read"),
    "another stemmer": (lambda: rebuilt(with_manifest(stems="0")), "stems otherwise"),
    "other labels": (lambda: rebuilt(with_manifest(heads={})), "make no model"),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_file_is_refused_with_its_own_sentence(fault: str, tmp_path: Path) -> None:
    make, sentence = DAMAGED[fault]
    path = tmp_path / "model.zip"
    path.write_bytes(make())
    with pytest.raises(ValueError, match=sentence) as told:
        Model.load(path)
    assert str(path) in str(told.value)
    assert [p.name for p in tmp_path.iterdir()] == ["model.zip"]


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    victim = tmp_path / "ran"
    (tmp_path / "m.joblib").write_bytes(pickle.dumps(Burglar(victim)))
    with pytest.raises(ValueError, match="not opened"):
        Model.load(tmp_path / "m.joblib")
    assert not victim.exists()


def test_missing_and_oversized_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError, match=r"training\.train"):
        Model.load(tmp_path / "none.zip")
    with pytest.raises(ValueError, match="is a directory"):
        Model.load(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="no plain file"):
        Model.load(tmp_path / "pipe")
    monkeypatch.setitem(storage._MEMBERS, "terms.json", 1000)
    with pytest.raises(ValueError, match="would unpack"):
        Model.load(SHIPPED)
    monkeypatch.setattr(storage, "_MAX_FILE", 1000)
    with pytest.raises(ValueError, match="at most 1,000"):
        Model.load(SHIPPED)


def test_a_failed_save_leaves_the_old_file(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.zip"
    path.write_bytes(b"old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        model.save(path)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
