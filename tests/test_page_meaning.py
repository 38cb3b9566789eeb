"""The vectors of meaning are learned: passages of one document come near to each other."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import EmbeddingBag
from torch.nn.functional import cross_entropy

import index.meaning
from index.meaning import Meaning, features_of
from index.training import page_meaning, page_tables
from index.training.page_meaning import (
    MAX_PARAGRAPHS,
    MIN_CHARS,
    Document,
    Paragraph,
    documents_of,
    found_first,
    learned_vectors,
)

# Two halves of each document share no word; the first halves of all documents begin alike.
HALVES = (
    ("球队昨晚获胜，前锋攻入两球。", "教练称赞守门员，下轮客场挑战榜首。"),
    ("税务局推出退税，企业申报到账。", "财政减免费用，纳税人网上缴费办理。"),
    ("小学增加体育课，老师带队跑步。", "班主任告诉家长，孩子户外活动跳绳。"),
    ("冷空气带来暴雨，气象台预警大风。", "周末阴雨持续，山区最低温度霜冻。"),
    ("茶农采摘春茶，无人机给茶园施肥。", "鲜叶进厂加工，茶场产值飞手培训。"),
    ("民警破获盗窃案，嫌疑人被抓获。", "派出所追回赃物，监控录像锁定车辆。"),
)
COPIES = 8
SLOT_BITS, DIMENSION = 12, 16


def texts_of_halves() -> list[str]:
    """Return documents of each matter: their sentences in turn, so often that both halves recur."""
    return [(first + second) * 8 for first, second in HALVES for _ in range(COPIES)]


def document_of(*paragraphs: str) -> Document:
    return [Paragraph(slots[: len(p)], slots[len(p) :]) for p in paragraphs for slots in [
        features_of(p).astype(np.int32)
    ]]  # fmt: skip


def small_documents() -> list[Document]:
    return [document_of(*halves) for halves in HALVES for _ in range(COPIES)]


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make learning a matter of a second: a small table, in few steps of few documents."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so little is done slower by two
    for name, value in {
        "STEPS": 40, "BATCH": 24, "WARM_UP_STEPS": 4, "GROUPS": 3, "GROUPS_IN_BATCH": 2,
        "REGROUPED_STEPS": 20, "DIMENSION": DIMENSION, "SLOT_BITS": SLOT_BITS,
    }.items():  # fmt: skip
        monkeypatch.setattr(page_meaning, name, value)
    monkeypatch.setattr(index.meaning, "SLOT_BITS", SLOT_BITS)
    yield
    torch.set_num_threads(threads)


def slots_of(paragraph: Paragraph) -> list[int]:
    return [*paragraph.ones.tolist(), *paragraph.twos.tolist()]


# Documents


def test_whole_sentences_make_up_the_paragraphs_of_a_document() -> None:
    text = texts_of_halves()[0]
    (document,) = documents_of([text], np.random.default_rng(0))
    assert len(document) > 1
    at = 0
    for paragraph in document:
        length = len(paragraph.ones)
        assert length > min(page_meaning.PARAGRAPH_CHARS) or paragraph is document[-1]
        assert slots_of(paragraph) == features_of(text[at : at + length]).tolist()
        at += length
        assert text[at - 1] == "。"
    assert at == len(text), "in order, and nothing is left out"


def test_a_paragraph_has_a_slot_for_each_character_and_each_pair() -> None:
    (document,) = documents_of([texts_of_halves()[0]], np.random.default_rng(0))
    for paragraph in document:
        assert len(paragraph.twos) == len(paragraph.ones) - 1


@pytest.mark.parametrize("text", ["", "短讯。", HALVES[0][0], "球" * 300])
def test_a_text_of_one_paragraph_makes_no_document(text: str) -> None:
    assert documents_of([text], np.random.default_rng(0)) == []


def test_what_is_too_short_for_a_paragraph_is_left_out() -> None:
    text = "大桥合龙。" * 9 + HALVES[0][0] * 10 + "完。"
    (document,) = documents_of([text], np.random.default_rng(0))
    assert all(len(paragraph.ones) >= MIN_CHARS for paragraph in document)


def test_a_long_document_is_known_by_its_first_paragraphs() -> None:
    (document,) = documents_of([texts_of_halves()[0] * 50], np.random.default_rng(0))
    assert len(document) == MAX_PARAGRAPHS


def test_documents_keep_their_order_and_depend_on_the_seed_alone() -> None:
    texts = texts_of_halves()

    def drawn(seed: int) -> list[list[list[int]]]:
        found = documents_of(iter(texts), np.random.default_rng(seed))
        return [[slots_of(paragraph) for paragraph in document] for document in found]

    first = drawn(1)
    assert len(first) == len(texts)
    assert first == drawn(1)
    assert first != drawn(2)
    for text, document in zip(texts, first, strict=True):
        assert document[0][:3] == features_of(text[:3])[:3].tolist()


@pytest.mark.parametrize(("start", "length"), [(0, 4), (3, 5), (0, 15)])
def test_a_span_has_the_slots_of_its_words(start: int, length: int) -> None:
    text = HALVES[1][0]
    (paragraph,) = document_of(text)
    found = paragraph.span(start, length).tolist()
    assert found == features_of(text[start : start + length]).tolist()


# Learning


def likeness_of_halves(vectors: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the cosine of each first half of a document with each second half."""
    firsts, seconds = zip(*HALVES, strict=True)
    meaning = Meaning(vectors)
    return np.asarray(meaning.vectors_of(firsts) @ meaning.vectors_of(seconds).T, dtype=np.float32)


def own_and_others(likeness: NDArray[np.float32]) -> tuple[float, float]:
    own = np.eye(len(likeness), dtype=bool)
    return float(likeness[own].mean()), float(likeness[~own].mean())


@pytest.mark.usefixtures("few_steps")
def test_passages_of_one_document_are_drawn_together_and_apart_from_others() -> None:
    likeness = likeness_of_halves(learned_vectors(small_documents(), seed=0))
    assert likeness.argmax(axis=1).tolist() == list(range(len(HALVES)))
    own, others = own_and_others(likeness)
    assert own > others + 0.5


@pytest.mark.usefixtures("few_steps")
def test_nothing_is_known_before_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_meaning, "STEPS", 0)
    own, others = own_and_others(likeness_of_halves(learned_vectors(small_documents())))
    assert own < others + 0.3


@pytest.mark.usefixtures("few_steps")
def test_what_was_learned_finds_the_document_of_a_passage() -> None:
    learned = learned_vectors(small_documents())
    one_each = small_documents()[:: len(small_documents()) // len(HALVES)]
    assert found_first(learned, one_each) >= 0.8
    assert found_first(np.roll(learned, 1, axis=0), one_each) < 0.8


@pytest.mark.usefixtures("few_steps")
def test_the_vectors_fit_the_table_and_use_its_range() -> None:
    vectors = learned_vectors(small_documents())
    assert vectors.shape == (1 << SLOT_BITS, DIMENSION)
    assert vectors.dtype == np.int8
    assert np.abs(vectors.astype(int)).max() == 127


@pytest.mark.usefixtures("few_steps")
def test_a_seed_gives_the_same_vectors_again_and_another_seed_others() -> None:
    documents = small_documents()
    first, again, other = (learned_vectors(documents, seed) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.usefixtures("few_steps")
def test_documents_that_are_alike_by_now_are_grouped_and_learned_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[list[NDArray[np.int64]]] = []
    grouped = page_meaning._groups

    def noted(
        bag: EmbeddingBag, documents: Sequence[Document], rng: np.random.Generator
    ) -> list[NDArray[np.int64]]:
        found.append(grouped(bag, documents, rng))
        return found[-1]

    monkeypatch.setattr(page_meaning, "_groups", noted)
    documents = small_documents()
    learned_vectors(documents)
    assert len(found) == 2, "every so many steps"
    for groups in found:
        assert 1 <= len(groups) <= 3
        assert sorted(np.concatenate(groups).tolist()) == list(range(len(documents)))
    for group in found[-1]:
        matters = sorted(int(number) // COPIES for number in group)
        assert all(matters.count(matter) == COPIES for matter in matters), "copies stay together"


@pytest.mark.usefixtures("few_steps")
def test_every_other_batch_is_of_documents_that_are_alike_once_they_are_grouped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []

    def noted(cosines: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        sizes.append(len(right))
        return cross_entropy(cosines, right)

    documents = small_documents()
    monkeypatch.setattr(page_meaning, "cross_entropy", noted)
    monkeypatch.setattr(page_meaning, "BATCH", len(documents))
    monkeypatch.setattr(page_meaning, "GROUPS_IN_BATCH", 1)
    learned_vectors(documents)
    batches, grouped_at = sizes[::2], page_meaning.REGROUPED_STEPS // 2
    assert len(batches) == page_meaning.STEPS
    assert set(batches[:grouped_at] + batches[::2]) == {len(documents)}
    assert max(batches[grouped_at + 1 :: 2]) < len(documents)


@pytest.mark.usefixtures("few_steps")
def test_a_slot_that_is_in_every_document_starts_from_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_meaning, "STEPS", 0)
    vectors = learned_vectors([document_of("桥" + first, second) for first, second in HALVES])
    (common,), (rare,) = features_of("桥"), features_of("球")
    lengths = np.linalg.norm(vectors.astype(float), axis=1)
    assert lengths[common] < lengths[rare] / 2


def test_passages_are_of_two_paragraphs_and_of_many_lengths() -> None:
    document = document_of("球" * 200, "税" * 200)
    (ball,), (tax,) = features_of("球"), features_of("税")
    rng = np.random.default_rng(0)
    lengths = []
    for _ in range(200):
        sides = page_meaning._pair(document, rng)
        assert {int(side[0]) for side in sides} == {int(ball), int(tax)}
        lengths += [(len(side) + 1) // 2 for side in sides]
    least, _ = page_meaning.SPAN_CHARS
    assert least <= min(lengths) < max(lengths) <= 200
    assert 0.2 < np.mean(np.array(lengths) <= 30) < 0.5, "a third are as short as a headline"


def test_vectors_of_passages_are_of_norm_one_and_those_of_their_slots() -> None:
    bag = EmbeddingBag(1 << index.meaning.SLOT_BITS, 4, mode="sum")
    passages: Sequence[page_meaning.Slots] = [
        features_of(text).astype(np.int32) for text in ("大桥合龙", "桥", "茶园")
    ]
    found = page_meaning._vectors(bag, passages).detach().numpy()
    table = bag.weight.detach().numpy()
    for passage, vector in zip(passages, found, strict=True):
        total = table[passage].sum(axis=0)
        assert np.allclose(vector, total / np.linalg.norm(total), atol=1e-5)
    assert all(not np.allclose(one, other) for one, other in pairwise(found))


def test_tables_are_not_made_of_data_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"news\.jsonl\.gz: cannot be read .* with --data"):
        page_tables.main(["--data", str(tmp_path), "--out", str(tmp_path)])
