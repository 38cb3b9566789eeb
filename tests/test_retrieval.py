"""Each arm finds what it is for, and the fusion finds what any of them does."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build_index
from index.store import load_index
from index.types import CorpusError
from rag.filters import NO_FILTERS, Filters
from rag.names import Names
from rag.question import understand
from rag.retrieval import Retriever, coverage, missing_peak
from rag.terms import ALL_ARMS, LEXICAL_ARMS, Analyst, Arm, Term
from rag.translation import load_translations
from rag.vectors import VectorCache
from tests.embedders import BigramEmbedder

TABLE = {
    "buyer": {"采购商": 0.7, "买家": 0.3},
    "fair": {"博览会": 0.6, "公平": 0.4},
    "tourism": {"旅游": 0.9},
    "lawyer": {"律师": 1.0},
    "plan": {"计划": 1.0},
}
NAMES = Names((("何犁红", "He Lihong"), ("义乌外调委", "Foreign Mediation Committee")))


def retriever_of(folder: Path) -> Retriever:
    index = load_index(folder)
    return Retriever(index, VectorCache(BigramEmbedder()), Analyst(index, NAMES, TABLE))


@pytest.fixture(scope="module")
def retriever(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("retrieval")
    build_index([seeds], folder, BigramEmbedder())
    return retriever_of(folder)


def best(retriever: Retriever, question: str, *arms: Arm) -> str:
    found = retriever.retrieve(understand(question), 1, arms or ALL_ARMS)
    return found[0].chunk.excerpt.text if found else ""


def test_characters_find_the_chinese_sentence(retriever: Retriever) -> None:
    assert "58092人次" in best(retriever, "第20届文旅博览会来了多少采购商？", "characters")


def test_traditional_characters_find_the_same(retriever: Retriever) -> None:
    assert "58092人次" in best(retriever, "第20屆文旅博覽會來了多少採購商？", "characters")


def test_the_table_finds_chinese_by_english_words(retriever: Retriever) -> None:
    assert "采购商" in best(retriever, "How many buyers came to the tourism fair?", "translation")


@pytest.mark.parametrize(
    ("question", "printed"),
    [
        ("Which fair made deals worth 149.75 million yuan?", "1.4975亿"),
        ("哪场展会的成交额是14975万元？", "1.4975亿"),
        ("Who counted 58,092 visits?", "58092人次"),
    ],
)
def test_a_figure_is_found_in_the_form_that_was_printed(
    retriever: Retriever, question: str, printed: str
) -> None:
    assert printed in best(retriever, question, "figures")


def test_a_listed_name_finds_the_person(retriever: Retriever) -> None:
    assert "何犁红" in best(retriever, "What did He Lihong found?", "names")


@pytest.mark.parametrize("spelled", ["Wang Qiaqing", "Qiaqing Wang", "WANG Qiaqing"])
def test_pinyin_finds_a_person_that_is_in_no_list(retriever: Retriever, spelled: str) -> None:
    assert "王洽清" in best(retriever, f"What did {spelled} say?", "pinyin")


def test_numbers_and_latin_words_find_themselves(retriever: Retriever) -> None:
    assert "58092" in best(retriever, "58,092", "characters")
    assert "Chinagoods" in best(retriever, "What is Chinagoods?", "translation")


def test_the_dense_arm_finds_the_nearest_vector(retriever: Retriever) -> None:
    found = retriever.retrieve(understand("第20届文旅博览会来了多少采购商？"), 5, ["dense"])
    cosines = [passage.cosine for passage in found]
    assert cosines == sorted(cosines, reverse=True)


def test_passages_come_best_first_each_once(retriever: Retriever) -> None:
    found = retriever.retrieve(understand("义乌海铁联运发运量"), 10)
    assert len({passage.chunk.id for passage in found}) == len(found) == 10
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


def test_a_follow_up_is_searched_with_its_context(retriever: Retriever) -> None:
    first = understand("第20届文旅博览会来了多少采购商？")
    found = retriever.retrieve(understand("那外商呢？", [first]), 1)
    assert "外商采购商人数1657人" in found[0].chunk.excerpt.text


def test_words_that_nothing_holds_find_nothing_without_the_dense_arm(retriever: Retriever) -> None:
    assert retriever.retrieve(understand("zzzz qqqq"), 5, ("characters", "translation")) == []


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    """Return a retriever over a few reports, one of them printed twice."""
    folder = tmp_path_factory.mktemp("news")
    reports = [
        "清江大桥昨日合龙，主跨四百二十米，明年底通车，总投资十二亿元。",
        "城南博览会周五开幕，三百家企业参展，市民凭身份证免费入场。",
        "城南博览会周五开幕，三百家企业参展，市民凭身份证免费入场！",
        "茶农抢采春茶，无人机给山上的茶园施肥，一天能飞六百亩。",
        "The tea harvest has begun; drones fertilise the terraces above the village.",
    ]
    rows = (json.dumps({"text": text}, ensure_ascii=False) for text in reports)
    (folder / "news.jsonl").write_text("\n".join(rows), "utf-8")
    build_index([folder / "news.jsonl"], folder / "index", BigramEmbedder())
    return retriever_of(folder / "index")


def test_the_score_is_a_probability(news: Retriever) -> None:
    scores = [p.score for p in news.retrieve(understand("清江大桥的主跨多长？"))]
    assert all(0 <= score <= 1 for score in scores)
    assert scores[0] > 0.5


def test_a_question_in_two_parts_finds_a_passage_for_each(news: Retriever) -> None:
    found = news.retrieve(understand("清江大桥什么时候通车，博览会有多少企业参展？"), 2)
    texts = [passage.chunk.excerpt.text for passage in found]
    assert any("大桥" in text for text in texts)
    assert any("博览会" in text for text in texts)


def test_what_was_printed_twice_is_found_once(news: Retriever) -> None:
    found = news.retrieve(understand("城南博览会哪天开幕？"))
    assert sum("博览会" in passage.chunk.excerpt.text for passage in found) == 1


def test_a_passage_has_the_cosine_of_its_vector_or_none(news: Retriever) -> None:
    question = understand("城南博览会哪天开幕？")
    (vector,) = BigramEmbedder().encode_questions([question.search_text])
    found = news.retrieve(question, 3)
    matrix = news.index.matrix([news.index.row_of(passage.chunk) for passage in found])
    assert [passage.cosine for passage in found] == pytest.approx((matrix @ vector).tolist())
    lexical = news.retrieve(question, 3, LEXICAL_ARMS)
    assert {passage.cosine for passage in lexical} == {0.0}


def test_filters_leave_only_what_passes_and_still_fill_the_list(retriever: Retriever) -> None:
    question = replace(understand("义乌"), filters=Filters(genres=("interview",)))
    found = retriever.retrieve(question, 5)
    assert {passage.article.genre for passage in found} == {"interview"}
    assert len(found) == 5


def test_an_english_article_is_weighed_as_one(news: Retriever) -> None:
    question = understand("Canton Fair 大桥 图书馆")
    pool = news.pool(question, [question.search_text], ALL_ARMS)
    ids = [chunk.article.id for chunk in pool.chunks(range(len(pool)))]
    english = [news.index.articles[id_].body.text.isascii() for id_ in ids]
    assert pool.english.tolist() == english
    assert {True, False} <= set(english)


def test_adverts_may_answer_only_where_they_are_asked_for(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    advert = "人民路临街旺铺出租，面积80平方米，租金面议，联系电话13800000000"
    (pages / "news.txt").write_text("灯会开幕\n\n灯会周五在城南开幕，市民免费入场。\n", "utf-8")
    (pages / "small.txt").write_text(f"旺铺出租\n\n{advert}\n", "utf-8")
    build_index([pages], tmp_path / "index", BigramEmbedder())
    retriever = retriever_of(tmp_path / "index")
    assert [head.genre for head in retriever.index.heads] == ["news", "advert"]

    def allowed(text: str, filters: Filters = NO_FILTERS, *before: str) -> list[bool] | None:
        question = understand(text, [understand(each) for each in before])
        found = retriever.allowed(replace(question, filters=filters))
        return None if found is None else found.tolist()

    assert allowed("灯会哪天开幕？") == [True, False]
    assert allowed("人民路有哪些出租广告？") is None
    assert allowed("租金多少？") == [True, False]
    assert allowed("租金多少？", NO_FILTERS, "人民路有哪些出租广告？") is None
    assert allowed("人民路？", Filters(genres=("advert",))) == [False, True]
    assert allowed("人民路？", Filters(files=("small.txt",))) == [False, False]
    assert allowed("人民路有广告吗？", Filters(files=("small.txt",))) == [False, True]


def test_where_no_advert_was_printed_every_chunk_may_answer(news: Retriever) -> None:
    assert news.allowed(understand("灯会哪天开幕？")) is None


def test_ten_passages_are_found_unless_more_are_wanted(retriever: Retriever) -> None:
    assert len(retriever.retrieve(understand("义乌"))) == 10
    assert len(retriever.retrieve(understand("义乌"), 12)) == 12


def test_the_rarest_term_that_is_missing_is_told(retriever: Retriever) -> None:
    analyst = retriever.analyst
    terms = analyst.terms("采购商和律师")
    every = {field: {f for t in terms for f in t.forms} for field in ("characters", "words")}
    none: dict[str, set[str]] = {"characters": set(), "words": set()}
    highest = analyst.index.words.idf({})
    rarest = max(analyst.postings(term).idf(term.forms) for term in terms)
    assert missing_peak(terms, every, analyst) == missing_peak([], none, analyst) == 0.0
    assert missing_peak(terms, none, analyst) == pytest.approx(rarest / highest)
    assert missing_peak(terms, none, analyst) > 0


def test_coverage_is_the_idf_share_of_the_terms_that_are_there(retriever: Retriever) -> None:
    analyst = retriever.analyst
    terms = analyst.terms("采购商")
    both = {"characters": {"采购", "购商"}, "words": set[str]()}
    one = {"characters": {"采购"}, "words": set[str]()}
    assert coverage(terms, both, analyst) == pytest.approx(1.0)
    assert 0 < coverage(terms, one, analyst) < 1
    assert coverage([], both, analyst) == 0.0
    common, rare = (Term("characters", "characters", {pair: 1.0}) for pair in ("义乌", "采购"))
    assert coverage([common, rare], one, analyst) > 0.5


def test_a_missing_table_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="translation table"):
        load_translations(tmp_path / "none.tsv.gz")
    (tmp_path / "bad.tsv.gz").write_bytes(b"not gzip")
    with pytest.raises(CorpusError, match="cannot be read"):
        load_translations(tmp_path / "bad.tsv.gz")
