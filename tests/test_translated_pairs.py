"""Questions made of translated sentences."""

import random
from collections.abc import Callable

import pytest

from index.training.data import Pair
from index.training.reading_pairs import ReadingPair
from index.training.translated_pairs import TranslatedPairs, alike

ENGLISH = {
    "大桥": (["bridge"], [1.0]),
    "工程师": (["engineer"], [1.0]),
    "上海": (["shanghai"], [1.0]),
    "北京": (["beijing"], [1.0]),
    "隧道": (["tunnel"], [1.0]),
    "学校": (["school"], [1.0]),
}
BRIDGE = "工程师说,江心的大桥全长3200米,昨天从上海运来了钢材。"
OTHER_BRIDGE = "据工程师介绍,江心那座大桥有3200米长,钢材昨日由上海运到。"
TUNNEL = "北山的隧道昨天贯通了,一共用了4年,北京的一所学校派人来看。"
LONG = "河边的人们早上出门看船,中午回家吃饭,下午又来看水,晚上才慢慢走回去,天天这样过日子,"
PAIRS = [
    *(Pair(f"{LONG * 2}这是第{n}年了。", f"people by the river watch boats all day long and go "
           f"home late, year {n}.", "wmt23") for n in range(11, 19)),
    Pair(BRIDGE, "the engineer said that the bridge over the river is 3200 metres long and its "
         "steel came from shanghai yesterday.", "wmt21"),
    Pair(OTHER_BRIDGE, "the engineer said that the bridge over the river is 3200 metres long and "
         "its steel came from shanghai yesterday.", "wmt22"),
    Pair(TUNNEL, "the tunnel under the northern hill was opened yesterday after 4 years, and a "
         "school in beijing sent people to see it.", "wmt21"),
    Pair("那条大河边上有很多人在看热闹,孩子们也都来了,一直到晚上。", "many people stood by the "
         "great river to see what was going on, and children came too.", "wmt21"),
    Pair("the list: a, b, c, d, e, f and so on。", "no sentence of a text, though it has as "
         "many words as one would have that is.", "wmt21"),
]  # fmt: skip


@pytest.fixture(scope="module")
def translated() -> TranslatedPairs:
    return TranslatedPairs(PAIRS, ENGLISH)


def drawn(way: Callable[[random.Random], ReadingPair | None]) -> list[ReadingPair]:
    made = (way(random.Random(seed)) for seed in range(400))
    return [pair for pair in made if pair]


def test_a_question_asks_for_a_word_of_the_sentence_in_its_passage(
    translated: TranslatedPairs,
) -> None:
    pairs = drawn(translated.answered)
    answers = {pair.passage[pair.start : pair.end] for pair in pairs}
    assert {"3200", "4", "上海", "工程师", "隧道"} <= answers
    for pair in pairs:
        answer = pair.passage[pair.start : pair.end]
        assert answer not in pair.question
        for chinese, (meanings, _) in ENGLISH.items():
            if answer == chinese:
                assert meanings[0] not in pair.question.split()


def test_a_question_may_be_another_chinese_version(translated: TranslatedPairs) -> None:
    pairs = drawn(translated.answered)
    chinese = [pair for pair in pairs if "什么" in pair.question or "多少" in pair.question]
    assert chinese
    for pair in chinese:
        said, other = (OTHER_BRIDGE, BRIDGE) if BRIDGE in pair.passage else (BRIDGE, OTHER_BRIDGE)
        assert other in pair.passage
        assert said not in pair.passage


def test_what_only_looks_alike_or_says_another_number_does_not_answer(
    translated: TranslatedPairs,
) -> None:
    near = drawn(translated.of_alike)
    changed = drawn(translated.changed)
    assert near
    assert changed
    assert not any(pair.answerable for pair in (*near, *changed))
    numbers = {word for pair in changed for word in pair.question.split() if word.isdigit()}
    assert numbers - {"3200", "4"}
    others = {
        chinese
        for pair in changed
        for chinese, (meanings, _) in ENGLISH.items()
        if meanings[0] in pair.question.split() and chinese not in pair.passage
    }
    assert others


def test_a_changed_question_may_name_what_another_sentence_of_its_passage_names(
    translated: TranslatedPairs,
) -> None:
    mixed = [
        pair
        for pair in drawn(translated.changed)
        if {"bridge", "steel"} & set(pair.question.split())
        and {"beijing", "tunnel", "school"} & set(pair.question.split())
        and TUNNEL in pair.passage
    ]
    assert any(BRIDGE in pair.passage or OTHER_BRIDGE in pair.passage for pair in mixed)
    assert any(BRIDGE not in pair.passage and OTHER_BRIDGE not in pair.passage for pair in mixed)


def test_lines_that_are_no_sentences_are_left_out(translated: TranslatedPairs) -> None:
    for way in (translated.answered, translated.of_alike, translated.changed):
        assert not any("a, b, c" in pair.passage for pair in drawn(way))


def test_sentences_that_say_the_same_are_not_taken_for_alike() -> None:
    texts = [BRIDGE, BRIDGE, TUNNEL, *(f"第{n}号楼的人昨天都去看了那座新桥。" for n in range(8))]
    assert 1 not in alike(texts)[0]
    assert 0 not in alike(texts)[0]
