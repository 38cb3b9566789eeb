"""The bench shows what retrieval itself finds: arm by arm, fused, and read."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from index.types import CorpusError
from rag.answering import Answerer
from rag.arms import MAX_HITS, looked_into
from rag.terms import ALL_ARMS
from rag.types import Passage, Question, Reading, Words
from tests.papers import answerer_of


@dataclass
class PrefersFair:
    """A reader for whom only what is of the fair answers, with its first two characters."""

    def read_passages(self, _: str, passages: list[Passage]) -> list[Reading]:
        """Return 4 for the fair, -4 for the rest."""
        return [
            Reading(4.0 if "灯会" in p.chunk.excerpt.text else -4.0, 0.0, (Words(0, 2, -0.1),))
            for p in passages
        ]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    return answerer_of(tmp_path_factory.mktemp("arms"))


def test_every_arm_tells_what_it_looked_for_and_what_it_found(papers: Answerer) -> None:
    bench = looked_into("清江渡轮票价多少？", papers.retriever, PrefersFair())  # type: ignore[arg-type]
    by_arm = {finds.arm: finds for finds in bench.arms}
    assert set(by_arm) == set(ALL_ARMS)
    assert {"清江", "渡轮", "票价"} <= set(by_arm["characters"].terms)
    assert by_arm["characters"].hits[0].chunk.article.headline.startswith("清江渡轮")
    assert by_arm["dense"].hits[0].chunk.article.headline.startswith("清江渡轮")
    for finds in bench.arms:
        scores = [hit.score for hit in finds.hits]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) <= MAX_HITS


def test_the_fused_list_is_that_of_retrieval_and_the_reader_moves_it(papers: Answerer) -> None:
    text = "清江渡轮票价多少？"
    bench = looked_into(text, papers.retriever, PrefersFair())  # type: ignore[arg-type]
    found = papers.retriever.retrieve(Question(text, "zh"))
    assert [each.passage for each in bench.fused] == found
    assert sorted(each.place for each in bench.fused) == list(range(1, len(found) + 1))
    readings = [each.read for each in bench.fused if each.read is not None]
    assert readings
    for at, each in enumerate(bench.fused):
        assert (each.read is not None) is (at < len(readings))
    read = [each for each in bench.fused if each.read == 4.0]
    assert all(each.words == each.passage.chunk.excerpt.text[:2] for each in read)
    first = bench.fused[0]
    assert first.shares["characters"] > 0
    assert first.shares["dense"] == first.passage.cosine


def test_filters_of_the_question_narrow_every_arm(papers: Answerer) -> None:
    bench = looked_into("记者王小红写的报道里谁说了什么", papers.retriever, PrefersFair())  # type: ignore[arg-type]
    assert bench.question.filters.reporters == ("王小红",)
    articles = {hit.chunk.article for finds in bench.arms for hit in finds.hits}
    assert articles
    assert {"王小红" in article.byline for article in articles} == {True}


def test_what_is_of_another_edition_is_not_read_and_comes_last(tmp_path: Path) -> None:
    fairs = answerer_of(tmp_path, (
        ("2025-05-27", "第12届灯会开幕", "", "", "第12届灯会昨晚开幕，首夜来了一万名游客。"),
        ("2024-05-27", "第11届灯会闭幕", "", "", "第11届灯会昨晚闭幕，一共来了九万名游客。"),
    ))  # fmt: skip
    text = "第11届灯会来了多少游客？"
    bench = looked_into(text, fairs.retriever, PrefersFair())  # type: ignore[arg-type]
    assert {each.passage.article.headline: (each.place, each.read) for each in bench.fused} == {
        "第11届灯会闭幕": (1, 4.0),
        "第12届灯会开幕": (2, None),
    }


def test_a_question_that_is_none_is_refused(papers: Answerer) -> None:
    with pytest.raises(CorpusError):
        looked_into("", papers.retriever, PrefersFair())  # type: ignore[arg-type]
