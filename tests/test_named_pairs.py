"""Near misses made of the names in questions."""

import random

from index.training.data import Asked
from index.training.named_pairs import NamedPairs

TEXT = "杭州的展会昨日开幕，来了五千人。" + "展馆里人很多。" * 4 + "宁波的展会改在下月。"
EVIDENCE = "杭州的展会昨日开幕，来了五千人。"
ELSEWHERE = "温州下了一天的雨。" + "街上人很少。" * 4
ENGLISH = {"杭州": (["hangzhou"], [0.9]), "宁波": (["ningbo"], [0.9])}


def asked(question: str, language: str, text: str = TEXT, evidence: str = EVIDENCE) -> Asked:
    start = text.index(evidence)
    answer = (start + len(evidence) - 4, start + len(evidence) - 1)
    return Asked(question, text, start, start + len(evidence), language, text[:4], answer)


def drawn(*questions: Asked) -> set[str]:
    """Return the questions of many pairs, none of them answerable."""
    pairs = NamedPairs(questions, ENGLISH)
    made = (pairs.another_name(random.Random(seed)) for seed in range(200))
    found = [pair for pair in made if pair]
    assert not any(pair.answerable for pair in found)
    return {pair.question for pair in found}


BOTH = (
    asked("杭州的展会来了多少人？", "zh"),
    asked("温州的天气怎样？", "zh", ELSEWHERE, "温州下了一天的雨。"),
    asked("how many came to the fair in hangzhou?", "en"),
    asked("what was the weather in wenzhou?", "en", ELSEWHERE, "温州下了一天的雨。"),
)


def test_a_place_becomes_one_that_the_passage_tells_of_elsewhere_or_not_at_all() -> None:
    found = drawn(*BOTH)
    assert {"宁波的展会来了多少人？", "温州的展会来了多少人？"} <= found
    assert {
        "how many came to the fair in ningbo?",
        "how many came to the fair in wenzhou?",
    } <= found
    assert not found & {each.question for each in BOTH}


def test_a_name_in_the_sentence_that_answers_is_not_another_one() -> None:
    text = "杭州和宁波的展会昨日开幕，来了五千人。"
    pair = (
        asked("杭州的展会来了多少人？", "zh", text, text),
        asked("how many came to the fair in hangzhou?", "en", text, text),
    )
    assert drawn(*pair) == set()


def test_a_question_without_a_name_of_its_passage_is_left_alone() -> None:
    assert drawn(asked("来了多少人？", "zh"), asked("how many came to hangzhoubay?", "en")) == set()
