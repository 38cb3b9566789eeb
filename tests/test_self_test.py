"""A self-test asks a corpus for its own words, the same each time, and tells what is wrong."""

import json
from dataclasses import replace

import pytest

from rag.answering import Answerer
from rag.retrieval import Retriever
from rag.self_test import (
    KINDS,
    MAX_MISSES,
    Score,
    SelfTest,
    sampled,
    self_test,
)
from tests.papers import STORIES, answerer_of
from ui.terminal import self_test_lines


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    return answerer_of(tmp_path_factory.mktemp("self-test"), STORIES[:4])


def test_every_article_is_asked_for_in_both_languages(papers: Answerer) -> None:
    probes = sampled(papers.retriever)
    asked = {(probe.kind, probe.article.headline) for probe in probes}
    for kind in KINDS:
        assert sum(found == kind for found, _ in asked) >= 3, kind
    headline = next(p for p in probes if p.kind == "headline" and "渡轮" in p.text)
    assert headline.text == headline.article.headline
    english = [probe for probe in probes if probe.kind == "english"]
    assert all(probe.text.isascii() and probe.language == "en" for probe in english)
    cloze = next(probe for probe in probes if probe.kind == "cloze")
    assert cloze.text not in cloze.article.body.text  # a clause of its middle is gone
    keywords = next(probe for probe in probes if probe.kind == "keywords")
    assert all(word in keywords.article.body.text for word in keywords.text.split())


def test_the_same_index_has_the_same_probes_the_kinds_by_turns(papers: Answerer) -> None:
    probes = sampled(papers.retriever, 8)
    assert probes == sampled(papers.retriever, 8)
    assert len(probes) <= 8
    assert [probe.kind for probe in probes[:4]] == list(KINDS)


def test_a_sound_corpus_is_healthy(papers: Answerer) -> None:
    heard: list[tuple[int, int]] = []
    result = self_test(papers.retriever, told=lambda asked, planned: heard.append((asked, planned)))
    by_kind = {score.kind: score for score in result.scores}
    assert result.verdict == "healthy"
    assert by_kind["headline"].at_1 == by_kind["cloze"].at_1 == 1.0
    assert heard[-1] == (result.asked, result.planned)
    assert json.loads(json.dumps(result.to_json()))["verdict"] == "healthy"
    assert self_test_lines(result)[-1].startswith("healthy")


def test_broken_vectors_and_postings_are_noticed(papers: Answerer) -> None:
    class Deaf(Retriever):
        """Finds the first chunks of the index whatever is asked."""

        def retrieve(self, question, k=10, arms=()):  # type: ignore[no-untyped-def] # noqa: ARG002
            from rag.types import Passage

            return [Passage(self.index.chunks[0], 1.0)]

    whole = papers.retriever
    deaf = Deaf(whole.index, whole.vectors, whole.analyst, whole.weights)
    result = self_test(deaf)
    probes = {score.kind: score.probes for score in result.scores}
    assert result.misses
    assert len(result.misses) <= MAX_MISSES
    assert all(miss.rank == 0 for miss in result.misses)
    assert max(score.at_5 for score in result.scores) < 0.5
    assert min(probes.values()) >= 3


def test_too_few_probes_prove_nothing_wrong_and_enough_do() -> None:
    bad, few = Score("headline", 50, 0.2, 0.4, 0.3), Score("headline", 4, 0.0, 0.0, 0.0)
    assert not bad.healthy
    assert few.healthy
    said = SelfTest("000001", 9, (bad,), (), 50, 50, 1.0)
    assert said.verdict == "look"
    assert replace(said, scores=(few,)).verdict == "healthy"
    assert replace(said, asked=0).verdict == "nothing"
    assert "look at this" in "\n".join(self_test_lines(said))


def test_time_is_kept(papers: Answerer) -> None:
    result = self_test(papers.retriever, max_seconds=-1.0)
    assert (result.asked, result.planned) == (1, len(sampled(papers.retriever)))
    assert f"{result.planned} planned" in self_test_lines(result)[-1]
