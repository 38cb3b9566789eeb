"""What the reader says puts the best passages in order, and how many of them it has to read."""

import math
from dataclasses import dataclass

import pytest

from index.types import Chunk
from rag.question import understand
from rag.reranking import READ_AT_ONCE, READ_PASSAGES, logit_of, reranked
from rag.types import Passage, Reading
from tests.fakes import article_of, page_of


@dataclass
class SaysWhich:
    """A reader for whom only the passages that hold ``word`` answer."""

    word: str

    def read_passages(self, _: str, passages: list[Passage]) -> list[Reading]:
        """Return 4 for what holds the word, -4 for the rest."""
        return [
            Reading(4.0 if self.word in p.chunk.excerpt.text else -4.0, 0.0, ()) for p in passages
        ]


def passages(*scores: float) -> list[Passage]:
    found = []
    for n, score in enumerate(scores):
        article = article_of(page_of(f"{n}.txt", f"标题\n第{n}段。\n"), "标题", f"第{n}段。")
        found.append(Passage(Chunk(f"{n}", article, 0, len(article.body.text)), score))
    return found


def order(found: tuple[Passage, ...]) -> list[str]:
    return [passage.chunk.id for passage in found]


def test_the_passage_that_answers_comes_first_and_the_probability_stays() -> None:
    before = passages(0.5, 0.3, 0.1)
    found = reranked(understand("哪一段？"), before, SaysWhich("第1段"), 0.5)  # type: ignore[arg-type]
    assert order(found) == ["1", "2", "0"]
    assert sum(p.score for p in found) == pytest.approx(0.9, abs=1e-5)
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


def read(found: tuple[Passage, ...]) -> set[str]:
    return {passage.chunk.id for passage in found if passage.reading}


def test_only_the_best_are_read() -> None:
    before = passages(0.5, 0.2, 0.1, 0.08, 0.05)
    found = reranked(understand("哪一段？"), before, SaysWhich("第4段"), 5.0)  # type: ignore[arg-type]
    assert read(found) == {"0", "1", "2", "3"} == {str(n) for n in range(READ_PASSAGES)}
    assert {p.chunk.id: p.score for p in found}["4"] == 0.05


def test_no_more_is_read_when_nothing_could_come_before_the_best() -> None:
    before = passages(0.5, 0.3, 0.1, 0.05)
    found = reranked(understand("哪一段？"), before, SaysWhich("第1段"), 1.0)  # type: ignore[arg-type]
    assert read(found) == {"0", "1"} == {str(n) for n in range(READ_AT_ONCE)}
    assert order(found) == ["1", "2", "3", "0"]  # what was read as no answer comes last


def test_the_next_are_read_while_one_of_them_could_be_the_best() -> None:
    before = passages(0.5, 0.3, 0.1, 0.05)
    found = reranked(understand("哪一段？"), before, SaysWhich("第2段"), 1.0)  # type: ignore[arg-type]
    assert read(found) == {"0", "1", "2", "3"}
    assert order(found)[0] == "2"


def test_a_passage_beside_the_one_that_answers_does_not_come_before_it() -> None:
    beside = logit_of(Reading(4.0, math.log(0.1), ()))
    own = logit_of(Reading(3.0, math.log(0.9), ()))
    assert beside < own


def test_a_few_passages_are_all_read_once() -> None:
    found = reranked(understand("哪一段？"), passages(0.5), SaysWhich("没有"), 1.0)  # type: ignore[arg-type]
    assert read(found) == {"0"}


def test_nothing_found_is_nothing_to_read_and_no_weight_changes_nothing() -> None:
    assert reranked(understand("哪一段？"), [], SaysWhich(""), 1.0) == ()  # type: ignore[arg-type]
    before = passages(0.5, 0.3)
    same = reranked(understand("哪一段？"), before, SaysWhich("第1段"), 0.0)  # type: ignore[arg-type]
    assert order(same) == ["0", "1"]
