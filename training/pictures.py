"""The pictures of the report as inline SVG: reliability, accuracy against coverage, slices, learning curve."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["coverage_picture", "curve_picture", "reliability_picture", "slices_picture"]

INK, PALE = "#1d1d1f", "#c9c9c9"
COLOURS = ("#1f5a96", "#b3541e", "#3d7d4f", "#7a4e9f", "#8a6d00", "#5d6d7e", "#a3324a")  # told apart by marker too
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_STYLE = {
    "svg.fonttype": "none",  # text stays text: smaller, sharp, searchable
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


def reliability_picture(sets: dict[str, Any], title: str) -> str:
    """Share right against mean winning score in bins of equal mass, a panel a set; `sets`: what `calibration` tells, by name."""
    rows = -(-len(sets) // 3)

    def draw(picture: Figure) -> None:
        panels = list(picture.subplots(rows, 3, sharex=True, sharey=True, squeeze=False).flat)
        for axes in panels[len(sets) :]:
            axes.set_visible(False)
        for axes, (name, told) in zip(panels, sets.items(), strict=False):
            axes.plot([0, 1], [0, 1], color=PALE, linewidth=1)
            _with_intervals(axes, 0, name, [b["score"] for b in told["bins"]], [b["right"] for b in told["bins"]])
            axes.set_title(f"{name}, n {told['n']:,}", fontsize=9)
            axes.set(xlim=(0.3, 1.02), ylim=(0, 1.04))
        picture.supxlabel("mean winning score", fontsize=9)
        picture.supylabel("share right", fontsize=9)

    return _svg(draw, title, (6.6, 0.5 + 2.2 * rows))


def coverage_picture(sets: dict[str, Any], title: str) -> str:
    """Accuracy against coverage; `sets`: what `abstention` tells, by name. The larger mark stands at the limit for `unsure`."""

    def draw(picture: Figure) -> None:
        axes = picture.add_subplot()
        for k, (name, told) in enumerate(sets.items()):
            points = [(p["coverage"], p["right"]["value"]) for p in told["curve"] if p["right"]["value"] is not None]
            axes.plot(*zip(*points, strict=True), color=COLOURS[k % 7], marker=MARKERS[k % 7], markersize=3, label=name)
            at, kept = told["coverage"]["value"], told["kept"]["value"]
            if at is not None and kept is not None:
                axes.plot([at], [kept], color=COLOURS[k % 7], marker=MARKERS[k % 7], markersize=9, fillstyle="none")
        axes.set(xlabel="coverage: share of paragraphs kept", ylabel="share right", xlim=(1.02, 0.48))
        axes.legend(loc="best", fontsize=8)

    return _svg(draw, title, (5.2, 4.2))


def slices_picture(rows: Sequence[dict[str, Any]], title: str) -> str:
    """Macro-F1 of each slice that holds enough paragraphs, with its interval, by dimension."""
    kept = [row for row in rows if not row["few"] and row["macro_f1"]["value"] is not None]

    def draw(picture: Figure) -> None:
        axes = picture.add_subplot()
        axes.invert_yaxis()
        for k, row in enumerate(kept):
            told = row["macro_f1"]
            dimension = list(dict.fromkeys(r["dimension"] for r in kept)).index(row["dimension"])
            axes.plot([told["low"], told["high"]], [k, k], color=COLOURS[dimension % 7], linewidth=1.4)
            axes.plot([told["value"]], [k], color=COLOURS[dimension % 7], marker="o", markersize=3.5)
        names = [f"{row['dimension']}: {row['value']} ({row['n']:,})" for row in kept]
        axes.set_yticks(range(len(kept)), names, fontsize=7.5)
        axes.set(xlabel="macro-F1 of stance, 95 % interval", ylim=(len(kept) - 0.4, -0.6))
        axes.grid(axis="x", color=PALE, linewidth=0.4)

    return _svg(draw, title, (6.6, 0.6 + 0.19 * max(len(kept), 3)))


def curve_picture(points: Sequence[dict[str, Any]], title: str) -> str:
    """Macro-F1 by number of articles, with intervals."""

    def draw(picture: Figure) -> None:
        axes = picture.add_subplot()
        for k, name in enumerate(points[0]["scores"]):
            values = [point["scores"][name] for point in points]
            told = [{"value": v, "low": low, "high": high} for v, low, high in values]
            _with_intervals(axes, k, name, [p["articles"] * 1.03 ** (k - 2) for p in points], told, line=True)
        axes.set_xscale("log")
        axes.set_xticks([p["articles"] for p in points], [f"{p['articles']:,}" for p in points])
        axes.minorticks_off()
        axes.set(xlabel="articles in the train split (set apart a little, so that intervals can be seen)", ylabel="macro-F1")
        axes.legend(loc="best", fontsize=8)

    return _svg(draw, title, (6.4, 4.0))


def _with_intervals(
    axes: Axes, k: int, name: str, x: Sequence[float], told: Sequence[dict[str, Any]], line: bool = False
) -> None:
    """Values with their intervals, which need not hold the value (percentile bootstrap of few articles)."""
    kept = [(at, each) for at, each in zip(x, told, strict=True) if each["value"] is not None]
    at, values = [a for a, _ in kept], [each["value"] for _, each in kept]
    axes.vlines(at, [e["low"] for _, e in kept], [e["high"] for _, e in kept], color=COLOURS[k % 7], linewidth=0.8)
    style = "-" if line else ""
    axes.plot(at, values, linestyle=style, linewidth=1, color=COLOURS[k % 7], marker=MARKERS[k % 7], markersize=4, label=name)


def _svg(draw: Callable[[Figure], None], title: str, size: tuple[float, float]) -> str:
    """The picture as an <svg> element with `title` as its name; ids are made from the title, so pictures do not share any."""
    style: Any = {**_STYLE, "svg.hashsalt": title}
    with rc_context(style):
        picture = Figure(figsize=size, layout="constrained")
        draw(picture)
        out = io.StringIO()
        picture.savefig(out, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    prefix = re.sub(r"\W+", "-", title)
    text = re.sub(r'(\bid="|"#|\(#)', lambda match: match.group(1) + prefix + "-", text)
    text = text.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:href", "href")
    return text.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
