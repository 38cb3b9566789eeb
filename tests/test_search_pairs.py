"""What the encoder learns to search with: questions and passages that belong together."""

import gzip
import itertools
import random
from pathlib import Path

import numpy as np
import pytest

from index.training.data import Asked, Pair
from index.training.rotation import principal_axes
from index.training.search_pairs import (
    PASSAGE_CHARS,
    Recipe,
    SearchPairs,
    alike_order,
    english_of,
    hard_negatives,
    number_of,
    spelled,
    window,
)

STORY = "大桥昨日合龙，两岸居民过江只要五分钟。工程师王洽清说，全长三千二百米。" * 8


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("bridge\t大桥:0.8\t桥:0.2\nspan\t大桥:0.1\n")
    return path


@pytest.fixture
def searched(table: Path) -> SearchPairs:
    asked = [
        Asked(f"第{n}座桥多长？", f"第{n}座桥" + STORY, 4, 12, "zh", f"n{n}") for n in range(20)
    ]
    news = [(f"m{n}", f"第{n}城" + STORY) for n in range(30)]
    pairs = [
        Pair(f"第{n}位工程师昨天在桥上说话了。", f"engineer {n} spoke", "wmt") for n in range(9)
    ]
    return SearchPairs(asked, news, pairs, table, hard_negatives(asked, news, 2))


def test_a_step_draws_the_same_batch_again_and_another_step_another(searched: SearchPairs) -> None:
    recipe = Recipe(asked=6, cloze=6, translated=3)
    assert searched.draw(7, recipe) == searched.draw(7, recipe)
    assert searched.draw(7, recipe) != searched.draw(8, recipe)


def test_a_batch_holds_each_document_once_and_passages_of_the_right_size(
    searched: SearchPairs,
) -> None:
    batch, negatives = searched.draw(3, Recipe(asked=8, cloze=8, translated=4))
    groups = [pair.group for pair in batch]
    assert len(set(groups)) == len(groups) >= 16
    assert all(pair.question.strip() and pair.passage for pair in batch)
    assert all(len(pair.passage) <= PASSAGE_CHARS[1] + 120 for pair in batch)
    assert len(negatives) == 8


def test_a_translated_sentence_stands_in_its_passage(searched: SearchPairs) -> None:
    batch, negatives = searched.draw(1, Recipe(asked=0, cloze=0, translated=9))
    assert not negatives
    by_group = {number_of(f"engineer {n} spoke"): f"第{n}位工程师" for n in range(9)}
    assert all(by_group[pair.group] in pair.passage for pair in batch)


def test_a_hard_negative_shares_words_with_the_question_and_is_of_another_document() -> None:
    asked = [Asked("大桥全长多少米？", STORY, 0, 4, "zh", "own")]
    news = [("own", STORY), *((f"far{n}", "股市昨日收跌。" * 9) for n in range(8))]
    news[4] = ("near", "另一座大桥全长八百米。" * 9)
    assert hard_negatives(asked, news, 1) == {asked[0].question: [("near", news[4][1])]}


@pytest.mark.parametrize("seed", range(30))
def test_a_window_holds_the_answer(seed: int) -> None:
    text = STORY + "答案在此" + STORY
    start = text.index("答案")
    assert "答案在此" in window(text, start, start + 4, random.Random(seed))


def test_the_table_is_read_from_chinese_to_english(table: Path) -> None:
    assert english_of(table) == {
        "大桥": (["bridge", "span"], [0.8, 0.1]),
        "桥": (["bridge"], [0.2]),
    }


def test_a_name_without_a_translation_is_spelled() -> None:
    assert spelled("王洽清") == "wang qiaqing"


def test_neighbours_in_the_order_are_alike() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(16, 8)) * 10
    vectors = (centres.repeat(8, axis=0) + rng.normal(size=(128, 8))).astype(np.float32)
    order = alike_order(vectors, rng)
    assert sorted(order) == list(range(128))
    same = np.mean([a // 8 == b // 8 for a, b in itertools.pairwise(order)])
    assert same > 0.6  # by chance: one in sixteen


def test_turning_to_the_principal_axes_changes_no_cosine_and_says_the_most_first() -> None:
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(500, 12)) * np.linspace(0.1, 3, 12)).astype(np.float32)
    axes = principal_axes(vectors)
    turned = vectors @ axes.T
    assert turned @ turned.T == pytest.approx(vectors @ vectors.T, abs=1e-2)
    spread = (turned**2).sum(axis=0)
    assert list(spread) == sorted(spread, reverse=True)
