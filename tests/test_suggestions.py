"""Suggested questions are made of printed sentences, sound complete, and were asked first."""

import json
import time

import pytest

from index.build import build_index
from index.embedding import BUNDLED, load_embedder
from index.types import Article, Excerpt, Span
from rag.answering import Answerer, load_answerer
from rag.config import ROOT, load_settings
from rag.made_questions import made_from
from rag.names import Names
from rag.suggestions import examples, follow_ups
from rag.types import Language

NAMES = Names(
    (
        ("滨江渡轮公司", "Binjiang Ferry Company"),
        ("滨江市", "Binjiang"),
        ("沈大同", "Shen Datong"),
    ),
    frozenset({"沈大同"}),
)


def article(text: str, headline: str = "") -> Article:
    span = Span("a.txt", 0, len(text))
    return Article(
        "a-1", "a.txt", headline, (), "", "", None, "news", True, Excerpt(text, (span,)), (span,)
    )


def asked(text: str, language: Language = "zh", headline: str = "") -> list[str]:
    return [each.text for each in made_from(article(text, headline), language, NAMES)]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("滨江市累计开通27条线路。", "滨江市累计开通多少条线路？"),
        ("滨江渡轮公司董事长沈大同说：“明年再来。”", "滨江渡轮公司董事长是谁？"),
        ("第20届灯会在滨江体育馆开幕。", "第20届灯会在哪里开幕？"),
        ("2014年11月18日，滨江渡轮公司正式成立。", "滨江渡轮公司是哪一天正式成立的？"),
    ],
)
def test_the_figure_the_name_the_place_and_the_day_are_cut_out(
    sentence: str, question: str
) -> None:
    assert question in asked(sentence)


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("滨江市累计开通27条线路。", "How many routes has Binjiang opened?"),
        (
            "滨江渡轮公司董事长沈大同说：“明年再来。”",
            "Who is the chairman of the Binjiang Ferry Company?",
        ),
        ("The Harbour Trust has 27 ferries.", "How many ferries does the Harbour Trust have?"),
        ("Ada Stone was born in 1901.", "When was Ada Stone born?"),
    ],
)
def test_english_is_asked_where_every_word_is_certain(sentence: str, question: str) -> None:
    assert question in asked(sentence, "en")


@pytest.mark.parametrize(
    "sentence",
    [
        "他累计开通27条线路。",
        "该公司今年开通27条线路。",
        "同比增长4.7%。",
        "公司有员工27人。",
        "“滨江市累计开通27条线路。",
        "滨江市在27条线路中排名第一。",
        "警方抓获滨江市张某等27人。",
        "",
    ],
)
def test_what_would_not_stand_alone_is_not_asked(sentence: str) -> None:
    assert asked(sentence) == []


def test_a_common_noun_is_replaced_by_the_topic_of_the_headline() -> None:
    text = "灯会热闹。为期三天的展会共吸引采购商58092人次。"
    assert "第20届文旅博览会共吸引采购商多少人次？" in asked(text, headline="第20届文旅博览会")


def test_every_question_is_one_line_with_paired_marks_and_a_question_mark() -> None:
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        made = [
            (each, text)
            for text in (path.read_text("utf-8") for path in (ROOT / "seeds").glob("0*.txt"))
            for each in made_from(article(text), language, NAMES)
        ]
        assert made
        for each, text in made:
            assert each.text.endswith("？" if language == "zh" else "?")
            assert "\n" not in each.text
            assert each.text.count("“") == each.text.count("”")
            assert 0 <= each.start < each.end <= len(text)


def test_hostile_text_is_read_in_linear_time() -> None:
    started = time.monotonic()
    for text in ("1" * 6000, "“" * 6000, "在" * 6000, "第1届" * 2000, "2014年" * 1500):
        list(made_from(article(text), "zh", NAMES))
        list(made_from(article(text), "en", NAMES))
    assert time.monotonic() - started < 10


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    folder = tmp_path_factory.mktemp("harbour")
    articles = (
        (
            "渡轮复航",
            "杭州青航渡轮公司累计开通27条航线。杭州青航渡轮公司董事长沈大同说，明年再开五条。",
        ),
        ("灯会", "第20届灯会在杭州奥体中心开幕。第20届灯会共设2012个展位。"),
        ("茶山", "2014年11月18日，龙井茶业集团正式成立。龙井茶业集团拥有员工358人。"),
    )  # fmt: skip
    rows = ({"headline": head, "text": text} for head, text in articles)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "pages.jsonl").write_text(lines, encoding="utf-8")
    build_index([folder / "pages.jsonl"], folder / "index", load_embedder(BUNDLED))
    return load_answerer(load_settings(index=folder / "index"))


def test_each_example_is_answered_by_its_own_sentence(answerer: Answerer) -> None:
    shown = examples(answerer, "zh", count=3, allowed_s=60)
    assert shown
    for question in shown:
        answer = answerer.ask(question)
        assert not answer.refused
        assert answer.confidence >= 0.75
    assert len({answerer.ask(q).citations[0].article.id for q in shown}) == len(shown)


def test_examples_are_the_same_again_and_in_traditional_characters(answerer: Answerer) -> None:
    assert examples(answerer, "zh", allowed_s=60) == examples(answerer, "zh", allowed_s=60)
    assert any("哪裡" in q or "屆" in q for q in examples(answerer, "zh-Hant", allowed_s=60))


def test_no_time_means_no_examples(answerer: Answerer) -> None:
    assert examples(answerer, "zh", allowed_s=0) == ()


def test_follow_ups_are_about_the_article_and_not_what_was_asked(answerer: Answerer) -> None:
    question = "第20届灯会共设多少个展位？"
    found = follow_ups(answerer, answerer.ask(question), allowed_s=60)
    assert found
    assert question not in found
    again = follow_ups(answerer, answerer.ask(question), asked=found, allowed_s=60)
    assert not set(found) & set(again)


def test_a_refusal_offers_better_questions_and_small_talk_none(answerer: Answerer) -> None:
    refused = answerer.ask("谁设计了埃菲尔铁塔？")
    assert refused.refused
    for question in follow_ups(answerer, refused, allowed_s=60):
        assert not answerer.ask(question).refused
    assert follow_ups(answerer, answerer.ask("你好")) == ()
