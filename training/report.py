"""The report as HTML, Markdown and JSON from the dict of `measures`; renders, computes nothing; needs the extra `report`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    from training import pictures
except ImportError as error:
    raise ImportError(f"the report needs {error.name}; install it with: pip install '.[report]'") from None

__all__ = ["render", "write_report"]

TEMPLATES = Path(__file__).with_name("templates")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~#])")
_MARKS = {"few articles": "*", "exact": "†", "no spread": "‡"}


def write_report(report: dict[str, Any], folder: Path) -> list[Path]:
    """Write report.html, report.md and report.json into `folder`, which is made if it is not there; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.html": render(report, "html"),
        "report.md": render(report, "md"),
        "report.json": json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def render(report: dict[str, Any], form: str) -> str:
    """The report as `html` or `md`; every text in it is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": _number, "figure": _figure, "change": _change, "percent": _percent, "cell": _cell}
    environment.globals["pictures"] = _pictures(report) if form == "html" else {}
    text = environment.get_template(f"report.{form}.j2").render(r=report)
    return re.sub(r"\n{3,}", "\n\n", text)


def _pictures(report: dict[str, Any]) -> dict[str, Markup]:
    """The pictures by name; sets with too few paragraphs or labels for a line of their own are left to the tables."""
    told = {}
    for task in report["use"]["labels"]:
        drawn = [each["name"] for each in report["sets"] if each["n"] >= 100 and task in each["tasks"]]
        bins = {name: report["calibration"][name][task] for name in drawn}
        told[f"{task} reliability"] = pictures.reliability_picture(bins, f"reliability, {task}")
        curves = {name: report["abstention"]["sets"][name][task] for name in drawn}
        told[f"{task} coverage"] = pictures.coverage_picture(curves, f"accuracy against coverage, {task}")
    told["slices"] = pictures.slices_picture(report["slices"]["cross-validation"]["stance"], "slices, cross-validation")
    if report["curve"]:
        told["curve"] = pictures.curve_picture(report["curve"]["points"], "learning curve")
    return {name: Markup(picture) for name, picture in told.items()}  # our own SVG, not a text of the data


def _number(value: float | None, digits: int = 3) -> str:
    """A figure without interval; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def _figure(told: dict[str, Any] | None, form: str = "number", n: bool = True) -> str:
    """Value, interval, mark, and the paragraphs and articles that it rests on."""
    if told is None or told["value"] is None:
        return "–" if told is None or not n else f"– (n {told['n']})"
    show = _percent if form == "percent" else _number
    low, high = show(told["low"]), show(told["high"])
    rest = f"; n {told['n']:,} in {told['articles']:,}" if n else ""
    return f"{show(told['value'])} ({low.removesuffix(' %')} to {high}{rest}){_MARKS.get(told['note'], '')}"


def _change(told: dict[str, Any] | None) -> str:
    """A difference with its sign and interval, and the verdict."""
    if told is None or told["value"] is None:
        return "–"
    return f"{told['value']:+.3f} ({told['low']:+.3f} to {told['high']:+.3f}): {told['verdict']}"


def _cell(value: object) -> Markup:
    """A text safe in a cell of a Markdown table: escaped as HTML, without line breaks and characters that Markdown reads."""
    text = str(value) if isinstance(value, Markup) else str(escape(_MARKDOWN.sub(r"\\\1", str(value))))
    return Markup(" ".join(text.split()))  # escaped in the line before
