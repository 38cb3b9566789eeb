"""The catalogue orders a corpus as it is read, and finds words exactly, at any size."""

import pytest

from index.types import DOUBTFUL, Join
from rag.catalogue import Catalogue, doubts_in
from rag.filters import filters_from
from rag.names import Names
from tests.fakes import article_of, page_of
from tests.papers import STORIES, archive

NAMES = Names((("渡轮", "ferry"), ("灯会", "lantern fair")))


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return Catalogue(archive(tmp_path_factory.mktemp("catalogue")), NAMES)


def found(papers: Catalogue, words: str = "", **filters: str) -> list[str]:
    places = papers.search(words, filters_from(**filters)).tolist()
    return [papers.articles[at].headline[:4] for at in places]


def test_the_newest_issue_comes_first_and_what_has_no_date_last(papers: Catalogue) -> None:
    assert [article.date for article in papers.articles] == [
        "2025-05-28", "2025-05-27", "2025-05-27", "2025-05-27", None
    ]  # fmt: skip
    assert papers.days == {"2025-05-28": 1, "2025-05-27": 3, "": 1}
    assert [article.headline[:4] for article in papers.of_day("2025-05-27")][:2] == [
        "清江渡轮",
        "城南灯会",
    ]
    assert [article.headline[:4] for article in papers.of_day("")] == ["南屏图书"]
    assert papers.of_day("2024-01-01") == []


@pytest.mark.parametrize(
    ("words", "headlines"),
    [
        ("渡轮", ["清江渡轮"]),
        ("渡輪", ["清江渡轮"]),
        ("清江渡轮正式复航", ["清江渡轮"]),
        ("渡轮复航了", []),
        ("航复", []),
        ("ferry", ["清江渡轮"]),
        ("无人机 茶农", ["云雾茶场"]),
        ("茶农 渡轮", []),
        ("昨日", ["云雾茶场", "清江渡轮", "<img"]),
        ("", ["云雾茶场", "清江渡轮", "城南灯会", "<img", "南屏图书"]),
        ("？！", []),
    ],
)
def test_what_holds_the_words_is_found_and_nothing_else(
    papers: Catalogue, words: str, headlines: list[str]
) -> None:
    assert found(papers, words) == headlines


def test_filters_narrow_what_is_found(papers: Catalogue) -> None:
    assert found(papers, reporter="李大明") == ["云雾茶场", "清江渡轮"]
    assert found(papers, "昨日", since="2025-05-28") == ["云雾茶场"]
    assert found(papers, series="港湾十年", reporter="王小红") == ["城南灯会"]
    assert found(papers, file="undated.jsonl") == ["南屏图书"]


def test_a_search_agrees_with_reading_every_article(papers: Catalogue) -> None:
    texts = {a.headline[:4]: a.headline + a.body.text for a in papers.articles}
    chunks = [(c.article.headline[:4], c.excerpt.text) for c in papers.index.chunks]
    inside = 0
    for start in range(0, len(STORIES[0][4]) - 4, 3):
        words = STORIES[0][4][start : start + 4]
        if words.isalpha():
            expected = {head for head, text in texts.items() if words in text}
            # one that is cut in two between chunks is none that the postings know
            whole = {head for head, text in chunks if words in text}
            assert whole <= set(found(papers, words)) <= expected
            inside += bool(whole)
    assert inside > 10


def test_one_is_doubted_that_lacks_a_headline_or_a_half_or_is_joined_in_doubt() -> None:
    page = page_of("a.txt", "标题\n正文是完整的。\n")
    sound = article_of(page, "标题", "正文是完整的。", date="2025-05-27")
    assert doubts_in(sound) == ()
    untitled = article_of(
        page, "", "正文是完整的。", complete=False, joins=(Join(2, DOUBTFUL - 0.1),)
    )
    assert doubts_in(untitled) == ("headline", "half", "join")
    assert doubts_in(article_of(page, "", "正文是完整的。", genre="caption")) == ()
