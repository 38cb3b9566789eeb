"""Line charts as SVG: growth curves for the report, readable without colour, light and dark."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 190, 40, 48  # margins; the names of the lines stand on the right
TICKS = 5
MARKERS = ("●", "■", "▲", "◆", "○", "□", "△", "◇")  # one a line, beside its colour
STYLE = """
svg { --ink: #27272a; --dim: #71717a; --grid: #e4e4e7; font: 13px system-ui, sans-serif; }
text { fill: var(--ink); } .dim { fill: var(--dim); } .grid { stroke: var(--grid); }
.line { fill: none; stroke-width: 2; } .mark { text-anchor: middle; dominant-baseline: central; }
.c0 { --c: #1d4ed8; } .c1 { --c: #b45309; } .c2 { --c: #047857; } .c3 { --c: #be185d; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e4e4e7; --dim: #a1a1aa; --grid: #3f3f46; }
  .c0 { --c: #93c5fd; } .c1 { --c: #fcd34d; } .c2 { --c: #6ee7b7; } .c3 { --c: #f9a8d4; }
}
.line { stroke: var(--c); } .mark, .key { fill: var(--c); }
"""
COLOURS = 4
LABEL_HEIGHT = 16


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over an axis of sizes, which is logarithmic.

    ``by_tens``: the axis of y is too, for values above 0 of different orders. ``lines`` has
    the points (x > 0, y) of each line by its name, in the order of x.
    """

    name: str
    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    by_tens: bool = False


def svg(chart: Chart) -> str:
    """Return ``chart`` as an SVG document; its axis of y spans the values, at least 0.1.

    Raises :class:`ValueError` for a chart without a point.
    """
    points = [point for line in chart.lines.values() for point in line]
    if not points:
        raise ValueError(f"the chart {chart.name!r} has no points")
    sizes = sorted({x for x, _ in points})
    values = [y for _, y in points]
    low, high = _tens(values) if chart.by_tens else _bounds(values)
    height = math.log10 if chart.by_tens else float
    first, last = math.log(sizes[0]), math.log(sizes[-1])

    def across(x: float) -> float:
        share = (math.log(x) - first) / (last - first) if last > first else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return HEIGHT - BOTTOM - (height(y) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text x="{LEFT}" y="20" font-weight="600">{escape(chart.title)}</text>']
    steps = int(high - low) if chart.by_tens else TICKS
    for step in range(steps + 1):
        at = low + (high - low) * step / steps
        y, label = (10**at, f"{10**at:,g}") if chart.by_tens else (at, f"{at:.2f}")
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{down(y):.1f}" '
            f'y2="{down(y):.1f}"/><text class="dim" x="{LEFT - 8}" y="{down(y) + 4:.1f}" '
            f'text-anchor="end">{label}</text>'
        )
    parts += [
        f'<text class="dim" x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}" '
        f'text-anchor="middle">{x:,.0f}</text>'
        for x in sizes
    ]
    parts.append(
        f'<text class="dim" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" '
        f'text-anchor="middle">{escape(chart.x_label)}</text>'
        f'<text class="dim" x="{LEFT}" y="{TOP - 6}" font-size="11">{escape(chart.y_label)}</text>'
    )
    ends = {name: down(line[-1][1]) for name, line in chart.lines.items() if line}
    labels = _apart(ends)
    for number, (name, line) in enumerate(chart.lines.items()):
        if not line:
            continue
        colour, marker = f"c{number % COLOURS}", MARKERS[number % len(MARKERS)]
        course = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line)
        parts.append(f'<polyline class="line {colour}" points="{course}"/>')
        for x, y in line:
            parts.append(
                f'<text class="mark {colour}" x="{across(x):.1f}" y="{down(y):.1f}">{marker}'
                f"<title>{escape(name)}, {x:,.0f}: {y:.3f}</title></text>"
            )
        parts.append(
            f'<text x="{WIDTH - RIGHT + 14}" y="{labels[name] + 4:.1f}">'
            f'<tspan class="key {colour}">{marker}</tspan> {escape(name)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(chart.title)}"><style>{STYLE}</style>{"".join(parts)}</svg>'
    )


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the axis: multiples of a twentieth around ``values``."""
    low = math.floor(min(values) * 20 + 1e-9) / 20
    high = math.ceil(max(values) * 20 - 1e-9) / 20
    return (low, high) if high - low > 0.09 else (low - 0.05, low + 0.05)


def _tens(values: Sequence[float]) -> tuple[int, int]:
    """Return the ends of the axis as powers of ten around ``values``."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _apart(places: Mapping[str, float]) -> dict[str, float]:
    """Return ``places`` moved down so that each is a line of text below the one before it."""
    moved: dict[str, float] = {}
    before = -math.inf
    for name, place in sorted(places.items(), key=lambda each: each[1]):
        moved[name] = before = max(place, before + LABEL_HEIGHT)
    return moved
