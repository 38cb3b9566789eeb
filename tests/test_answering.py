"""The whole way on the real pages with the bundled model: a proved answer, or a no."""

import re
import time
from pathlib import Path

import pytest

from index.build import build_index
from index.embedding import load_embedder
from index.store import load_index
from index.types import CorpusError
from rag.answering import Answerer, load_answerer
from rag.config import load_settings, model_to_build_with
from rag.extractive import candidates
from rag.filters import filters_from
from rag.types import Answer
from tests.embedders import BigramEmbedder
from tests.endpoint import Serve
from tests.papers import answerer_of


def proved(answer: Answer, answerer: Answerer) -> bool:
    pages = answerer.index.pages
    quotes = [
        citation.quote.text
        == "".join(pages[s.file].text[s.start : s.end] for s in citation.quote.spans)
        for citation in answer.citations
    ]
    markers = [int(n) for n in re.findall(r"\[(\d+)\]", answer.text)]
    return all(quotes) and sorted(set(markers)) == [c.n for c in answer.citations]


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("第20届文旅博览会来了多少采购商？", "58092"),
        ("第20屆文旅博覽會來了多少採購商？", "58092"),
        ("How many buyers came to the culture and tourism fair?", "58092"),
        ("义乌外调委的调解成功率是多少？", "96.3%"),
        ("When did the Yixin'ou freight train first set out?", "2014年11月18日"),
    ],
)
def test_a_question_is_answered_with_its_proof(
    answerer: Answerer, question: str, fact: str
) -> None:
    answer = answerer.ask(question)
    assert not answer.refused
    assert fact in answer.text
    assert proved(answer, answerer)
    assert len(answer.passages) == 10


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("红烧肉怎么做才好吃？", "没有找到"),
        ("What is the capital of Peru?", "do not answer"),
    ],
)
def test_what_the_pages_do_not_answer_is_refused_with_leads(
    answerer: Answerer, question: str, says: str
) -> None:
    answer = answerer.ask(question)
    assert answer.refused
    assert answer.citations == ()
    assert says in answer.text
    assert answer.passages
    assert "[1]" not in answer.text


def test_a_follow_up_is_answered_from_its_conversation(answerer: Answerer) -> None:
    first = answerer.ask("第20届文旅博览会来了多少采购商？")
    second = answerer.ask("那外商呢？", [first.question])
    assert "1657" in second.text


STORIES = (
    ("2025-05-27", "清江渡轮复航", "记者 李大明", "", "停航一年的清江渡轮昨日复航，三百人登船。"),
    ("2025-05-28", "城南灯会开幕", "记者 王小红", "", "城南灯会昨晚开幕，首夜来了一万名游客。"),
    ("2025-04-02", "茶场用无人机施肥", "记者 王小红", "", "茶场用两架无人机施肥，成本降了三成。"),
)  # fmt: skip


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    return answerer_of(tmp_path_factory.mktemp("papers"), STORIES)


@pytest.mark.parametrize(
    ("first", "then", "counts"),
    [
        ("5月的报道有几篇？", "那4月的呢？", (2, 1)),
        ("李大明写了几篇报道？", "那王小红呢？", (1, 2)),
    ],
)
def test_a_follow_up_counts_what_it_asks_for_itself(
    papers: Answerer, first: str, then: str, counts: tuple[int, int]
) -> None:
    before = papers.ask(first)
    after = papers.ask(then, [before.question])
    assert (len(before.citations), len(after.citations)) == counts
    again = papers.ask(then, papers.conversation([first]))
    assert again.text == after.text


def test_a_follow_up_keeps_what_was_asked_for_and_not_what_was_given(papers: Answerer) -> None:
    first = papers.ask("5月的报道里谁登船？", filters=filters_from(file="2025-05-27.jsonl"))
    assert set(first.question.in_force.to_json()) == {"periods", "files"}
    then = papers.ask("那灯会呢？", [first.question])
    assert set(then.to_json()["filters"]) == {"periods"}
    given = filters_from(file="2025-05-28.jsonl")
    moved = papers.ask("那灯会呢？", [first.question], given)
    assert moved.question.in_force.files == ("2025-05-28.jsonl",)
    assert {passage.file for passage in moved.passages} == {"2025-05-28.jsonl"}


def test_without_an_endpoint_the_words_are_quoted_and_nothing_is_said_of_a_model(
    answerer: Answerer,
) -> None:
    answer = answerer.ask("第20届文旅博览会来了多少采购商？")
    assert (answer.mode, answer.notices) == ("extractive", ())


def test_the_json_is_the_contract(answerer: Answerer) -> None:
    values = answerer.ask("义乌外调委的调解成功率是多少？").to_json("q1")
    assert list(values) == [
        "id", "question", "language", "answer", "refused", "mode", "confidence", "citations",
        "passages", "notices", "elapsed_ms",
    ]  # fmt: skip
    assert list(values["citations"][0]) == ["n", "article", "headline", "file", "quote", "spans"]
    assert list(values["passages"][0]) == ["article", "file", "text", "score", "spans"]
    assert list(values["passages"][0]["spans"][0]) == ["file", "start", "end"]
    for part in (*values["citations"], *values["passages"]):
        text = part.get("quote", part.get("text"))
        page = answerer.index.pages[part["file"]].text
        assert text == "".join(page[span["start"] : span["end"]] for span in part["spans"])


def test_an_answer_tells_how_many_milliseconds_it_took(answerer: Answerer) -> None:
    started = time.perf_counter()
    answer = answerer.ask("义乌市场去年出口多少？")
    took = (time.perf_counter() - started) * 1000
    assert took / 2 < answer.elapsed_ms <= took


def test_an_english_answer_tells_the_figures_and_the_words_of_its_quotes(
    answerer: Answerer,
) -> None:
    answer = answerer.ask("How many buyers came to the culture and tourism fair?")
    assert "1.4975亿元人民币 = CNY 149.75 million" in answer.text
    (citation, *_) = answer.to_json()["citations"]
    told = {citation["quote"][g["start"] : g["end"]]: g for g in citation["glosses"]}
    assert told["58092人次"]["english"] == "58,092 person-times"
    assert told["吸引"]["pinyin"] == "xīyǐn"


def test_the_words_read_as_answer_stand_in_their_sentence_in_every_chunk(
    answerer: Answerer,
) -> None:
    (question,) = answerer.conversation(["第20届文旅博览会来了多少采购商？"])
    retriever = answerer.retriever
    found = candidates(question, answerer.passages(question), retriever.analyst, retriever.vectors)
    assert any(each.passage.chunk.start for each in found)
    assert all(each.start <= each.words[0] <= each.words[1] <= each.end for each in found)


def test_a_traditional_question_is_answered_in_traditional_characters(answerer: Answerer) -> None:
    assert answerer.ask("第20屆文旅博覽會來了多少採購商？").text.startswith("據《第20届文旅博览会")
    assert answerer.ask("紅燒肉怎麼做才好吃？").text.startswith("這些報紙頁面裡沒有找到")


def test_an_index_of_another_model_is_refused_with_the_command(tmp_path: Path, seeds: Path) -> None:
    folder = tmp_path / "index"
    build_index([seeds], folder, BigramEmbedder(name="bundled"))
    with pytest.raises(CorpusError, match=r"other weights.*wenbao index"):
        load_answerer(load_settings(index=folder))


def test_an_index_remembers_its_model(tmp_path: Path, seeds: Path) -> None:
    folder = tmp_path / "index"
    assert model_to_build_with(load_settings(index=folder)) == "bundled"
    build_index([seeds], folder, BigramEmbedder(name="my-model"))
    assert model_to_build_with(load_settings(index=folder)) == "my-model"
    assert model_to_build_with(load_settings(index=folder, model="other")) == "other"


def test_any_sentence_transformers_folder_will_do(
    small_model: Path, tmp_path: Path, seeds: Path
) -> None:
    folder = tmp_path / "index"
    build_index([seeds], folder, load_embedder(str(small_model)))
    answerer = load_answerer(load_settings(index=folder))
    assert load_index(folder).manifest.dimension == 64
    assert answerer.retriever.retrieve(answerer.ask("文旅博览会来了多少采购商").question)


def test_a_model_that_is_not_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no-such-model"):
        load_embedder(str(tmp_path / "no-such-model"))


def test_a_dead_endpoint_falls_back_to_the_quoted_answer(
    answerer: Answerer, seed_index: Path
) -> None:
    settings = load_settings(
        index=seed_index, llm_base_url="http://127.0.0.1:9/v1", llm_model="m", llm_timeout_s=5
    )
    answer = Answerer(settings, answerer.retriever).ask("第20届文旅博览会来了多少采购商？")
    assert answer.mode == "extractive"
    assert "58092" in answer.text
    assert len(answer.notices) == 1
    assert proved(answer, answerer)


@pytest.mark.parametrize("question", ["今日要闻", "What is the main news of the latest issue?"])
def test_the_main_news_of_the_newest_issue_is_asked_for_in_chat(
    answerer: Answerer, question: str
) -> None:
    answer = answerer.ask(question)
    days = [article.date for article in answerer.index.articles.values() if article.date]
    assert {citation.article.date for citation in answer.citations} == {max(days)}
    assert proved(answer, answerer)
    glossed = any(citation.glosses for citation in answer.citations)
    assert glossed is (answer.question.language == "en")
    assert answer.passages


def test_an_event_of_a_day_is_no_briefing(answerer: Answerer) -> None:
    answer = answerer.ask("3月5日义乌外调委获得了什么称号？")
    assert "全国岗位学雷锋标兵" in answer.text
    assert len(answer.citations) <= 3


def test_a_model_that_names_another_person_is_corrected(
    answerer: Answerer, seed_index: Path, serve: Serve
) -> None:
    said = "The fair drew 58,092 buyers [1]. Zhao Gang said that 58,092 buyers came to it [1]."
    endpoint = serve(lambda http: http.stream(said))
    settings = load_settings(index=seed_index, llm_base_url=endpoint.url, llm_model="m")
    answer = Answerer(settings, answerer.retriever).ask(
        "How many buyers came to the culture and tourism fair?"
    )
    assert answer.mode == "llm"
    assert "58,092 buyers" in answer.text
    assert "Zhao Gang" not in answer.text
    assert any("Zhao Gang" in notice for notice in answer.notices)


@pytest.mark.parametrize(
    "question",
    [
        "第18届文旅博览会来了多少专业采购商？",
        "How many professional buyers attended the 18th culture and tourism fair?",
    ],
)
def test_a_model_is_not_given_what_is_of_another_edition(
    answerer: Answerer, seed_index: Path, serve: Serve, question: str
) -> None:
    endpoint = serve(lambda http: http.stream("吸引专业采购商58092人次[1]。"))
    settings = load_settings(index=seed_index, llm_base_url=endpoint.url, llm_model="m")
    answer = Answerer(settings, answerer.retriever).ask(question)
    assert answer.refused
    assert answer.text == answerer.ask(question).text
    assert "第20届" in answer.text
    assert endpoint.keys == []
