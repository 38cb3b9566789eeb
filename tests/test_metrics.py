"""Metrics give the numbers that one gets with pencil and paper."""

import math
from typing import Any

import pytest

from evals.metrics import (
    broken_floors,
    citation_problems,
    hits_evidence,
    percentile,
    rank_of,
    ranked_articles,
    ranking,
    share,
    states_fact,
)
from evals.types import Figure, Floor
from index.types import Article, Chunk, Excerpt, Page, Span
from rag.types import Answer, Citation, Passage, Question

TEXT = "第一条\n博览会共吸引专业采购商58092人次。\n第二条\n旅客创历史新高。\n"
PAGE = Page("a.txt", TEXT, "utf-8", "0" * 64)
PAGES = {"a.txt": PAGE}


def excerpt(*words: str) -> Excerpt:
    """Return the places of ``words`` on the page, joined."""
    spans = [Span("a.txt", TEXT.index(word), TEXT.index(word) + len(word)) for word in words]
    return Excerpt("".join(words), tuple(spans))


def article(name: str, headline: str, body: str) -> Article:
    return Article(
        id=name,
        file="a.txt",
        headline=headline,
        subheads=(),
        kicker="",
        byline="",
        date=None,
        genre="",
        complete=True,
        body=excerpt(body),
        spans=excerpt(headline, body).spans,
    )


FAIR = article("a-1", "第一条", "博览会共吸引专业采购商58092人次。")
TRAVEL = article("a-2", "第二条", "旅客创历史新高。")


def answer(text: str, *citations: Citation, refused: bool = False) -> Answer:
    question = Question("来了多少人？", "zh")
    return Answer(question, text, refused, "extractive", 0.9, citations, ())


def passage(of: Article) -> Passage:
    return Passage(Chunk(f"{of.id}-0", of, 0, len(of.body.text)), 1.0)


# Ranking


def test_ranked_articles_are_distinct_and_keep_the_order() -> None:
    assert ranked_articles([passage(TRAVEL), passage(FAIR), passage(TRAVEL)]) == ("a-2", "a-1")


def test_rank_counts_from_one_and_is_none_where_missing() -> None:
    assert rank_of("b", ("a", "b")) == 2
    assert rank_of("c", ("a", "b")) is None


def test_ranking_metrics_of_ranks_one_three_seven_and_missing() -> None:
    fillers = [f"x{number}" for number in range(10)]
    runs = [
        ("g", ["g", *fillers]),
        ("g", [*fillers[:2], "g"]),
        ("g", [*fillers[:6], "g"]),
        ("g", fillers),
    ]
    found = ranking(runs)
    assert found["recall_at_1"] == pytest.approx(1 / 4)
    assert found["recall_at_5"] == pytest.approx(2 / 4)
    assert found["mrr"] == pytest.approx((1 + 1 / 3 + 1 / 7) / 4)
    assert found["ndcg_at_10"] == pytest.approx((1 + 1 / math.log2(4) + 1 / math.log2(8)) / 4)


def test_the_eleventh_article_no_longer_counts() -> None:
    fillers = [f"x{number}" for number in range(10)]
    found = ranking([("g", [*fillers, "g"])])
    assert found["mrr"] == found["ndcg_at_10"] == 0


def test_a_question_that_finds_nothing_counts_as_a_miss() -> None:
    assert ranking([("g", ["g"]), ("g", [])])["recall_at_1"] == pytest.approx(0.5)
    assert ranking([("g", [])]) == {
        "recall_at_1": 0.0,
        "recall_at_5": 0.0,
        "mrr": 0.0,
        "ndcg_at_10": 0.0,
    }


def test_no_questions_give_no_metrics() -> None:
    assert ranking([]) == {}


# Facts


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("共吸引采购商58,092人次[1]。", "58092"),
        ("共吸引采购商５８０９２人次。", "58,092"),
        ("約有36種語言", "36种"),
        ("the Customer was ITALIAN.", "Italian"),
        ("36 种语言", "36种"),
        ("about 149.75  million yuan", "149.75 million"),
        ("旅客创历史\n新高", "历史新高"),
        ("用AI翻译", "AI"),
        ("两只drones", "drone"),
        ("2025年[1]3月", "2025年3月"),
        ("增长12[3]", "12"),
        ("增长12【3】", "12"),
    ],
)
def test_a_fact_is_found_in_other_writing(text: str, spelling: str) -> None:
    assert states_fact(text, [spelling])


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("2018年", "18"),
        ("18.5%", "18"),
        ("0.18", "18"),
        ("180人", "18"),
        ("he said so", "AI"),
        ("据统计[36]", "36"),
        ("1,580,920", "58092"),
        ("in 2025 18 counties", "202518"),
        ("1.5亿元", "1.5万"),
    ],
)
def test_a_fact_is_not_found_inside_another(text: str, spelling: str) -> None:
    assert not states_fact(text, [spelling])


def test_one_accepted_spelling_is_enough() -> None:
    assert states_fact("a customer from Italy", ["意大利", "Italy"])
    assert not states_fact("a customer from Spain", ["意大利", "Italy"])


# Evidence and citations


def test_evidence_is_hit_by_any_overlap_in_the_same_file() -> None:
    start = TEXT.index("采购商58092")
    quote = Citation(1, FAIR, excerpt("采购商58092"))
    assert hits_evidence([quote], Span("a.txt", start + 4, start + 99))
    assert not hits_evidence([quote], Span("a.txt", start - 3, start))
    assert not hits_evidence([quote], Span("b.txt", start, start + 3))
    assert not hits_evidence([], Span("a.txt", start, start + 3))


def test_a_verbatim_quote_has_no_problems() -> None:
    one, two = (
        Citation(1, FAIR, excerpt("58092人次")),
        Citation(2, FAIR, excerpt("第一条", "博览会")),
    )
    assert citation_problems(answer("五万多[1]，在博览会[2][1]。", one, two), PAGES) == ()


def test_a_refusal_without_citations_has_no_problems() -> None:
    assert citation_problems(answer("没有答案。", refused=True), PAGES) == ()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            answer(
                "来了[1]。", Citation(1, FAIR, Excerpt("58093人次", excerpt("58092人次").spans))
            ),
            "[1] quotes '58093人次', the page says '58092人次'",
        ),
        (
            answer("来了[2]。", Citation(1, FAIR, excerpt("58092"))),
            "[2] in the text has no citation",
        ),
        (answer("来了。", Citation(1, FAIR, excerpt("58092"))), "citation [1] is not in the text"),
        (answer("来了[1]。", *[Citation(1, FAIR, excerpt("58092"))] * 2), "[1] is cited twice"),
        (answer("来了。"), "answers without a citation"),
        (
            answer("没有[1]。", Citation(1, FAIR, excerpt("58092")), refused=True),
            "refused, yet cites 1",
        ),
        (
            answer("来了[1]。", Citation(1, TRAVEL, excerpt("58092"))),
            "[1] quotes words outside its article a-2",
        ),
        (
            answer("来了[1]。", Citation(1, FAIR, Excerpt("x", (Span("b.txt", 0, 1),)))),
            "[1] quotes b.txt, which is not in the corpus",
        ),
        (
            answer("来了[1]。", Citation(1, FAIR, Excerpt("x", (Span("a.txt", 0, 999),)))),
            "[1] quotes a.txt 0–999, outside the page",
        ),
        (answer("来了[1]。", Citation(1, FAIR, Excerpt("", ()))), "[1] quotes nothing"),
    ],
)
def test_an_unsound_citation_is_named(given: Answer, problem: str) -> None:
    assert problem in citation_problems(given, PAGES)


# Shares, percentiles, floors


def test_share_counts_its_cases() -> None:
    assert share([True, False, False, True]) == Figure(0.5, 4)
    assert share([]) == Figure(0.0, 0)


def test_percentile_takes_the_nearest_rank() -> None:
    values = [float(value) for value in range(20, 0, -1)]
    assert percentile(values, 95) == 19
    assert percentile(values, 50) == 10
    assert percentile([7.0], 95) == 7


@pytest.mark.parametrize(
    ("floor", "value", "broken"),
    [
        (Floor("zh.mrr", 0.8), 0.8, False),
        (Floor("zh.mrr", 0.8), 0.79, True),
        (Floor("zh.mrr", 0.1, at_most=True), 0.1, False),
        (Floor("zh.mrr", 0.1, at_most=True), 0.11, True),
    ],
)
def test_a_floor_is_broken_beyond_its_value_only(floor: Floor, value: float, broken: bool) -> None:
    assert bool(broken_floors([floor], {"zh.mrr": Figure(value, 9)})) is broken


def test_a_broken_floor_names_metric_values_and_cases() -> None:
    metrics: dict[str, Any] = {"zh.mrr": Figure(0.5, 9)}
    found = broken_floors([Floor("zh.mrr", 0.8), Floor("en.mrr", 0.8)], metrics)
    assert found == (
        "zh.mrr: 0.5 is below 0.8 (n=9)",
        "en.mrr: not measured, there is no case for it",
    )
