"""A sentence of a language model is shown as proved only where the print proves it."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.embedding import load_embedder
from index.types import Chunk
from rag.checking import Check, CheckedAnswer, GenerationError, checked, clauses
from rag.citations import Likeness
from rag.config import load_settings
from rag.named import Lexicon
from rag.names import load_names
from rag.question import language_of
from rag.translation import load_translations
from rag.types import Passage, Question
from rag.vectors import VectorCache
from tests.claims import HELD_OUT, PRINTED
from tests.fakes import article_of, page_of

QUESTION = {"zh": Question("报纸怎么说？", "zh"), "en": Question("What do the pages say?", "en")}


def passage(n: int, text: str) -> Passage:
    page = page_of(f"{n}.txt", f"第{n}条\n{text}\n")
    return Passage(Chunk(str(n), article_of(page, f"第{n}条", text), 0, len(text)), 1.0)


EVERY = (*PRINTED, *HELD_OUT)
PASSAGES = tuple(passage(n, printed.text) for n, printed in enumerate(EVERY, start=1))
PROVED = [(n, claim) for n, printed in enumerate(EVERY, start=1) for claim in printed.proved]
UNPROVED = [(n, claim) for n, printed in enumerate(EVERY, start=1) for claim in printed.unproved]


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    """Return the likeness of the bundled encoder."""
    vectors = VectorCache(load_embedder())

    def alike(statement: str, texts: object) -> list[float]:
        cosines = vectors.sentences(list(texts)) @ vectors.sentences([statement])[0]  # type: ignore[call-overload]
        return [max(0.0, float(cosine)) for cosine in cosines]

    return alike


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(load_names(load_settings().names), load_translations())


def cited(claim: str, *numbers: int) -> str:
    """Return a claim as a model writes it, with its numbers before the full stop."""
    return claim[:-1] + "".join(f"[{n}]" for n in numbers) + claim[-1]


def source_of(answer: CheckedAnswer | None) -> list[str]:
    return [citation.file for citation in answer.citations] if answer else []


def shown(
    draft: str, likeness: Likeness | None = None, lexicon: Lexicon | None = None
) -> CheckedAnswer | None:
    """Return what is shown of a draft; None where nothing is."""
    try:
        return checked(draft, QUESTION[language_of(draft)], PASSAGES, likeness, lexicon)
    except GenerationError:
        return None


# The thresholds, measured by the bundled encoder on claims written by hand (decision 30)


def test_what_the_print_says_stays(likeness: Likeness, lexicon: Lexicon) -> None:
    struck = [
        claim
        for n, claim in PROVED
        if source_of(shown(cited(claim, n), likeness, lexicon)) != [f"{n}.txt"]
    ]
    assert len(PROVED) == 56
    assert struck == []


def test_what_the_print_does_not_speak_of_is_struck(likeness: Likeness, lexicon: Lexicon) -> None:
    kept = [claim for n, claim in UNPROVED if shown(cited(claim, n), likeness, lexicon)]
    # What is left speaks of the same thing: only reading tells that the print does not say it.
    assert len(UNPROVED) == 60
    assert set(kept) <= {
        "自来水价格将上调。",
        "图书馆因漏水暂时关闭。",
        "A new flu vaccine has been approved.",
        "The patient sued the hospital for malpractice.",
    }


def test_a_claim_without_a_source_gets_the_right_one_or_is_struck(
    likeness: Likeness, lexicon: Lexicon
) -> None:
    found = [(n, source_of(shown(claim, likeness, lexicon))) for n, claim in PROVED]
    assert all(files in ([], [f"{n}.txt"]) for n, files in found)
    assert sum(bool(files) for _, files in found) >= 45
    assert not any(shown(claim, likeness, lexicon) for _, claim in UNPROVED)


def test_a_claim_with_the_wrong_source_gets_the_right_one_or_is_struck(
    likeness: Likeness, lexicon: Lexicon
) -> None:
    for n, claim in PROVED:
        for step in (1, 4, 7):
            other = (n + step - 1) % len(EVERY) + 1
            files = source_of(shown(cited(claim, other), likeness, lexicon))
            assert files in ([], [f"{n}.txt"]), (claim, other)


# One sentence at a time


FRIENDS = passage(
    1, "目前我市友城数量增至31国51城,居全省县级市前列。外办主任周晓兰说：“朋友多了路好走。”"
)
FAIR = passage(2, "博览会昨日收官,吸引采购商58092人次,同比增长4.7%。成交额共计1.4975亿元。")
TWO = (FRIENDS, FAIR)


def kept_of(draft: str, likeness: Likeness | None, lexicon: Lexicon | None) -> CheckedAnswer:
    language = language_of(draft.partition("]")[0])  # of its first sentence
    found = checked(draft, QUESTION[language], TWO, likeness, lexicon)
    assert found
    return found


@pytest.mark.parametrize(
    ("wrong", "notice"),
    [
        ("主任说“路是人走出来的”[1]。", "引号中的话"),
        ("主任李明宣布友城数量增至51城[1]。", "名称不见于所引原文的句子：1 句（李明）"),
        ("友城数量增至51城，见《外事年鉴》[1]。", "（外事年鉴）"),
        ("市长昨夜宣布辞职[1]。", "不能证明"),
        ("The city has 51 sister cities [1].", "别的语言"),
        ("友城数量增至52城[1]。", "52"),
    ],
)
def test_a_wrong_sentence_is_struck_and_told(
    wrong: str, notice: str, likeness: Likeness, lexicon: Lexicon
) -> None:
    kept = kept_of(f"我市友城数量增至51城[1]。{wrong}", likeness, lexicon)

    assert kept.text == "我市友城数量增至51城[1]。"
    assert len(kept.notices) == 1
    assert notice in kept.notices[0]


def test_a_true_quote_and_a_true_name_stay(likeness: Likeness, lexicon: Lexicon) -> None:
    kept = kept_of(
        "Zhou Xiaolan, the director, said: “朋友多了路好走。”[1] Buyers came 58,092 times [2].",
        likeness,
        lexicon,
    )
    assert kept.notices == ()
    assert source_of(kept) == ["1.txt", "2.txt"]


def test_an_answer_wholly_in_another_language_is_none(likeness: Likeness) -> None:
    with pytest.raises(GenerationError, match="别的语言") as caught:
        checked("The city has 51 sister cities [1].", QUESTION["zh"], TWO, likeness)
    assert caught.value.kind == "foreign"


def test_a_sentence_without_a_source_is_given_one_and_that_is_told(likeness: Likeness) -> None:
    kept = kept_of("Buyers came 58,092 times, up 4.7%.", likeness, None)
    assert kept.text == "Buyers came 58,092 times, up 4.7% [1]."
    assert source_of(kept) == ["2.txt"]
    assert "not named by the model: 1" in kept.notices[0]

    kept = kept_of("友城数量居全省县级市前列。\n成交额共计1.4975亿元！[7]", likeness, None)
    assert kept.text == "友城数量居全省县级市前列[1]。\n成交额共计1.4975亿元[2]！"
    assert len(kept.notices) == 2


def test_a_wrong_figure_finds_no_source(likeness: Likeness) -> None:
    with pytest.raises(GenerationError):
        checked("博览会吸引采购商58093人次。", QUESTION["zh"], TWO, likeness)


def test_a_source_stays_that_alone_prints_what_is_quoted() -> None:
    passages = (
        passage(1, "馆长说，“灯会是全城的节日”。"),
        passage(2, "灯会周五在城南开幕，馆长到场。"),
    )
    opens = cited("灯会周五在城南开幕，“灯会是全城的节日”。", 1, 2)

    def alike(_: str, texts: Sequence[str]) -> list[float]:
        return [float("周五" in text) for text in texts]

    assert source_of(checked(opens, QUESTION["zh"], passages, alike)) == ["1.txt", "2.txt"]
    plain = cited("灯会周五在城南开幕。", 1, 2)
    assert source_of(checked(plain, QUESTION["zh"], passages, alike)) == ["2.txt"]


def test_a_source_that_does_not_bear_on_its_sentence_is_dropped(likeness: Likeness) -> None:
    kept = kept_of("我市友城数量增至31国51城[1][2]。", likeness, None)
    assert kept.text == "我市友城数量增至31国51城[1]。"
    assert source_of(kept) == ["1.txt"]
    assert "无关" in kept.notices[0]

    kept = kept_of("友城有51城,采购商有58092人次[1][2]。", likeness, None)
    assert source_of(kept) == ["1.txt", "2.txt"]


def test_a_long_sentence_is_read_whole_by_clause_and_by_pairs_of_them() -> None:
    assert clauses("灯会开，大桥，茶农采茶。") == [
        "灯会开，大桥，茶农采茶。", "灯会开，", "茶农采茶。", "灯会开，大桥，", "大桥，茶农采茶。",
    ]  # fmt: skip
    assert clauses(" 灯会开。 ") == ["灯会开。"]


# While it streams


ODD = (
    "我市友城数量增至31国51城[1]。成交额共计1.4975亿元。[2] Nice. 采购商58093人次[2]。\n\n\n\n"
    "- 采购商58092人次 [2], up 4.7%.\n博览会昨日收官【2】。"
    "[9]友城居全省前列〔1†x〕！“朋友多了路好走。”[1]"
)


@given(
    st.lists(
        st.sampled_from(
            [*"我友城51[]12.。 \n“”", "友城51城", "[1]", "。", "Co. ", "4.7%. The fair", "[2][1]"]
        ),
        max_size=25,
    ).map("".join)
    | st.just(ODD)
)
@example(ODD)
@settings(deadline=None)
def test_a_growing_draft_only_adds_sentences_that_the_whole_keeps(draft: str) -> None:
    check = Check(QUESTION["zh"], TWO)
    before = ""
    for end in range(len(draft) + 1):
        proved = check.so_far(draft[:end])
        markers = [int(n) for n in re.findall(r"\[(\d+)\]", proved.text)]
        assert sorted(set(markers)) == [citation.n for citation in proved.citations]
        assert proved.text.startswith(before)
        before = proved.text
    try:
        whole = check.whole(draft)
    except GenerationError:
        assert before == ""
    else:
        assert whole
        assert whole.text.startswith(before)


def test_a_sentence_is_shown_when_the_next_one_begins() -> None:
    check = Check(QUESTION["zh"], TWO)
    assert check.so_far("友城数量增至51城").text == ""
    assert check.so_far("友城数量增至51城。[1").text == ""
    assert check.so_far("友城数量增至51城。[1]").text == ""
    assert check.so_far("友城数量增至51城。[1]采").text == "友城数量增至51城。[1]"
    assert (
        check.so_far("友城数量增至51城。[1]采购商58093人次[2]。后").text == "友城数量增至51城。[1]"
    )
    assert check.so_far("<think>友城51城[1]。还有。").text == ""
    assert check.so_far("友城数量增至51城[1]。NO_ANSWER").text == ""
