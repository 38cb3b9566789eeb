"""Chunks hold whole sentences and are slices of their article."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index.articles import articles_of
from index.chunking import MAX_CHARS, MIN_CHARS, OVERLAP_CHARS, chunks_of
from index.decoding import read_page
from index.types import MAX_HEAD_CHARS, Article, Chunk, Excerpt, Page, Span


def article_with(text: str) -> Article:
    body = Excerpt(text, (Span("page.txt", 0, len(text)),) if text else ())
    return Article("a1", "page.txt", "题目", (), "", "", None, "news", True, body, body.spans)


def seed_chunks(seeds: Path) -> list[tuple[Page, Chunk]]:
    return [
        (page, chunk)
        for path in sorted(seeds.glob("*.txt"))
        for page in [read_page(path, path.name)]
        for article in articles_of(page).articles
        for chunk in chunks_of(article)
    ]


def test_every_chunk_is_its_articles_slice_and_its_pages_words(seeds: Path) -> None:
    for page, chunk in seed_chunks(seeds):
        excerpt = chunk.excerpt
        assert excerpt.text == chunk.article.body.text[chunk.start : chunk.end]
        assert excerpt.text == "".join(page.text[s.start : s.end] for s in excerpt.spans)


def test_chunks_of_the_seed_pages_are_of_the_size_promised(seeds: Path) -> None:
    lengths = [len(chunk.excerpt.text) for _, chunk in seed_chunks(seeds)]
    assert max(lengths) <= MAX_CHARS
    assert sum(length >= MIN_CHARS for length in lengths) >= 0.9 * len(lengths)


def test_a_chunk_ends_where_a_sentence_or_a_section_head_ends(seeds: Path) -> None:
    for _, chunk in seed_chunks(seeds):
        rest = chunk.article.body.text[chunk.end :]
        assert (
            chunk.excerpt.text[-1] in "。！？…!?”’」）)"
            or rest.startswith(("\n", "\r"))
            or not rest
        )


def test_the_words_of_an_article_are_all_in_some_chunk(seeds: Path) -> None:
    covered: dict[str, set[int]] = {}
    articles = {}
    for _, chunk in seed_chunks(seeds):
        articles[chunk.article.id] = chunk.article
        covered.setdefault(chunk.article.id, set()).update(range(chunk.start, chunk.end))
    for article_id, article in articles.items():
        words = {at for at, character in enumerate(article.body.text) if not character.isspace()}
        assert words <= covered[article_id]


def test_a_short_last_sentence_opens_the_next_chunk() -> None:
    long = "这一句话写得很长，" * 15 + "终于完了。"
    chunks = chunks_of(article_with(f"{long}{long}短句在此。{long}{long}"))
    assert chunks[0].excerpt.text.endswith("短句在此。")
    assert chunks[1].excerpt.text.startswith("短句在此。")


def test_headline_and_date_are_searched_but_not_quoted() -> None:
    (chunk,) = chunks_of(article_with("正文在此。"))
    assert "题目" in chunk.search_text
    assert "题目" not in chunk.excerpt.text


def test_a_body_without_words_has_no_chunks() -> None:
    assert chunks_of(article_with("")) == []
    assert chunks_of(article_with(" \n")) == []


@given(st.text(st.sampled_from("字，。“”\n a.")) | st.text(min_size=300, max_size=900))
def test_no_text_is_lost_or_too_long(text: str) -> None:
    article = article_with(text)
    chunks = chunks_of(article)
    covered = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
    assert {at for at, character in enumerate(text) if not character.isspace()} <= covered
    assert all(0 < chunk.end - chunk.start <= MAX_CHARS for chunk in chunks)


def test_a_last_sentence_of_sixty_characters_is_repeated_and_a_longer_one_is_not() -> None:
    first = "一" * 200 + "。"
    for length, repeated in ((OVERLAP_CHARS, True), (OVERLAP_CHARS + 1, False)):
        last = "二" * (length - 1) + "。"
        second = chunks_of(article_with(first + last + "三" * 150 + "。"))[1]
        assert second.excerpt.text.startswith(last) is repeated
    assert OVERLAP_CHARS == 60


def test_a_first_sentence_that_fills_its_chunk_is_followed_by_the_second() -> None:
    sentences = ["一" * 300 + "。", "二" * 200 + "。", "三" * 100 + "。", "四" * 40 + "。"]
    chunks = chunks_of(article_with("".join(sentences)))
    assert [chunk.excerpt.text for chunk in chunks] == [
        sentences[0],
        sentences[1] + sentences[2] + sentences[3],
    ]


def test_a_paragraph_that_is_long_enough_ends_its_chunk_where_it_ends() -> None:
    paragraph = "一" * (MIN_CHARS - 1) + "。"
    rest = "二" * 40 + "。" + "三" * 40 + "。"
    chunks = chunks_of(article_with(f"{paragraph}\n{rest}\n{'四' * 40}。"))
    assert [chunk.excerpt.text for chunk in chunks] == [paragraph, f"{rest}\n{'四' * 40}。"]


def test_a_sentence_without_a_comma_in_reach_is_cut_at_the_limit() -> None:
    for before, lengths in ((349, [350, 100]), (350, [350, 101])):
        text = "字" * before + "，" + "字" * 100
        assert [len(chunk.excerpt.text) for chunk in chunks_of(article_with(text))] == lengths


def test_a_paragraph_that_is_long_enough_is_a_chunk() -> None:
    for length, count in ((MIN_CHARS, 2), (MIN_CHARS - 1, 1)):
        text = "甲" * (length - 2) + "。\n" + "乙" * 99 + "。"
        assert len(chunks_of(article_with(text))) == count
    assert MIN_CHARS == 150


def test_a_sentence_that_fits_is_not_cut_at_its_commas() -> None:
    first, second = ("甲" * 20 + "，" + name * 300 + "。" for name in "乙丙")
    assert [c.excerpt.text for c in chunks_of(article_with(first + second))] == [first, second]


def test_a_sentence_without_commas_is_cut_where_it_must_be() -> None:
    found = [c.excerpt.text for c in chunks_of(article_with("甲" * (MAX_CHARS + 1)))]
    assert found == ["甲" * MAX_CHARS, "甲"]


def test_a_chunk_is_as_long_as_may_be_and_no_longer() -> None:
    first = "甲" * (MAX_CHARS // 2 - 1) + "。"
    rest = MAX_CHARS - len(first)
    full = first + "乙" * (rest - 1) + "。"
    assert [c.excerpt.text for c in chunks_of(article_with(full))] == [full]
    assert len(chunks_of(article_with(first + "乙" * rest + "。"))) == 2


def test_the_last_sentence_is_said_again_where_the_next_one_fits_behind_it() -> None:
    first, again = "甲" * (MAX_CHARS - OVERLAP_CHARS - 1) + "。", "乙" * (OVERLAP_CHARS - 1) + "。"
    for rest, repeated in ((MAX_CHARS - OVERLAP_CHARS, again), (MAX_CHARS - OVERLAP_CHARS + 1, "")):
        last = "丙" * (rest - 1) + "。"
        found = [chunk.excerpt.text for chunk in chunks_of(article_with(first + again + last))]
        assert found == [first + again, repeated + last]


def test_white_space_between_clauses_makes_no_chunk_of_its_own() -> None:
    text = "甲" * 349 + "，" + " " * 1_100 + "乙。"
    found = chunks_of(article_with(text))
    assert all(0 <= chunk.start < chunk.end for chunk in found)
    assert [chunk.excerpt.text for chunk in found] == ["甲" * 349 + "，", "乙。"]


def test_a_headline_of_a_megabyte_is_not_repeated_in_every_chunk() -> None:
    article = replace(article_with("昨日大桥通车。" * 200), headline="题" * 1_000_000)
    for chunk in chunks_of(article):
        assert len(chunk.search_text) <= MAX_HEAD_CHARS + 1 + MAX_CHARS
        assert chunk.search_text.endswith(chunk.excerpt.text)
