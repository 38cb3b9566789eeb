"""Near misses made of the questions of documents that are alike."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from index.training.data import Asked
from index.training.near_pairs import NearPairs, subject_of
from index.training.reading_pairs import ReadingPair
from index.types import Vectors

BRIDGE = "江心大桥昨日合龙。江心大桥全长三千二百米，由市路桥公司修建。" + "岸边的人很多。" * 20
TUNNEL = "北山隧道昨日贯通。北山隧道用了四年，投资两亿元。" + "洞口的人很多。" * 20


def asked(question: str, text: str, evidence: str, answer: str, language: str = "zh") -> Asked:
    start, first = text.find(evidence), text.find(answer)
    end, last = start + len(evidence), first + len(answer)
    return Asked(question, text, start, end, language, text[:4], (first, last))


LONG = asked("江心大桥全长多少米？", BRIDGE, "江心大桥全长三千二百米", "三千二百米")
COST = asked("北山隧道投资多少钱？", TUNNEL, "投资两亿元", "两亿元")
WHO = asked("who built jiangxin bridge", BRIDGE, "由市路桥公司修建", "市路桥公司", "en")
HOW = asked("how long is jiangxin bridge", BRIDGE, "江心大桥全长三千二百米", "三千二百米", "en")


def encode(texts: Sequence[str]) -> Vectors:
    """Return unit vectors, each at right angles to the others."""
    return np.eye(len(texts), dtype=np.float32)


@pytest.mark.parametrize(
    ("question", "about", "subject"),
    [
        (LONG, [], "江心大桥全长"),
        (COST, [], "北山隧道"),
        (WHO, [WHO, HOW], "jiangxin bridge"),
        (WHO, [WHO, LONG], None),
        (replace(HOW, question="how long is it"), [WHO], None),
        (replace(LONG, question="多长？"), [], None),
    ],
)
def test_the_subject_of_a_question_is_what_its_document_or_its_neighbour_repeats(
    question: Asked, about: list[Asked], subject: str | None
) -> None:
    place = subject_of(question, about)
    assert (question.question[slice(*place)] if place else None) == subject


def pairs() -> NearPairs:
    where = asked("江心大桥在哪里？", BRIDGE, "江心大桥昨日合龙", "昨日")
    return NearPairs([where, COST], [], encode)


def drawn(way: Callable[[random.Random], ReadingPair | None]) -> set[tuple[str, str]]:
    """Return the questions and the openings of the documents of many pairs."""
    made = (way(random.Random(seed)) for seed in range(60))
    found = [pair for pair in made if pair]
    assert not any(pair.answerable for pair in found)
    return {(pair.question, "隧道" if "隧道" in pair.passage else "大桥") for pair in found}


def test_a_question_is_put_to_the_subject_of_another_document() -> None:
    assert drawn(pairs().another_subject) == {
        ("江心大桥投资多少钱？", "大桥"),
        ("北山隧道在哪里？", "隧道"),
    }


def test_a_passage_is_asked_about_the_subject_of_another_document() -> None:
    assert drawn(pairs().another_name) == {
        ("北山隧道在哪里？", "大桥"),
        ("江心大桥投资多少钱？", "隧道"),
    }


def test_what_the_document_tells_too_is_no_near_miss() -> None:
    told = BRIDGE.replace("岸边的人很多。", "它花了两亿元。", 1)
    both = [asked("江心大桥在哪里？", told, "江心大桥昨日合龙", "昨日"), COST]
    assert drawn(NearPairs(both, [], encode).another_subject) == {("北山隧道在哪里？", "隧道")}


def test_a_name_that_another_question_about_the_document_has_is_not_another_one() -> None:
    both = replace(COST, question="北山隧道和江心大桥", text=TUNNEL, start=0, end=9)
    bridge = asked("江心大桥在哪里？", BRIDGE, "江心大桥昨日合龙", "昨日")
    made = NearPairs([bridge, COST, both], [], encode)
    found = {question for question, _ in drawn(made.another_name)}
    assert "江心大桥投资多少钱？" not in found
    assert "北山隧道在哪里？" in found
