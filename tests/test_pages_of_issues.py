"""A page of an issue can be asked for by its number, where the number is known to the index."""

from dataclasses import replace

import pytest

from index.build import build_index
from index.index import Index
from index.page_numbers import PageNumber, numbers_of, page_asked
from index.store import load_index
from index.types import CorpusError
from rag.filters import NO_FILTERS, Facets, facets_of, filters_from, filters_in
from rag.list_requests import request_in
from rag.listing import listed
from rag.names import Names
from rag.question import understand
from tests.embedders import BigramEmbedder
from tests.fakes import page_of

BODY = "这一段把这件事情的前因后果都说清楚了，并且写得足够长，像一篇真正的报道。" * 4
KNOWN = Facets({}, {}, {}, {}, {}, {"3": 2, "A2": 1})


@pytest.fixture(scope="module")
def issue(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("issue")
    for number, headline in ((1, "渡轮昨日复航"), (3, "灯会昨晚开幕")):
        text = f"{headline}\n\n本报讯 昨日，{headline}，来了一万人。{BODY}\n"
        (folder / f"2025-05-27_第{number:02}版.txt").write_text(text, "utf-8")
    build_index([folder], folder / "index", BigramEmbedder())
    return load_index(folder / "index")


def test_a_page_tells_its_number_in_print_or_in_the_name_of_its_file() -> None:
    pages = [
        page_of("a.txt", "港湾日报 2025年5月27日 星期二 第4版\n渡轮复航\n"),
        page_of("2025-05-27_A02.txt", "渡轮复航\n"),
        page_of("000_361fbcaa1fcc6c1b.txt", "渡轮复航\n"),
        page_of("story-12.txt", "渡轮复航\n"),
    ]
    found = numbers_of({page.file: page for page in pages})
    assert found == {"a.txt": PageNumber("", 4), "2025-05-27_A02.txt": PageNumber("A", 2)}


@pytest.mark.parametrize("words", ["3", "第三版", "03", "page 3", "３版"])
def test_a_page_is_asked_for_in_any_form(words: str) -> None:
    assert page_asked(words) == PageNumber("", 3)


def test_what_is_no_number_of_a_page_is_a_mistake_of_the_user() -> None:
    assert page_asked("0") is None
    with pytest.raises(CorpusError, match="write 3 or A2"):
        filters_from(page="front")


@pytest.mark.parametrize(
    ("question", "pages"),
    [
        ("第三版有哪些报道？", ("3",)),
        ("3版的新闻", ("3",)),
        ("第三版登了什么？", ("3",)),
        ("What is on page 3?", ("3",)),
        ("which articles are on page A2", ("A2",)),
        ("第三版方案是谁提出的？", ()),
        ("这本书的第三版卖了多少本？", ()),
        ("他改到第三版才满意", ()),
        ("Turn to page 3 of the contract: who signed?", ()),
    ],
)
def test_a_question_names_a_page_only_where_it_asks_for_articles(
    question: str, pages: tuple[str, ...]
) -> None:
    assert filters_in(question, KNOWN).pages == pages


def test_no_page_is_read_into_a_question_where_no_number_is_known() -> None:
    unknown = replace(KNOWN, pages={})
    assert filters_in("第三版有哪些报道？", unknown) == NO_FILTERS
    assert request_in("第三版登了什么？", unknown, NO_FILTERS) is None


@pytest.mark.parametrize("question", ["第三版登了什么？", "What is on page 3?", "第3版有哪些报道"])
def test_what_stands_on_a_page_is_listed(issue: Index, question: str) -> None:
    facets = facets_of(issue.articles.values(), issue.page_numbers)
    assert facets.pages == {"1": 1, "3": 1}
    asked = understand(question)
    asked = replace(asked, filters=filters_in(asked.text, facets))
    answer = listed(asked, issue, Names(()), facets, 10)
    assert answer is not None
    assert [citation.article.headline for citation in answer.citations] == ["灯会昨晚开幕"]
    assert answer.to_json()["filters"] == {"pages": ["3"]}


def test_an_article_is_on_no_page_whose_number_is_not_known(issue: Index) -> None:
    on_three = filters_from(page="3")
    passing = [on_three.passes(article, issue.page_numbers) for article in issue.articles.values()]
    assert sorted(passing) == [False, True]
    assert not any(on_three.passes(article) for article in issue.articles.values())
