"""Charts say in a picture what their points say, and nothing of a name is markup."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from evals.charts import Chart, svg

SVG = "{http://www.w3.org/2000/svg}"
LINES = {
    "Chinese": [(500.0, 0.97), (5_000.0, 0.93), (68_156.0, 0.85)],
    "English": [(500.0, 0.95), (5_000.0, 0.82)],
}


def drawn(lines: dict[str, list[tuple[float, float]]]) -> ET.Element:
    return ET.fromstring(svg(Chart("news", "R@1 <by> size", "documents", "R@1", lines)))


def places(root: ET.Element) -> list[list[tuple[float, float]]]:
    """Return the corners of each line, as drawn."""
    return [
        [
            (float(x), float(y))
            for x, y in (each.split(",") for each in line.attrib["points"].split())
        ]
        for line in root.iter(f"{SVG}polyline")
    ]


def test_a_larger_figure_stands_higher_and_a_larger_size_further_right() -> None:
    chinese, english = places(drawn(LINES))
    assert [x for x, _ in chinese] == sorted(x for x, _ in chinese)
    assert [y for _, y in chinese] == sorted(y for _, y in chinese)  # down is less
    assert english[0][0] == chinese[0][0]
    assert english[0][1] > chinese[0][1]


def test_sizes_stand_apart_by_their_ratio() -> None:
    ((line,),) = [places(drawn({"one": [(10.0, 0.5), (100.0, 0.5), (1_000.0, 0.5)]}))]
    (a, _), (b, _), (c, _) = line
    assert b - a == pytest.approx(c - b, abs=0.2)


def test_every_line_is_named_once_and_names_do_not_overlap() -> None:
    lines = {f"line {n}": [(1.0, 0.5), (2.0, 0.5 + n / 1000)] for n in range(4)}
    root = drawn(lines)
    named = {
        "".join(each.itertext()).split(" ", 1)[1]: float(each.attrib["y"])
        for each in root.iter(f"{SVG}text")
        if each.find(f"{SVG}tspan") is not None
    }
    assert set(named) == set(lines)
    heights = sorted(named.values())
    assert all(below - above >= 15 for above, below in pairwise(heights))


def test_a_name_is_text() -> None:
    root = drawn({"<script>alert(1)</script>": [(1.0, 0.1), (2.0, 0.2)]})
    assert not list(root.iter(f"{SVG}script"))
    assert any("alert" in text for text in root.itertext())


def test_a_single_size_is_drawn_in_the_middle() -> None:
    (((x, _),),) = places(drawn({"one": [(5_000.0, 0.5)]}))
    assert 56 < x < 530


def test_a_chart_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="no points"):
        drawn({"none": []})


def test_an_axis_by_tens_has_room_for_every_order() -> None:
    chart = Chart("build", "Build", "documents", "s", {"one": [(10, 0.5), (1000, 700)]}, True)
    drawn = svg(chart)
    assert all(f">{label}</text>" in drawn for label in ("0.1", "1", "10", "100", "1,000"))
