"""Windows: where a passage is cut, what their vectors are, and that none is lost on the way."""

from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build_index
from index.embedding import BUNDLED_FOLDER, load_embedder
from index.light import BODY, LightEmbedder
from index.store import load_index
from index.text import simplify
from index.types import Vectors
from index.windows import (
    MAX_CHARS,
    MIN_CHARS,
    Embedded,
    embedded_from,
    embedded_in,
    joined,
    pooled,
    table_of,
    unpacked,
    windows_of,
)
from rag.answering import answerer_over
from rag.config import load_settings
from rag.question import understand
from tests.embedders import BigramEmbedder, WindowEmbedder

needs_model = pytest.mark.skipif(
    not (BUNDLED_FOLDER / BODY).is_file(), reason=f"{BODY} is not in this checkout"
)
SHORT, LONG = "大桥合龙了。", f"{'桥' * MIN_CHARS}。"


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in windows_of(text)]


def test_a_sentence_is_a_window() -> None:
    assert cut(LONG * 3) == [LONG] * 3


def test_short_sentences_go_together() -> None:
    assert cut(SHORT * 5 + LONG) == [SHORT * 5, LONG]
    assert cut(SHORT) == [SHORT]


def test_a_window_does_not_grow_beyond_its_most() -> None:
    longest = f"{'长' * (MAX_CHARS - 2)}。"
    assert cut(SHORT + longest) == [SHORT, longest]


@given(st.text("桥路。！\n a", max_size=300))
def test_windows_are_in_order_and_leave_out_no_word(text: str) -> None:
    bounds = windows_of(text)
    assert all(start < end for start, end in bounds)
    assert all(one[1] <= other[0] for one, other in pairwise(bounds))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


@given(st.text("桥路。！ a", max_size=300), st.integers(0, 299), st.sampled_from(["  ", "\t"]))
def test_white_space_moves_no_window(text: str, at: int, space: str) -> None:
    """Texts that differ in it alone share their vectors."""
    spaced = text[:at].rstrip(" a") + space + text[at:].lstrip(" a")
    plain = text[:at].rstrip(" a") + " " + text[at:].lstrip(" a")
    assert len(windows_of(spaced)) == len(windows_of(plain))


def test_the_mean_of_a_range_is_its_vector() -> None:
    tokens = np.asarray([[3, 0], [0, 4], [6, 8]], dtype=np.float32)
    wanted = np.asarray([[1, 0], [0.6, 0.8], [0.6, 0.8]], dtype=np.float32)
    np.testing.assert_allclose(pooled(tokens, [(0, 1), (0, 2), (2, 9)]), wanted, atol=1e-6)


def test_a_range_of_nothing_is_the_whole() -> None:
    tokens = np.asarray([[3, 0], [0, 4]], dtype=np.float32)
    wanted = np.asarray([[0.6, 0.8]] * 2, dtype=np.float32)
    np.testing.assert_allclose(pooled(tokens, [(5, 9), (1, 1)]), wanted, atol=1e-6)
    assert pooled(tokens, []).shape == (0, 2)


def random_windows(counts: list[int], dimension: int = 8, seed: int = 0) -> list[Vectors]:
    draw = np.random.default_rng(seed)
    rows = [draw.standard_normal((count, dimension)) for count in counts]
    return [(r / np.linalg.norm(r, axis=1, keepdims=True)).astype(np.float32) for r in rows]


counts = st.lists(st.integers(0, 4), max_size=6)


@given(counts)
def test_cosines_are_those_of_the_numbers_to_half_a_step(held: list[int]) -> None:
    rows = random_windows(held)
    (asked,) = random_windows([3], seed=1)
    (whole,) = random_windows([len(held)], seed=2)
    found = table_of(rows, 8).cosines(asked, lambda bare: whole[bare])
    assert len(found) == len(held)
    assert found.nearest.shape == (len(held), 3)
    for at, (row, own) in enumerate(zip(rows, whole, strict=True)):
        wanted = (row if len(row) else own[np.newaxis]) @ asked.T
        np.testing.assert_allclose(found.of(at), wanted, atol=0.02)
        np.testing.assert_array_equal(found.nearest[at], found.of(at).max(axis=0))


@given(counts, counts, st.data())
def test_tables_are_taken_apart_and_joined_without_loss(
    first: list[int], second: list[int], data: st.DataObject
) -> None:
    def part(held: list[int], seed: int) -> Embedded:
        made = random_windows([count + 1 for count in held], seed=seed)
        return embedded_from(made, 8)

    places = np.arange(len(first) + len(second))
    both = joined([part(first, 1), part(second, 2)], np.split(places, [len(first)]))
    order = data.draw(st.permutations(range(len(first) + len(second))))
    taken = both.take(np.asarray(order, dtype=np.int64))
    back = taken.take(np.argsort(order) if order else np.zeros(0, dtype=np.int64))
    np.testing.assert_array_equal(back.matrix, both.matrix)
    for one, other in zip(
        back.windows.arrays().values(), both.windows.arrays().values(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert np.diff(both.windows.starts).tolist() == first + second


@given(counts)
def test_what_is_packed_is_unpacked(held: list[int]) -> None:
    table = table_of(random_windows(held), 8)
    again = unpacked(table.packed(), 8)
    for one, other in zip(again.arrays().values(), table.arrays().values(), strict=True):
        np.testing.assert_array_equal(one, other)
    (whole,) = random_windows([len(held)], seed=2)
    both = embedded_in(Embedded(whole, table).packed(), 8)
    np.testing.assert_array_equal(both.matrix, whole)
    assert both.windows.packed() == table.packed()


def test_an_index_keeps_the_windows_of_its_chunks(seeds: Path, tmp_path: Path) -> None:
    embedder = WindowEmbedder()
    for path in sorted(seeds.glob("*.txt")):  # a segment for each
        build_index([path], tmp_path / "index", embedder)
    index = load_index(tmp_path / "index")
    asked = embedder.encode_questions(["第20届文旅博览会来了多少采购商？", "How many?"])
    rows = range(0, len(index.chunks), 7)
    found = index.cosines(rows, asked)
    for at, row in enumerate(rows):
        wanted = embedder.encode_windows([index.chunks[row].search_text]).windows.vectors
        np.testing.assert_allclose(found.of(at), wanted @ asked.T, atol=1e-6)


def test_a_passage_is_as_near_as_its_nearest_window(seeds: Path, tmp_path: Path) -> None:
    embedder = WindowEmbedder()
    build_index([seeds], tmp_path / "index", embedder)
    retriever = answerer_over(load_index(tmp_path / "index"), embedder, load_settings()).retriever
    for passage in retriever.retrieve(understand("第20届文旅博览会来了多少采购商？"), 10):
        assert len(passage.windows) == len(windows_of(passage.chunk.search_text))
        assert passage.cosine == max(passage.windows)
    for passage in retriever.retrieve(understand("采购商"), 3, ["characters"]):
        assert (passage.cosine, passage.windows) == (0.0, ())


def test_a_model_without_windows_has_its_passages_for_one(seeds: Path, tmp_path: Path) -> None:
    embedder = BigramEmbedder()
    build_index([seeds], tmp_path / "index", embedder)
    index = load_index(tmp_path / "index")
    asked = embedder.encode_questions(["采购商"])
    rows = [3, 1, 2]
    found = index.cosines(rows, asked)
    np.testing.assert_allclose(found.values, index.matrix(rows) @ asked.T, atol=1e-6)
    assert not len(index.cosines([], asked))


@needs_model
@pytest.mark.slow
def test_a_window_of_the_bundled_model_is_about_its_sentence() -> None:
    light = cast(LightEmbedder, load_embedder())
    text = (
        "这座大桥全长两公里，三月四日正式合龙，预计明年十月通车。"
        "同日开幕的食品展览会共有两百家企业参加，来了五千名采购商。"
        "市里的小学从九月起提供免费午餐，每份十元由财政承担。"
    )
    asked = light.encode_questions([
        "桥什么时候合龙？", "How many buyers came to the food fair?", "学校的午餐要钱吗？"
    ])  # fmt: skip
    found = light.encode_windows([text])
    np.testing.assert_array_equal(found.matrix, light.encode_passages([text]))
    assert found.windows.vectors.shape == (3, light.dimension)
    assert (found.windows.vectors @ asked.T).argmax(axis=0).tolist() == [0, 1, 2]


@needs_model
def test_windows_are_found_where_simplifying_moves_the_text() -> None:
    light = cast(LightEmbedder, load_embedder())
    text = f"…………{LONG}第二句话说的是车站，一共有二十个站台，都很新。"
    assert len(simplify(text)) != len(text)
    moved, plain = light.encode_windows([text]), light.encode_windows([simplify(text)])
    assert moved.packed() == plain.packed()
