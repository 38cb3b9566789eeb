"""What the reader learns from: passages that answer a question, and passages that only look so."""

import random
from dataclasses import replace

import pytest

from index.training.data import Asked
from index.training.reading_pairs import (
    Mixture,
    ReadingPair,
    answered,
    near_miss,
    without_its_sentence,
)
from rag.surroundings import MAX_CHARS

BEFORE = "大桥昨日合龙，两岸居民过江只要五分钟。这座桥修了四年，花了三亿元。" * 4
SENTENCE = "总工程师王洽清说，全长三千二百米。"
AFTER = "通车以后，渡轮就停航了。来看桥的人很多，桥头摆满了小吃摊。" * 4
TEXT = BEFORE + SENTENCE + AFTER
START = TEXT.index(SENTENCE)
ANSWER = (TEXT.index("三千二百米"), TEXT.index("三千二百米") + 5)
ASKED = Asked("大桥多长？", TEXT, START, START + len(SENTENCE), "zh", "n1", ANSWER)


@pytest.mark.parametrize("seed", range(20))
def test_an_answered_pair_points_at_the_short_answer(seed: int) -> None:
    pair = answered(ASKED, random.Random(seed))
    assert pair.answerable
    assert pair.passage[pair.start : pair.end] == "三千二百米"


@pytest.mark.parametrize("seed", range(20))
def test_without_its_sentence_a_passage_does_not_answer(seed: int) -> None:
    pair = without_its_sentence(ASKED, random.Random(seed))
    assert pair is None or (not pair.answerable and "三千二百米" not in pair.passage)


def test_a_near_miss_has_a_passage_and_no_answer() -> None:
    pair = near_miss(Asked("谁投资了大桥？", TEXT, 0, 0, "zh", "n1"), random.Random(1))
    assert pair.passage in TEXT
    assert not pair.answerable


def test_a_way_that_often_fails_keeps_its_share() -> None:
    def seldom(rng: random.Random) -> ReadingPair | None:
        return ReadingPair("seldom", "") if rng.random() < 0.2 else None

    ways = ((0.5, seldom), (0.5, lambda _: ReadingPair("often", "")))
    drawn = Mixture(ways, lambda pair, _: pair).draw(3, 400)
    assert 150 < sum(pair.question == "seldom" for pair in drawn) < 250
    assert drawn == Mixture(ways, lambda pair, _: pair).draw(3, 400)
    assert drawn != Mixture(ways, lambda pair, _: pair).draw(4, 400)


def test_a_way_that_never_succeeds_is_passed_over() -> None:
    ways = ((0.9, lambda _: None), (0.1, lambda _: ReadingPair("often", "")))
    drawn = Mixture(ways, lambda pair, _: pair).draw(0, 5)
    assert [pair.question for pair in drawn] == ["often"] * 5


def test_the_first_sentence_is_read_with_a_later_passage() -> None:
    first = "市路桥公司昨日宣布大事！"
    text = first + TEXT
    at = text.index(SENTENCE)
    place = (ANSWER[0] + len(first), ANSWER[1] + len(first))
    asked = replace(ASKED, text=text, start=at, end=at + len(SENTENCE), answer=place)
    for seed in range(20):
        for pair in (answered(asked, random.Random(seed)), near_miss(asked, random.Random(seed))):
            assert pair.passage.removeprefix(first) in text
            assert pair.passage.count(first[-1]) <= 1  # once, where the passage begins within it
            if first[-1] not in pair.passage:
                assert len(first) + len(pair.passage) > MAX_CHARS
