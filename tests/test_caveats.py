"""Answers with a caveat: other editions, parts without an answer, figures that differ."""

from dataclasses import replace

import pytest

from index.types import Article, Chunk
from rag.caveats import editions, figures_differ, of_edition, partly_answered, premise_hint
from rag.extractive import Candidate
from rag.question import understand
from rag.types import Citation, Passage
from tests.fakes import article_of, page_of


def article(headline: str, text: str, name: str = "a") -> Article:
    return article_of(page_of(f"{name}.txt", f"{headline}\n{text}\n"), headline, text)


def passage(of: Article) -> Passage:
    return Passage(Chunk(f"{of.id}-0", of, 0, len(of.body.text)), 0.9)


BOOKS = passage(article("第12届书市闭幕", "第12届书市昨日闭幕，共有三百家书店参加。", "books"))
OLDER = passage(article("书市往事", "第十届书市曾有一百家书店参加，第12届多了两倍。", "older"))
TEA = passage(article("茶园忙", "茶农抢采春茶，无人机施肥。", "tea"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第12届书市", [("12", "届")]),
        ("第十二届书市", [("12", "届")]),
        ("今年第三季度", [("3", "季度")]),
        ("今年三季度", [("3", "季度")]),
        ("2季度", [("2", "季度")]),
        ("前三季度，一至三季度，每一季度，三个季度", []),
        ("首届书市", [("1", "届")]),
        ("首批和第二批", [("1", "批"), ("2", "批")]),
        ("the 12th book fair", [("12", "届")]),
        ("the 18th Yiwu culture and tourism products fair", [("18", "届")]),
        ("at the 19th Asian Games", [("19", "届")]),
        ("What does the 15th Five-Year Plan say about the trade fair?", []),
        ("the 20th National Congress", []),
        ("in the third quarter", [("3", "季度")]),
        ("on May 12th", []),
        ("the 12th of May", []),
        ("in the 18th century", []),
        ("its 75th anniversary", []),
        ("跟上一届比，分3批来了多少人？", []),
    ],
)
def test_what_tells_one_of_several_is_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.value, each.unit) for each in editions(text)] == expected


@pytest.mark.parametrize("text", ["第11届书市有多少书店？", "How many shops at the 11th fair?"])
def test_an_article_about_another_edition_answers_nothing(text: str) -> None:
    question = understand(text)
    assert of_edition(question, [BOOKS]) == ()
    assert "第12届" in premise_hint(question, BOOKS.article, "zh")


def test_an_ordinal_of_something_else_leaves_an_article_about_an_edition() -> None:
    question = understand("What does the 15th Five-Year Plan say about shops?")
    assert of_edition(question, [BOOKS, TEA]) == (BOOKS, TEA)


def test_nor_does_one_that_names_no_edition_where_others_name_another() -> None:
    assert of_edition(understand("第11届书市有多少书店？"), [BOOKS, TEA]) == ()


def test_an_article_that_names_the_edition_among_others_may_answer() -> None:
    question = understand("第10届书市有多少书店？")
    assert of_edition(question, [BOOKS, OLDER, TEA]) == (OLDER, TEA)


@pytest.mark.parametrize("text", ["2025年茶会有多少人？", "How many came to the 2025 tea fair?"])
def test_the_year_in_a_headline_is_an_edition(text: str) -> None:
    own = passage(article("2026茶会开幕", "茶会来了三百人。", "own"))
    question = understand(text)
    assert of_edition(question, [own, TEA]) == (TEA,)
    assert "2026" in premise_hint(question, own.article, "zh")


@pytest.mark.parametrize(
    ("headline", "body"),
    [
        ("2025茶会开幕", "茶会来了三百人。"),
        ("2026茶会开幕", "2025年的茶会来了三百人。"),
        ("2026茶会开幕", "去年的茶会来了三百人。"),
        ("2026名茶农聚会", "茶会来了三百人。"),
        ("茶会开幕", "2026年，茶会来了三百人。"),
    ],
)
def test_a_year_that_is_printed_told_by_a_word_or_not_in_the_headline_leaves_all(
    headline: str, body: str
) -> None:
    found = [passage(article(headline, body))]
    assert of_edition(understand("2025年茶会有多少人？"), found) == tuple(found)


@pytest.mark.parametrize(
    ("asked", "printed"),
    [
        ("第一届书市是哪年举办的？", "首届书市于1995年举办，今年是第20届。"),
        ("第一季度出口额是多少？", "一季度出口额1200亿元，第二季度有望再增。"),
        ("第一批有几家？", "首批有十家，第二批有九家。"),
    ],
)
def test_the_first_is_printed_in_other_words(asked: str, printed: str) -> None:
    found = passage(article("书市往事", printed))
    assert of_edition(understand(asked), [found]) == (found,)
    assert premise_hint(understand(asked), found.article, "zh") == ""


def test_a_year_that_counts_in_english_is_no_edition() -> None:
    own = [passage(article("2026茶会开幕", "茶会来了两千家企业。"))]
    for counted in (
        "How many of the 2000 exhibitors came from abroad?",
        "Did 2000 shops come to the fair?",
        "Were there 2000 people?",
    ):
        assert of_edition(understand(counted), own) == tuple(own), counted
    for dated in (
        "How many visitors came in 2025?",
        "In 2025 visitors came from where?",
        "Where do the 2025 traders fair visitors come from?",
        "What do the 2025 reports say?",
        "Who came to the tea fair of May 27, 2025?",
        "Was 2025 better than 2024?",
    ):
        assert of_edition(understand(dated), own) == (), dated


@pytest.mark.parametrize("text", ["第十二届书市有多少书店？", "书市有多少书店？"])
def test_the_same_edition_and_none_leave_all(text: str) -> None:
    assert of_edition(understand(text), [BOOKS, TEA]) == (BOOKS, TEA)
    assert premise_hint(understand(text), BOOKS.article, "zh") == ""


def test_parts_without_an_answer_are_named() -> None:
    assert partly_answered([], "zh") == ()
    assert "门票多少钱" in partly_answered(["门票多少钱"], "zh")[0]


def candidate(of: Passage, words: str) -> Candidate:
    start = of.article.body.text.index(words)
    return Candidate(of, 0, len(of.article.body.text), {}, (start, start + len(words)))


def test_different_figures_of_two_articles_are_told_of_a_question_for_a_number() -> None:
    other = passage(article("书市", "书市有280家书店参加。", "other"))
    first = passage(article("书市", "书市有300家书店参加。", "first"))
    chosen = [candidate(first, "300家"), candidate(other, "280家")]
    cited = [Citation(n, each.passage.article, each.passage.article.body)
             for n, each in enumerate(chosen, start=1)]  # fmt: skip
    question = understand("书市有多少书店？")
    assert "[1] [2]" in figures_differ(question, chosen, cited, "zh")[0]
    assert figures_differ(replace(question, text="书市怎么样？"), chosen, cited, "zh") == ()
    same = [chosen[0], replace(chosen[0], passage=replace(first, chunk=replace(
        first.chunk, article=replace(first.article, id="copy"))))]  # fmt: skip
    assert figures_differ(question, same, cited, "zh") == ()


def test_figures_may_differ_behind_a_follow_up_that_asks_for_a_number() -> None:
    first = passage(article("书市", "书市有300家书店参加。", "first"))
    other = passage(article("书市", "书市有280家书店参加。", "other"))
    chosen = [candidate(first, "300家"), candidate(other, "280家")]
    cited = [Citation(n, each.passage.article, each.passage.article.body)
             for n, each in enumerate(chosen, start=1)]  # fmt: skip
    question = understand("那书店呢？", [understand("书市有多少出版社？")])
    assert question.rewritten == "书市有多少书店？"
    assert figures_differ(question, chosen, cited, "zh")


def test_figures_of_two_editions_may_differ() -> None:
    first = passage(article("书市", "第十二届书市有300家书店参加。", "first"))
    other = passage(article("书市", "第十一届书市有280家书店参加。", "other"))
    chosen = [candidate(first, "300家"), candidate(other, "280家")]
    cited = [Citation(n, each.passage.article, each.passage.article.body)
             for n, each in enumerate(chosen, start=1)]  # fmt: skip
    assert figures_differ(understand("书市有多少书店？"), chosen, cited, "zh") == ()
