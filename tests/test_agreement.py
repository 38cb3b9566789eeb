"""What a question names is printed near by, or it is not."""

from dataclasses import replace

import pytest

from index.text import bigrams, fold, words
from rag.agreement import (
    Wanted,
    latin_missing,
    month_missing,
    names_missing,
    things_missing,
    wanted_of,
)
from rag.answering import Answerer
from rag.question import understand


def wanted(answerer: Answerer, question: str) -> Wanted:
    return wanted_of(understand(question), answerer.retriever.analyst)


def held(text: str) -> dict[str, set[str]]:
    return {"characters": set(bigrams(fold(text))), "words": set(words(fold(text)))}


def test_a_name_that_is_not_printed_is_missing(answerer: Answerer) -> None:
    asked, analyst = wanted(answerer, "杭州有多少家企业？"), answerer.retriever.analyst
    assert names_missing(asked, held("全市有十家企业。"), analyst) == 1.0
    assert names_missing(asked, held("杭州有十家企业。"), analyst) == 0.0


def test_the_name_that_is_held_least_tells(answerer: Answerer) -> None:
    asked, analyst = wanted(answerer, "义乌到杭州有多远？"), answerer.retriever.analyst
    assert names_missing(asked, held("义乌是一座城市。"), analyst) == 1.0


def test_things_are_missing_by_their_share(answerer: Answerer) -> None:
    asked, analyst = wanted(answerer, "展会的门票多少钱？"), answerer.retriever.analyst
    shares = [
        things_missing(asked, held(text), analyst)
        for text in ("展会的门票三十元。", "展会昨日开幕。", "大桥通车。")
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[1] < shares[2]


@pytest.mark.parametrize(
    ("text", "missing"),
    [("2026年1月交易额增长。", 1.0), ("1至2月、2月交易额增长。", 0.0), ("交易额增长。", 0.0)],
)
def test_a_month_is_missing_where_others_are_printed(
    answerer: Answerer, text: str, missing: float
) -> None:
    assert month_missing(wanted(answerer, "2026年2月交易额是多少？"), text) == missing


def test_a_traditional_question_is_read_in_simplified(answerer: Answerer) -> None:
    traditional = wanted(answerer, "義烏到馬德里的班列幾月開通？")
    assert traditional == wanted(answerer, "义乌到马德里的班列几月开通？")


def test_of_an_english_question_the_names_that_can_be_read_are_wanted(answerer: Answerer) -> None:
    asked = wanted(answerer, "How many firms are there in Hangzhou?")
    assert asked == Wanted(latin=("Hangzhou",))
    analyst = answerer.retriever.analyst
    assert latin_missing(asked, "义乌有十家企业。", analyst) == 1.0
    assert latin_missing(asked, "杭州有十家企业。", analyst) == 0.0
    assert latin_missing(Wanted(), "义乌有十家企业。", analyst) == 0.0


def test_of_an_english_question_the_months_are_wanted(answerer: Answerer) -> None:
    february = wanted(answerer, "How high was the turnover in February 2026?")
    assert february.months == {"02"}
    assert month_missing(february, "2026年1月交易额增长。") == 1.0
    assert month_missing(february, "Turnover rose from January to February.") == 0.0


def test_a_near_miss_about_another_town_is_less_sure(answerer: Answerer) -> None:
    """The same question, once about the printed town, once about another one."""
    own = answerer.ask("义乌2026年1月电子商务交易额是多少？")
    other = answerer.ask("杭州2026年1月电子商务交易额是多少？")
    assert not own.refused
    assert other.confidence < own.confidence - 0.1


def test_the_context_of_a_follow_up_is_looked_for_too(answerer: Answerer) -> None:
    question = replace(understand("那里有多少家企业？"), rewritten="杭州有多少家企业？")
    assert wanted_of(question, answerer.retriever.analyst).names


@pytest.mark.parametrize(
    "question", ["博物馆在哪个城市？", "台风带来了什么？", "洪水冲走了几辆车？"]
)
def test_a_common_word_is_no_name(answerer: Answerer, question: str) -> None:
    assert wanted(answerer, question).names == ()
