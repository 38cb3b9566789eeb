"""A rounded figure finds the exact one, and the exact one the rounded."""

import pytest

from rag.rounding import RoundFigures

FIGURES = RoundFigures(("58092", "58000", "60000", "1657", "2026", "149750000", "150000000", "12"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("58092", {"58000", "60000"}),
        ("58000", {"58092", "60000"}),
        ("149750000", {"150000000"}),
        ("150000000", {"149750000"}),
        ("1660", {"1657"}),
        ("12", set()),
        ("2026", set()),
        ("5-15", set()),
        ("", set()),
        ("9" * 60, set()),
    ],
)
def test_what_a_figure_rounds_to_and_what_rounds_to_it(asked: str, found: set[str]) -> None:
    assert set(FIGURES.near(asked)) == found


def test_the_nearer_counts_more() -> None:
    near = FIGURES.near("58092")
    assert 0 < near["60000"] < near["58000"] <= 1
