"""What the model costs: size of the file, seconds to load, paragraphs a second, peak memory; each run in a fresh process."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["RUNS", "cost", "main", "measured"]

RUNS = 5
PARAGRAPHS = 2000


def cost(model: Path, texts: Sequence[str], folder: Path) -> dict[str, Any]:
    """The middle, smallest and largest of RUNS runs, each in a process of its own; `folder` takes a file of the texts."""
    sample = folder / "texts.json"
    sample.write_text(json.dumps(list(texts[:PARAGRAPHS])), encoding="utf-8")
    command = [sys.executable, "-m", "training.cost", str(model), str(sample)]
    root = Path(__file__).resolve().parent.parent
    runs = [json.loads(subprocess.run(command, cwd=root, capture_output=True, check=True).stdout) for _ in range(RUNS)]
    told: dict[str, Any] = {"runs": RUNS, "paragraphs": min(PARAGRAPHS, len(texts)), "bytes": model.stat().st_size}
    told["machine"] = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    for name in runs[0]:
        values = [run[name] for run in runs if run[name] is not None]
        told[name] = {"middle": statistics.median(values), "low": min(values), "high": max(values)} if values else None
    return told


def measured(model: Path, texts: Sequence[str]) -> dict[str, float | None]:
    """One run in this process: seconds to import and load, paragraphs a second (first pass, second pass), peak megabytes."""
    start = time.perf_counter()
    from stance import Model, predict

    loaded = Model.load(model)
    load = time.perf_counter() - start
    passes = []
    for _ in range(2):
        start = time.perf_counter()
        predict(texts, model=loaded)
        passes.append(len(texts) / (time.perf_counter() - start))
    return {"load_seconds": load, "first_pass": passes[0], "second_pass": passes[1], "peak_megabytes": _peak()}


def _peak() -> float | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1024**2 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main(arguments: list[str] | None = None) -> int:
    """Print one run as JSON; the arguments are a model file and a JSON list of texts."""
    model, texts = arguments if arguments is not None else sys.argv[1:]
    print(json.dumps(measured(Path(model), json.loads(Path(texts).read_text(encoding="utf-8")))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
