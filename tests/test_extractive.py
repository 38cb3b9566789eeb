"""The right sentence is quoted, as printed, and quotes are put together as they stand."""

import math
from collections import defaultdict
from dataclasses import replace

import pytest

from index.types import Article, Chunk, Excerpt, Span
from rag.evidence import counts_the_same, kind_evidence, wanted_kinds
from rag.extractive import (
    MAX_SENTENCES,
    AnswerModel,
    Candidate,
    Logistic,
    answer_models,
    choose,
    chosen,
    citations,
    ranked,
    support_features,
)
from rag.types import Passage

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


def test_no_sentences_make_no_answer() -> None:
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
        assert model.support.weights["cosine"] > 0
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
