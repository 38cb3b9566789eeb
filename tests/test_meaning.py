"""What a paragraph is about: two of one matter are nearer than two of two matters."""

import numpy as np
import pytest

from index.meaning import MAX_CHARS, TABLE, Meaning, bundled_meaning

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


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return bundled_meaning()


def test_a_paragraph_is_nearest_to_the_other_of_its_matter(meaning: Meaning) -> None:
    likeness = meaning.likeness(TEXTS)
    np.fill_diagonal(likeness, -1)
    assert [int(row.argmax()) for row in likeness] == [1, 0, 3, 2, 5, 4, 7, 6]


def test_likeness_is_a_cosine(meaning: Meaning) -> None:
    likeness = meaning.likeness(TEXTS)
    assert likeness.shape == (len(TEXTS), len(TEXTS))
    assert likeness.dtype == np.float32
    assert np.allclose(np.diag(likeness), 1, atol=1e-5)
    assert np.allclose(likeness, likeness.T, atol=1e-6)
    assert np.abs(likeness).max() <= 1 + 1e-5


def test_what_all_news_has_in_common_counts_nothing(meaning: Meaning) -> None:
    vectors = meaning.raw(TEXTS)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    raw, likeness = vectors @ vectors.T, meaning.likeness(TEXTS)
    strangers = ~np.kron(np.eye(len(MATTERS), dtype=bool), np.ones((2, 2), dtype=bool))
    assert likeness[strangers].mean() < raw[strangers].mean() - 0.1


def test_a_text_without_words_is_like_nothing(meaning: Meaning) -> None:
    likeness = meaning.likeness(["", TEXTS[0], " ", "\u200b"])
    assert np.isfinite(likeness).all()
    assert likeness[0].tolist() == pytest.approx([0, 0, 0, likeness[0, 3]], abs=1e-6)


def test_no_texts_have_no_likeness(meaning: Meaning) -> None:
    assert meaning.likeness([]).shape == (0, 0)


@pytest.mark.parametrize("text", ["\x00", "\u2028\u202e", "😀", "\U000e0001", "a" * 5000])
def test_any_text_has_a_meaning(meaning: Meaning, text: str) -> None:
    assert np.isfinite(meaning.likeness([text, TEXTS[0]])).all()


def test_the_rest_of_a_long_text_does_not_count(meaning: Meaning) -> None:
    long = (TEXTS[0] * 100)[:MAX_CHARS]
    assert meaning.likeness([long, long + TEXTS[2] * 100])[0, 1] == pytest.approx(1, abs=1e-5)


def test_the_tables_load_without_pickle_and_fit_each_other(meaning: Meaning) -> None:
    with np.load(TABLE, allow_pickle=False) as stored:
        assert {"weights", "mean", "common"} <= set(stored.files)
    tokens, dimension = meaning.vectors.shape
    assert meaning.weights.shape == (tokens,)
    assert meaning.mean.shape == (dimension,)
    assert meaning.common.shape[1] == dimension
    assert tokens == meaning.tokenizer.get_vocab_size()
    rows = meaning.common @ meaning.common.T
    assert np.allclose(rows, np.eye(len(rows)), atol=1e-2), "directions of norm 1, at right angles"
