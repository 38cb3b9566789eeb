"""The hand-made cases: proved by the pages, of every kind, in two languages, split by article."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals.cases import find_gold, load_cases
from evals.run import SUITES
from evals.types import Case, Gold
from index.articles import articles_of
from index.decoding import read_page

KINDS_ASKED = {
    "number", "date", "person", "place", "organisation", "list", "reason", "definition", "quote",
    "yes-no", "comparison", "two-part", "summary", "thing", "manner",
}  # fmt: skip
WAYS_TO_MISS = {"other-fact", "other-edition", "other-subject", "false-premise"}


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases(SUITES["seeds"])


@pytest.fixture(scope="module")
def golds(cases: tuple[Case, ...], seeds: Path) -> dict[str, Gold]:
    """Return where each answerable case is answered; a piece that proves nothing fails here."""
    pages = {path.name: read_page(path, path.name) for path in sorted(seeds.glob("*.txt"))}
    articles = {one.id: one for page in pages.values() for one in articles_of(page).articles}
    corpus: Any = SimpleNamespace(pages=pages, articles=articles)
    return {case.id: gold for case in cases if (gold := find_gold(case, corpus))}


def alone(cases: tuple[Case, ...], kind: str) -> Iterator[Case]:
    return (case for case in cases if case.kind == kind)


def test_there_are_enough_cases_of_each_kind(cases: tuple[Case, ...]) -> None:
    answerable = {case.pair for case in alone(cases, "answerable")}
    refused = {case.pair for case in alone(cases, "unanswerable")}
    missed = {case.pair for case in alone(cases, "unanswerable") if case.style == "near-miss"}
    assert len(answerable) >= 200
    assert len(refused) >= 100
    assert len(missed) >= 60
    assert len({case.session for case in alone(cases, "dialogues")}) >= 20


def test_every_pair_is_the_same_question_in_two_languages(cases: tuple[Case, ...]) -> None:
    for pair in {case.pair for case in cases if case.pair}:
        chinese, english = sorted(
            (case for case in cases if case.pair == pair), key=lambda case: case.language != "zh"
        )
        assert (chinese.language, english.language) == ("zh", "en"), pair
        same = ("file", "evidence", "facts", "also", "split", "asks", "edition")
        assert all(getattr(chinese, name) == getattr(english, name) for name in same), pair


def test_no_question_is_asked_twice(cases: tuple[Case, ...]) -> None:
    asked = Counter(case.question.casefold() for case in cases if case.pair)
    assert [question for question, times in asked.items() if times > 1] == []


def test_every_case_says_what_it_asks(cases: tuple[Case, ...]) -> None:
    assert {case.asks for case in alone(cases, "answerable")} == KINDS_ASKED
    for case in alone(cases, "unanswerable"):
        assert case.asks in (WAYS_TO_MISS if case.style == "near-miss" else {case.style}), case.id


def test_an_article_is_in_one_split_alone(cases: tuple[Case, ...], golds: dict[str, Gold]) -> None:
    splits: dict[str, set[str]] = {}
    for case in cases:
        for place in golds[case.id].places if case.id in golds else ():
            splits.setdefault(place.article.id, set()).add(case.split)
    assert len(splits) == 30
    assert {name: found for name, found in splits.items() if len(found) > 1} == {}
    sessions = {(case.session, case.split) for case in cases if case.session}
    assert len(sessions) == len({case.session for case in cases if case.session})


def test_a_near_miss_goes_with_the_article_it_is_near_to(cases: tuple[Case, ...]) -> None:
    topics = {case.pair.split("-")[0]: case.split for case in cases if case.pair and case.file}
    topics["jobs"] = topics["job"]  # how the first edition calls its misses
    for case in cases:
        if case.pair and case.style == "near-miss":
            assert case.split == topics[case.pair.split("-")[1]], case.id


def test_the_printed_spelling_of_a_fact_stands_by_its_evidence(
    cases: tuple[Case, ...], golds: dict[str, Gold]
) -> None:
    for case in cases:
        if case.id in golds:
            printed = "".join(
                place.article.headline + place.article.body.text for place in golds[case.id].places
            )
            for first, *_ in case.facts:
                assert first in printed or case.asks == "person", (case.id, first)
