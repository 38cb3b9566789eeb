"""What a paragraph is about: two of one matter are nearer than two of two matters."""

import numpy as np
import pytest

from index.meaning import MAX_CHARS, SLOT_BITS, TABLE, Meaning, bundled_meaning, features_of

# Two paragraphs of each matter, told in other words.
MATTERS = {
    "football": (
        "昨晚的联赛中，主队凭借前锋在补时阶段的头球，以二比一逆转取胜，升至积分榜第三。",
        "这名射手本赛季已攻入十二球，教练赛后称赞全队的防守，下一轮他们将客场挑战榜首。",
    ),
    "taxes": (
        "税务部门推出新的退税措施，小微企业申报增值税留抵退税，三个工作日内即可到账。",
        "财政局介绍，减免的税费主要用于企业扩大生产，纳税人可以在网上办理缴费手续。",
    ),
    "school": (
        "新学期开学，小学把体育课增加到每天一节，老师带着孩子们在操场上跑步跳绳。",
        "校长说，学生每天户外活动两个小时，班主任会把课程安排告诉家长。",
    ),
    "weather": (
        "受冷空气影响，明后两天有大到暴雨，气温明显下降，气象台发布了大风预警。",
        "预报显示，周末阴雨天气持续，最低温度只有三度，山区可能出现霜冻。",
    ),
}
TEXTS = [text for pair in MATTERS.values() for text in pair]
HEADS = ["主队补时绝杀对手", "小微企业三天拿到退税", "小学每天一节体育课", "大风降温就要来了"]


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return bundled_meaning()


# Features


@pytest.mark.parametrize("text", ["大桥昨日合龙", "桥", "大桥2026 AI", "😀桥\ud800"])
def test_a_text_has_a_slot_for_each_character_and_for_each_pair(text: str) -> None:
    features = features_of(text)
    assert features.dtype == np.int64
    assert len(features) == 2 * len(text) - 1
    assert ((features >= 0) & (features < 1 << SLOT_BITS)).all()
    ones = [int(features_of(character)[0]) for character in text]
    assert features[: len(text)].tolist() == ones, "characters first"


def test_a_text_without_characters_has_no_slots() -> None:
    assert len(features_of("")) == 0


def test_the_slot_of_a_pair_knows_the_order_of_its_characters() -> None:
    assert features_of("还价")[-1] != features_of("价还")[-1]
    assert features_of("讨价还价")[-1] == features_of("还价")[-1], "wherever it stands"


def test_figures_letters_and_marks_are_alike_in_any_width() -> None:
    assert features_of("３月，AI").tolist() == features_of("8月,zz").tolist()


# Vectors


def test_a_vector_is_the_sum_of_those_of_its_slots(meaning: Meaning) -> None:
    for text, vector in zip(TEXTS, meaning.vectors_of(TEXTS), strict=True):
        total = sum(meaning.vectors[slot].astype(np.float64) for slot in features_of(text))
        assert np.allclose(vector, total / np.linalg.norm(total), atol=1e-5)


def test_a_text_has_the_vector_that_it_has_among_others(meaning: Meaning) -> None:
    vectors = meaning.vectors_of(TEXTS)
    assert vectors.shape == (len(TEXTS), meaning.vectors.shape[1])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert np.allclose(meaning.vectors_of([text])[0], vector, atol=1e-6)


def test_a_text_without_a_character_has_no_direction(meaning: Meaning) -> None:
    assert not meaning.vectors_of([""]).any()


def test_no_texts_have_no_vectors(meaning: Meaning) -> None:
    assert meaning.vectors_of([]).shape == (0, meaning.vectors.shape[1])


def test_many_characters_do_not_run_over() -> None:
    loudest = np.full((1 << SLOT_BITS, 2), 127, dtype=np.int8)
    (vector,) = Meaning(loudest).vectors_of(["桥" * MAX_CHARS])
    assert vector.tolist() == pytest.approx([np.sqrt(0.5)] * 2)


# Likeness


def test_a_paragraph_is_nearest_to_the_other_of_its_matter(meaning: Meaning) -> None:
    likeness = meaning.likeness(TEXTS)
    np.fill_diagonal(likeness, -1)
    assert [int(row.argmax()) for row in likeness] == [1, 0, 3, 2, 5, 4, 7, 6]


def test_a_headline_is_nearest_to_a_paragraph_of_its_matter(meaning: Meaning) -> None:
    nearest = meaning.likeness([*HEADS, *TEXTS])[: len(HEADS), len(HEADS) :].argmax(axis=1)
    assert (nearest // 2).tolist() == [0, 1, 2, 3]


def test_likeness_is_a_cosine(meaning: Meaning) -> None:
    likeness = meaning.likeness(TEXTS)
    assert likeness.shape == (len(TEXTS), len(TEXTS))
    assert likeness.dtype == np.float32
    assert np.allclose(np.diag(likeness), 1, atol=1e-5)
    assert np.allclose(likeness, likeness.T, atol=1e-6)
    assert np.abs(likeness).max() <= 1 + 1e-5


def test_what_all_news_has_in_common_counts_little(meaning: Meaning) -> None:
    likeness = meaning.likeness(TEXTS)
    strangers = ~np.kron(np.eye(len(MATTERS), dtype=bool), np.ones((2, 2), dtype=bool))
    assert abs(likeness[strangers].mean()) < 0.15
    said = meaning.likeness([text + "记者昨日获悉。" for text in TEXTS])
    assert abs(said[strangers].mean() - likeness[strangers].mean()) < 0.1


def test_a_text_without_words_is_like_nothing(meaning: Meaning) -> None:
    likeness = meaning.likeness(["", TEXTS[0], " ", "\u200b"])
    assert np.isfinite(likeness).all()
    assert not likeness[0].any()
    assert not likeness[:, 0].any()


def test_no_texts_have_no_likeness(meaning: Meaning) -> None:
    assert meaning.likeness([]).shape == (0, 0)


@pytest.mark.parametrize("text", ["\x00", "\u2028\u202e", "\ud800", "😀", "\U000e0001", "a" * 5000])
def test_any_text_has_a_meaning(meaning: Meaning, text: str) -> None:
    assert np.isfinite(meaning.likeness([text, TEXTS[0]])).all()


def test_the_rest_of_a_long_text_does_not_count(meaning: Meaning) -> None:
    long = (TEXTS[0] * 100)[:MAX_CHARS]
    assert meaning.likeness([long, long + TEXTS[2] * 100])[0, 1] == pytest.approx(1, abs=1e-5)


# The table


def test_the_table_loads_without_pickle_and_has_a_vector_for_each_slot(meaning: Meaning) -> None:
    with np.load(TABLE, allow_pickle=False) as stored:
        assert stored.files == ["vectors"]
    assert meaning.vectors.shape == (1 << SLOT_BITS, 64)
    assert meaning.vectors.dtype == np.int8
    assert bundled_meaning() is meaning, "loaded once"
