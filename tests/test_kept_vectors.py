"""A bench encodes each passage once, however often it is run or stopped."""

from pathlib import Path

import numpy as np
import pytest

from evals.kept_vectors import KeptVectors
from index import resuming
from tests.embedders import BigramEmbedder

TEXTS = [f"第{n}座大桥合龙" for n in range(10)]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "PART_TEXTS", 4)


def test_what_was_encoded_is_not_encoded_again(tmp_path: Path) -> None:
    first, second = BigramEmbedder(), BigramEmbedder()
    expected = KeptVectors(first, tmp_path).encode_windows(TEXTS).matrix
    assert expected == pytest.approx(BigramEmbedder().encode_passages(TEXTS))
    found = KeptVectors(second, tmp_path).encode_windows([*TEXTS, TEXTS[0]]).matrix
    assert found == pytest.approx(np.concatenate([expected, expected[:1]]))
    assert second.encoded == []


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    KeptVectors(BigramEmbedder(), tmp_path).encode_windows(TEXTS[:6])
    after = BigramEmbedder()
    KeptVectors(after, tmp_path).encode_windows(TEXTS)
    assert after.encoded == TEXTS[6:]


def test_a_damaged_part_is_encoded_again(tmp_path: Path) -> None:
    expected = KeptVectors(BigramEmbedder(), tmp_path).encode_windows(TEXTS).matrix
    part = next(iter(tmp_path.glob("*/*.part")))
    part.write_bytes(part.read_bytes()[:100])
    after = BigramEmbedder()
    found = KeptVectors(after, tmp_path).encode_windows(TEXTS).matrix
    assert found == pytest.approx(expected)
    assert 0 < len(after.encoded) <= 4


def test_another_model_has_vectors_of_its_own(tmp_path: Path) -> None:
    KeptVectors(BigramEmbedder("one"), tmp_path).encode_windows(TEXTS)
    other = BigramEmbedder("two")
    assert KeptVectors(other, tmp_path).encode_windows([]).matrix.shape == (0, 64)
    KeptVectors(other, tmp_path).encode_windows(TEXTS)
    assert other.encoded == TEXTS
