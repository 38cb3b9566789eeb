"""The page generator: articles are mined cleanly, pages are what their gold says they are."""

import gzip
import json
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from evals.page_cuts import halves_of, place_of_cut, wrapped
from evals.page_generator import (
    TROUBLES,
    GeneratedPage,
    generate,
    generate_issues,
    main,
    write_page,
)
from evals.page_gold import GoldLine, problem_of, read_gold
from evals.page_sources import (
    Source,
    compressed,
    load_sources,
    sentences_of,
    source_of,
    split_of,
)
from index.decoding import read_page
from index.lines import lines_of
from index.roles import Role
from index.types import CorpusError
from tests.newsroom import TEXTS, newsroom

SOURCES = newsroom()
BY_ID = {source.id: source for source in SOURCES}
RUNNING = (Role.BODY, Role.NOTICE, Role.ADVERT)
CALM = dict.fromkeys(TROUBLES, 0.0)


@pytest.fixture(scope="module")
def pages() -> list[GeneratedPage]:
    return list(generate(SOURCES, 150, seed=1, split="test"))


def words(page: GeneratedPage) -> dict[int, str]:
    return {line.number: line.text for line in lines_of(page.page)}


def paragraphs(page: GeneratedPage, article: str) -> list[str]:
    """Return what a reader makes of the running text who follows the gold."""
    text = words(page)
    found: list[str] = []
    for line in page.gold.lines_of(article):
        if line.role in RUNNING:
            if line.continues:
                found[-1] += text[line.number]
            else:
                found.append(text[line.number])
    return found


def roles(page: GeneratedPage, article: str, role: Role) -> list[GoldLine]:
    return [line for line in page.gold.lines_of(article) if line.role is role]


# Articles


def test_the_real_headline_is_cut_off_and_the_debris_is_dropped() -> None:
    source = source_of("a", TEXTS[0])
    assert source is not None
    assert source.headline == "清江大桥合龙，两岸居民过江只要五分钟"
    assert source.text.startswith("近日，记者从市交通局获悉")
    assert source.text.endswith("由三条增加到八条。")
    assert len(source.paragraphs) > 1


def test_a_dateline_belongs_to_neither_headline_nor_body() -> None:
    dated = source_of("a", "海门港吞吐量半年破百万标箱" + TEXTS[4])
    assert dated is not None
    assert dated.headline == "海门港吞吐量半年破百万标箱"
    assert dated.text.startswith("海门港集装箱")
    bare = source_of("a", TEXTS[4])
    assert bare is not None
    assert bare.headline is None


@pytest.mark.parametrize(
    "text",
    [
        "太短。",
        "没有认得出来的开头的一篇文章" + TEXTS[4][12:],
        "原标题：半截的标题，在" + TEXTS[0][24:],
        "原标题：清江大桥合龙记者 张三 通讯员 李四" + TEXTS[0][24:],
        TEXTS[0].replace("说，“以后", "说，以后"),
    ],
)
def test_what_is_no_clean_article_is_left_out(text: str) -> None:
    assert source_of("a", text) is None


def test_sentences_about_pictures_and_codes_are_left_out() -> None:
    source = source_of("a", TEXTS[5].replace("学校也", "图为检查现场。扫码关注我们。学校也"))
    assert source == source_of("a", TEXTS[5])


def test_double_spaces_part_paragraphs() -> None:
    source = source_of("a", TEXTS[6])
    assert source is not None
    assert len(source.paragraphs) >= TEXTS[6].count("　　") + 1
    assert any(text.endswith("参加了比赛。") for text in source.paragraphs)
    assert source.text == TEXTS[6].replace("　　", "")


def test_a_quotation_of_two_sentences_is_not_parted() -> None:
    assert sentences_of("他说：“好。就这样。”大家笑了。") == [
        "他说：“好。就这样。”",
        "大家笑了。",
    ]


def test_a_quarter_of_the_articles_is_held_out() -> None:
    sides = Counter(split_of(f"news-{number:05}") for number in range(4000))
    assert sides["test"] == pytest.approx(1000, abs=100)
    assert split_of("news-00001") == split_of("news-00001")


def test_a_made_up_headline_is_no_quotation_of_the_body() -> None:
    made = [(source, compressed(source, random.Random(3))) for source in SOURCES]
    assert sum(bool(headline) for _, headline in made) > len(made) / 2
    for source, headline in made:
        assert not headline or (10 <= len(headline) <= 24 and headline not in source.text)


def test_articles_are_read_from_the_data_folder(tmp_path: Path) -> None:
    rows = [{"id": f"n{at}", "date": None, "text": text} for at, text in enumerate(TEXTS)]
    with gzip.open(tmp_path / "news.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(row) for row in rows))
    everything = load_sources(tmp_path)
    assert [source.id for source in everything] == [row["id"] for row in rows]
    assert load_sources(tmp_path, "test") == tuple(
        source for source in everything if split_of(source.id) == "test"
    )


@pytest.mark.parametrize("content", [None, b"not gzip", gzip.compress(b'{"id": "a"}\n', mtime=0)])
def test_data_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "news.jsonl.gz").write_bytes(content)
    with pytest.raises(
        CorpusError, match=r"news\.jsonl\.gz: (cannot be read|a row has no id or no text)"
    ):
        load_sources(tmp_path)


# Cuts


def test_a_cut_falls_on_a_full_stop_or_never_does() -> None:
    text = SOURCES[0].text
    for seed in range(200):
        rng = random.Random(seed)
        within, after = place_of_cut(text, rng), place_of_cut(text, rng, stop=True)
        assert within
        assert text[:within].rstrip("”")[-1] not in "。！？"
        assert text[within] not in "，。”、"
        assert after
        assert text[after - 1] in "。”"
    assert place_of_cut("太短了。", random.Random(1)) is None


def test_a_narrow_column_keeps_every_character_and_its_width() -> None:
    lines = wrapped(SOURCES[0].text, 15)
    assert "".join(lines) == SOURCES[0].text
    assert len(lines[0]) in range(11, 17)
    assert {len(line) for line in lines[1:-1]} <= set(range(13, 20))
    assert all(line[0] not in "，。”" and line[-1] not in "“（" for line in lines)


def test_a_long_headline_is_parted_between_words() -> None:
    assert halves_of("清江大桥合龙，两岸居民过江只要五分钟") == [
        "清江大桥合龙",
        "两岸居民过江只要五分钟",
    ]
    first, second = halves_of("图书馆自助借还机二十四小时开放")
    assert first + second == "图书馆自助借还机二十四小时开放"
    assert min(len(first), len(second)) > 3


# Pages


def test_pages_are_the_same_for_the_same_seed() -> None:
    five = list(generate(SOURCES, 5, seed=3))
    again = list(generate(SOURCES, 8, seed=3))[:5]
    assert five == again
    assert [page.page.text for page in five] != [
        page.page.text for page in generate(SOURCES, 5, seed=4)
    ]


def test_the_gold_of_every_page_is_sound(pages: list[GeneratedPage]) -> None:
    for page in pages:
        assert problem_of(page.gold) == "", page.gold.name
        assert {line.number for line in page.gold.lines} == words(page).keys()


def test_a_written_page_is_received_as_it_was_made(
    pages: list[GeneratedPage], tmp_path: Path
) -> None:
    for page in pages[:40]:
        write_page(page, tmp_path)
        received = read_page(tmp_path / page.page.file, page.page.file)
        assert received == page.page
        assert read_gold(tmp_path / f"{page.gold.name}.tsv", received) == page.gold


def test_the_gold_in_reading_order_gives_the_articles(pages: list[GeneratedPage]) -> None:
    for page in pages:
        for article, expected in page.paragraphs.items():
            assert tuple(paragraphs(page, article)) == expected, (page.gold.name, article)


def test_an_article_that_nothing_was_added_to_is_its_source() -> None:
    changing = (
        "brief", "picture story", "dateline", "trailing credit", "half-width marks", "traditional",
    )  # fmt: skip
    quiet = {**TROUBLES, **dict.fromkeys(changing, 0.0)}
    count = 0
    for page in generate(SOURCES, 80, seed=5, troubles=quiet):
        for article, source in page.sources.items():
            text = "".join(paragraphs(page, article))
            if page.gold.wholes[article]:
                assert text == BY_ID[source].text
                count += 1
            else:
                assert text in BY_ID[source].text
    assert count > 200


def test_pages_are_composed_of_their_side_of_the_articles() -> None:
    for split in ("train", "test"):
        for page in generate(SOURCES, 10, seed=2, split=split):
            assert {split_of(source) for source in page.sources.values()} == {split}
    with pytest.raises(CorpusError, match="'test'"):
        list(generate([one for one in SOURCES if split_of(one.id) == "train"], 1))


def test_every_trouble_happens(pages: list[GeneratedPage]) -> None:
    happened = Counter(trouble for page in pages for trouble in page.troubles)
    assert happened.keys() >= TROUBLES.keys() | {"byline of two lines"}
    assert {line.role for page in pages for line in page.gold.lines} == set(Role)
    assert {genre for page in pages for genre in page.gold.genres.values()} >= {
        "news", "feature", "comment", "interview", "notice", "advert", "weather",
    }  # fmt: skip
    assert {page.gold.date_source for page in pages} == {None, "masthead", "file name"}
    assert all(2 <= len(page.gold.genres) <= 9 for page in pages)


def only(trouble: str, **more: float) -> list[GeneratedPage]:
    """Return pages on which nothing happens but ``trouble``, where it does."""
    calm = {**CALM, trouble: 1.0, **more}
    return [page for page in generate(SOURCES, 30, seed=6, troubles=calm) if page.troubles]


def test_a_calm_page_is_read_from_the_top_to_the_bottom() -> None:
    for page in generate(SOURCES, 20, seed=6, troubles=CALM):
        assert [line.number for line in page.gold.lines] == sorted(words(page))
        assert not any(line.continues for line in page.gold.lines)
        for article in page.gold.genres:
            assert roles(page, article, Role.HEADLINE) or roles(page, article, Role.BYLINE)


def test_an_interleaved_article_goes_on_after_another() -> None:
    found = only("interleaved")
    assert found
    for page in found:
        numbers = [[line.number for line in page.gold.lines_of(a)] for a in page.gold.genres]
        others = [sorted(words(page))] * len(numbers)
        assert any(
            set(range(min(own), max(own))) & set(every) - set(own)
            for own, every in zip(numbers, others, strict=True)
        )


def test_exchanged_headlines_stand_over_the_wrong_body() -> None:
    found = only("exchanged headlines")
    assert found
    for page in found:
        owner = {line.number: line.article for line in page.gold.lines}
        under = {
            line.article: owner[min(n for n in owner if n > line.number)]
            for line in page.gold.lines
            if line.role is Role.HEADLINE
        }
        wrong = {article: other for article, other in under.items() if article != other}
        assert len(wrong) == 2
        assert {wrong[other] for other in wrong.values() if other} == set(wrong)


def test_a_headline_after_its_body_is_read_first() -> None:
    found = only("headline after its body")
    assert found
    for page in found:
        late = [
            article
            for article in page.gold.genres
            if (lines := page.gold.lines_of(article))[0].number > lines[-1].number
        ]
        assert len(late) == 1


def test_a_foreign_head_stands_in_a_cut() -> None:
    found = only("foreign head in a cut", cut=1.0)
    hit = [page for page in found if page.troubles.get("foreign head in a cut")]
    assert hit
    for page in hit:
        joins = [(a, b) for a, b in pairwise(page.gold.lines) if b.continues]
        heads = [line.number for line in page.gold.lines if line.role is Role.HEADLINE]
        assert any(a.number < head < b.number for a, b in joins for head in heads)


def test_hard_wrapped_lines_carry_on_the_line_before() -> None:
    (page, *_) = only("hard-wrapped")
    body = [line for line in page.gold.lines if line.role is Role.BODY]
    assert sum(line.continues for line in body) > len(body) / 2
    assert max(len(words(page)[line.number]) for line in body) < 30
    raw = page.page.text.split("\n")
    assert all(raw[line.number - 1].startswith("　　") != line.continues for line in body)


def test_a_cut_on_a_full_stop_has_no_join() -> None:
    for page in only("cut", **{"cut on a stop": 1.0}):
        assert not any(line.continues for line in page.gold.lines)


def test_an_article_that_jumps_to_nowhere_is_a_part() -> None:
    for trouble in ("jump to elsewhere", "jump from elsewhere"):
        found = only(trouble)
        assert found
        for page in found:
            (part,) = [article for article, whole in page.gold.wholes.items() if not whole]
            assert roles(page, part, Role.JUMP)


def test_an_article_that_jumps_on_its_page_is_whole() -> None:
    found = [page for page in only("jump on the page") if roles_of(page)[Role.JUMP]]
    assert found
    assert all(roles_of(page)[Role.JUMP] == 2 for page in found)
    assert all(all(page.gold.wholes.values()) for page in found)


def roles_of(page: GeneratedPage) -> Counter[Role]:
    return Counter(line.role for line in page.gold.lines)


def test_two_pages_of_an_issue_share_an_article() -> None:
    calm = {**CALM, "cut": 0.5, "kicker": 0.3}
    for first, second in generate_issues(SOURCES, 20, seed=1, troubles=calm):
        assert (first.gold.name[-3:], second.gold.name[-3:]) == ("_01", "_02")
        assert first.gold.name[:10] == second.gold.name[:10] == first.gold.date
        (opening,) = [article for article, whole in first.gold.wholes.items() if not whole]
        (ending,) = [article for article, whole in second.gold.wholes.items() if not whole]
        assert first.sources[opening] == second.sources[ending]
        text = "".join(paragraphs(first, opening) + paragraphs(second, ending))
        assert text == BY_ID[first.sources[opening]].text


def test_an_issue_needs_an_article_that_can_jump() -> None:
    short = Source("test-0-0", "一条短消息的标题", ("只有一段。",))
    assert split_of(short.id) == "test" or split_of("a") in ("train", "test")
    with pytest.raises(CorpusError, match="longer articles"):
        list(generate_issues([short], 1, split=split_of(short.id)))


# The command line


def test_the_command_line_writes_pages_with_their_gold(tmp_path: Path) -> None:
    rows = [
        {"id": source.id, "text": text} for source, text in zip(SOURCES, TEXTS * 2, strict=True)
    ]
    with gzip.open(tmp_path / "news.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(row) for row in rows))
    common = ["--data", str(tmp_path), "--split", "train", "--count", "2"]
    main([*common, "--out", str(tmp_path / "pages")])
    main([*common, "--issues", "--out", str(tmp_path / "issues")])
    for folder, count in (("pages", 2), ("issues", 4)):
        golds = sorted((tmp_path / folder).glob("*.tsv"))
        assert len(golds) == count
        for tsv in golds:
            read_gold(tsv, read_page(tsv.with_suffix(".txt"), tsv.with_suffix(".txt").name))


def test_the_command_line_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"news\.jsonl\.gz: cannot be read"):
        main(["--data", str(tmp_path), "--out", str(tmp_path / "pages")])
