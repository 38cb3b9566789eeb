"""The right sentence is quoted, as printed, and quotes are put together as they stand."""

import json
import math
from collections import defaultdict
from dataclasses import replace

import pytest

from index.build import build_index
from index.index import Index
from index.store import load_index
from index.text import sentences
from index.types import Article, Chunk, Excerpt, Span
from rag.evidence import counts_the_same, kind_evidence, wanted_kinds
from rag.extractive import (
    MAX_SENTENCES,
    AnswerModel,
    Candidate,
    Choice,
    Logistic,
    answer_models,
    candidates,
    choose,
    chosen,
    citations,
    ranked,
    support_features,
)
from rag.names import Names
from rag.question import understand
from rag.terms import Analyst
from rag.types import Passage, Reading, Words
from rag.vectors import VectorCache
from tests.embedders import BigramEmbedder

TEXT = "第一句在此。第二句接着。第三句收尾。\n第四句另起一段。"
MODEL = AnswerModel(
    sentence=Logistic(0.0, {"coverage": 1.0}),
    support=Logistic(0.0, {"best": 1.0}),
    threshold=0.5,
    companion=0.5,
    reading=0.5,
)


def article(number: int = 1, text: str = TEXT) -> Article:
    body = Excerpt(text, (Span("page.txt", 100 * number, 100 * number + len(text)),))
    return Article(f"a{number}", "page.txt", "", (), "", "", None, "news", True, body, body.spans)


def sentence(text: str, coverage: float, number: int = 1) -> Candidate:
    home = article(number)
    passage = Passage(Chunk(f"{home.id}:0", home, 0, len(TEXT)), 1.0, 0.5)
    start = TEXT.index(text)
    features = {"coverage": coverage, "passage_coverage": 0.5}
    return Candidate(passage, start, start + len(text), features)


def test_a_logistic_regression_is_its_formula() -> None:
    model = Logistic(-1.0, {"coverage": 2.0, "absent": 5.0})
    assert model.probability({"coverage": 1.5}) == pytest.approx(1 / (1 + math.exp(-2.0)))
    odds = (-1e9, -29.0, 29.0, 1e9)
    probabilities = [0.0, *(Logistic(each, {}).probability({}) for each in odds), 1.0]
    assert probabilities == sorted(set(probabilities))


def test_the_best_sentence_is_first_and_weak_companions_are_left_out() -> None:
    found = [sentence("第一句在此。", -3.0), sentence("第二句接着。", 2.0)]
    ranking = ranked(found, MODEL)
    assert [each.text for _, each in ranking] == ["第二句接着。", "第一句在此。"]
    assert [each.text for each in chosen(ranking, MODEL)] == ["第二句接着。"]


def test_at_most_three_sentences_are_quoted_in_printed_order() -> None:
    found = [
        sentence("第四句另起一段。", 1.0),
        sentence("第三句收尾。", 1.1),
        sentence("第一句在此。", 1.2),
        sentence("第二句接着。", 0.9),
    ]
    kept = chosen(ranked(found, MODEL), MODEL)
    assert len(kept) == MAX_SENTENCES
    assert [each.text for each in kept] == ["第一句在此。", "第三句收尾。", "第四句另起一段。"]


def test_neighbouring_sentences_of_a_paragraph_are_one_quote() -> None:
    kept = [sentence("第一句在此。", 1.0), sentence("第二句接着。", 1.0)]
    (citation,) = citations(kept)
    assert citation.quote.text == "第一句在此。第二句接着。"
    assert citation.quote.spans == (Span("page.txt", 100, 112),)


def test_a_quote_never_crosses_a_paragraph_or_an_article() -> None:
    kept = [
        sentence("第三句收尾。", 1.0),
        sentence("第四句另起一段。", 1.0),
        sentence("第一句在此。", 1.0, number=2),
    ]
    assert [(c.n, c.article.id, c.quote.text) for c in citations(kept)] == [
        (1, "a1", "第三句收尾。"),
        (2, "a1", "第四句另起一段。"),
        (3, "a2", "第一句在此。"),
    ]


def test_a_run_goes_on_from_the_one_before_it() -> None:
    kept = [
        sentence("第一句在此。", 1.0),
        sentence("第一句在此。", 1.0, number=2),
        sentence("第二句接着。", 1.0, number=2),
    ]
    assert [c.quote.text for c in citations(kept)] == ["第一句在此。", "第一句在此。第二句接着。"]


def test_support_is_told_by_the_best_sentence_and_by_all_passages() -> None:
    one, two = (
        replace(sentence("第一句在此。", 1.0), features=defaultdict(float, features))
        for features in (
            {"kind": 1.0, "read_answers": 0.2, "passage_coverage": 0.4, "missing_peak": 0.7},
            {"kind": -1.0, "read_answers": 0.9, "passage_coverage": 0.8, "missing_peak": 0.3,
             "cosine": 0.6},
        )
    )  # fmt: skip
    passages = [replace(one.passage, cosine=cosine) for cosine in (0.2, 0.8, 0.5)]
    found = support_features([(0.75, one), (0.5, two)], passages)
    assert found["kind"] == 1.0
    assert found["read_answers"] == 0.2
    assert found["read_most"] == 0.9
    assert found["passage_coverage"] == 0.8
    assert found["read_covered"] == pytest.approx(0.8 * 0.2)
    assert found["missing_peak"] == 0.3
    assert found["cosine"] == 0.6
    assert found["passage_cosine"] == 0.8
    assert found["cosine_gap"] == pytest.approx(0.3)


# The sentences that may answer


def read(passage: Passage, answers: float) -> Passage:
    """Return the passage with every sentence's first two characters read, the later the less."""
    starts = [at for at, _ in sentences(passage.chunk.excerpt.text)]
    words = tuple(Words(at, at + 2, -at) for at in starts)
    return replace(passage, reading=Reading(answers, 0.0, words))


FAIR = "博览会周五开幕。来了58092人次采购商和嘉宾。他们7月再来。"
TEA = "茶农采茶。"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("extractive")
    rows = ({"headline": "博览会开幕", "text": FAIR}, {"headline": "茶山", "text": TEA})
    (folder / "news.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    build_index([folder / "news.jsonl"], folder / "index", BigramEmbedder())
    return load_index(folder / "index")


def candidates_of(question: str, index: Index) -> list[Candidate]:
    fair, tea = index.chunks
    passages = [read(Passage(fair, 0.9, 0.7), 0.0), read(Passage(tea, 0.6, 0.4), -1.0)]
    unread = replace(passages[0], reading=None)
    analyst = Analyst(index, Names(()), {})
    vectors = VectorCache(BigramEmbedder())
    return candidates(understand(question), [*passages, passages[0], unread], analyst, vectors)


def test_every_sentence_of_the_passages_that_were_read_is_a_candidate_once(index: Index) -> None:
    found = candidates_of("博览会来了多少采购商？", index)
    assert [each.text for each in found] == [f"{s}。" for s in (FAIR + TEA).split("。") if s]
    assert [each.features["lead"] for each in found] == [1.0, 0.0, 0.0, 1.0]
    assert [each.features["behind"] for each in found] == pytest.approx([0, 0, 0, 0.3])
    assert [each.features["passage_cosine"] for each in found] == [0.7, 0.7, 0.7, 0.4]
    assert [each.features["read_answers"] for each in found] == [0, 0, 0, -1]
    assert [each.features["read_words"] for each in found] == [-each.start for each in found]
    assert [each.words for each in found] == [(each.start, each.start + 2) for each in found]
    assert [each.features["short"] for each in found] == [1.0, 0.0, 1.0, 1.0]
    for each in found:
        assert each.features["log_chars"] == pytest.approx(math.log(len(each.text)))
    assert [each.features["kind"] for each in found] == [-1.0, 1.0, 1.0, -1.0]


def test_a_candidate_is_weighed_with_its_article_and_its_neighbours(index: Index) -> None:
    found = [each.features for each in candidates_of("6月的博览会来了多少采购商？", index)]
    assert found[1]["coverage"] > found[0]["coverage"] > found[3]["coverage"] == 0.0
    assert found[1]["new_coverage"] > found[0]["new_coverage"] == 0.0  # the headline says it
    assert found[0]["passage_coverage"] == found[2]["passage_coverage"] >= found[1]["coverage"]
    assert found[3]["passage_coverage"] == 0.0
    # 7月 is said in the third sentence, which stands beside the second but not the first.
    assert [each["month_missing"] for each in found] == [0.0, 1.0, 1.0, 0.0]
    assert found[0]["things_missing"] < found[3]["things_missing"] == 1.0
    (named, *_, other) = candidates_of("李大明说博览会怎么样？", index)
    assert named.features["names_missing"] == other.features["names_missing"] == 1.0


def test_no_sentences_make_no_answer() -> None:
    assert choose([], [], MODEL) == Choice([], 0.0, False)
    assert ranked([], MODEL) == []
    assert chosen([], MODEL) == []
    assert support_features([], []) == {}
    assert citations([]) == ()


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("来了多少采购商？", ("number",)),
        ("How many buyers came?", ("number",)),
        ("什么时候发布的", ("date",)),
        ("When was it founded?", ("date",)),
        ("创始人是谁？", ("person",)),
        ("Where was it held?", ("place",)),
        ("为什么？", ("reason",)),
        ("浙智巡是什么？", ()),
    ],
)
def test_a_question_tells_what_kind_of_thing_it_wants(question: str, kinds: tuple[str]) -> None:
    assert wanted_kinds(question) == kinds


def test_a_sentence_holds_that_kind_of_thing_or_not() -> None:
    assert kind_evidence(("number",), "吸引采购商58092人次") == 1.0
    assert kind_evidence(("number",), "吸引了众多采购商") == -1.0
    assert kind_evidence((), "吸引采购商58092人次") == 0.0


def test_the_counted_thing_is_matched_to_its_number() -> None:
    assert counts_the_same("组织了多少名律师？", "组织57名律师下沉镇街") == 1.0
    assert counts_the_same("组织了多少名律师？", "在14个乡镇建立了服务站") == -1.0
    assert counts_the_same("律师有多少", "组织57名律师") == 0.0
    assert counts_the_same("要走几天？", "十八天内可直达") == 1.0
    assert counts_the_same("How many days does it take?", "18天内可直达") == 1.0
    assert counts_the_same("How old is he?", "他在14个乡镇建立了服务站") == -1.0
    assert counts_the_same("门票多少钱？", "门票30元") == 1.0


def test_the_fitted_models_are_there_and_make_sense() -> None:
    models = answer_models()
    assert set(models) == {"zh", "en"}
    for model in models.values():
        for name in ("new_coverage", "focus", "cosine"):
            assert model.sentence.weights[name] > 0
        assert model.support.weights["read_answers"] > 0
        assert 0.0 < model.threshold < 1.0
        assert 0.0 < model.companion <= 1.0


def test_the_words_that_answer_are_told_where_the_reader_is_sure_and_end_with_their_clause() -> (
    None
):
    text = "　展会来了58092人；其中外商1657人。"
    home = article(text=text)
    passage = Passage(Chunk("a1:0", home, 0, len(text)), 1.0, 0.5)
    start, end = text.index("58092"), text.index("。")
    found = Candidate(passage, 0, len(text), {"read_words": -0.1}, (start, end))
    (told,) = citations([found])
    assert told.quote.text[slice(*told.words)] == "58092人"
    unsure = replace(found, features={"read_words": -5.0})
    assert citations([unsure])[0].words == (0, 0)
    to_the_end = replace(found, end=end, words=(text.index("外商"), end))
    (told,) = citations([to_the_end])
    assert told.quote.text[slice(*told.words)] == "外商1657人"
    assert citations([found], marked=False)[0].words == (0, 0)


def test_an_answer_that_is_just_sure_enough_is_given() -> None:
    model = replace(MODEL, support=Logistic(0.0, {}), threshold=0.5)
    plain = sentence("第一句在此。", 1.0)
    found = [replace(plain, features=defaultdict(float, plain.features))]
    choice = choose(found, [found[0].passage], model)
    assert (choice.confidence, choice.supported) == (0.5, True)
    assert not choose(found, [found[0].passage], replace(model, threshold=0.51)).supported


def test_the_best_probability_counts_by_its_odds() -> None:
    plain = sentence("第一句在此。", 1.0)
    best = replace(plain, features=defaultdict(float, plain.features))
    assert support_features([(0.75, best)], [best.passage])["best"] == pytest.approx(math.log(3))


def test_a_companion_as_probable_as_it_must_be_is_quoted() -> None:
    pair = [sentence("第一句在此。", 1.0), sentence("第二句接着。", 1.0)]
    model = replace(MODEL, companion=1.0)
    assert len(chosen(ranked(pair, model), model)) == 2
