"""What a reader is told about a quote: a doubtful join, the day that 昨日 was."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.articles import articles_of
from index.build import build_index
from index.store import load_index
from index.types import Article, Join, Page
from rag.names import Names
from rag.notices import notices_on
from rag.question import understand
from rag.retrieval import Retriever
from rag.terms import Analyst
from rag.types import Citation
from rag.vectors import VectorCache
from tests.embedders import BigramEmbedder

PAGE = (
    "安平日报\n\n2026年3月5日 星期四\n\n湿地公园迎来候鸟高峰\n\n本报记者 张明\n\n"
    "本报讯 昨日，湿地公园管理处发布消息，越冬候鸟超过两万只，其中包\n\n"
    "括三百只小天鹅，数量创下新高。\n\n管理处表示，观鸟步道将延长开放时间。\n"
)


@pytest.fixture(scope="module")
def article() -> Article:
    (found,) = articles_of(Page("page.txt", PAGE, "utf-8", "")).articles
    return found


def citation(article: Article, words: str) -> Citation:
    start = article.body.text.index(words)
    return Citation(1, article, article.body.slice(start, start + len(words)))


def doubtful(article: Article, confidence: float) -> Article:
    (joint,) = article.joins
    return replace(article, joins=(Join(joint.at, confidence),))


def test_a_quote_over_a_doubtful_join_says_so(article: Article) -> None:
    cited = citation(doubtful(article, 0.3), "越冬候鸟超过两万只，其中包括三百只小天鹅")
    (notice,) = notices_on([cited], "zh")
    assert notice.startswith("[1]")
    assert "30%" in notice
    assert "30 %" in notices_on([cited], "en")[0]


def test_a_quote_over_a_sure_join_or_beside_a_doubtful_one_says_nothing(article: Article) -> None:
    over = citation(doubtful(article, 0.9), "其中包括三百只小天鹅")
    beside = citation(doubtful(article, 0.3), "观鸟步道将延长开放时间")
    assert notices_on([over, beside], "zh") == ()


def test_yesterday_is_named_where_the_day_of_issue_is_printed(article: Article) -> None:
    (notice,) = notices_on([citation(article, "昨日，湿地公园管理处发布消息")], "en")
    assert "2026-03-04" in notice
    undated = replace(article, date=None, date_source=None)
    assert notices_on([citation(undated, "昨日，湿地公园管理处发布消息")], "en") == ()


def test_an_advert_is_a_passage_only_when_adverts_are_asked_for(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "page.txt").write_text(
        PAGE + "\n旺铺招租\n\n解放路临街旺铺招租，面积八十平方米，联系电话：13800001111。\n",
        encoding="utf-8",
    )
    build_index([pages], tmp_path / "index", BigramEmbedder())
    index = load_index(tmp_path / "index")
    retriever = Retriever(index, VectorCache(BigramEmbedder()), Analyst(index, Names(()), {}))

    def genres(question: str) -> set[str]:
        return {p.article.genre for p in retriever.retrieve(understand(question))}

    assert "advert" not in genres("解放路的旺铺面积多大？")
    assert "advert" in genres("解放路的旺铺招租面积多大？")
