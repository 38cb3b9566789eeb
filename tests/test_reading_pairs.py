"""What the reader learns from: passages that answer a question, and passages that only look so."""

import random

import pytest

from index.training.data import Asked
from index.training.reading_pairs import answered, near_miss, without_its_sentence

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
