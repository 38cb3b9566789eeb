"""However an index came about, it says what one says that was built at once."""

import json
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import build
from index.build import build_index, remove
from index.index import Index
from index.lexical import exact
from index.store import load_index, switch_back, verify_index
from tests.embedders import WindowEmbedder
from tests.issue import FRONT, FRONT_FILE, INSIDE, INSIDE_FILE

NAMES = [f"{number:02}.txt" for number in range(12)]
WORDS = "大桥通车图书馆延长开放时间采购商人次铁路口岸启程集合店落地公交线路增加座位天气晴朗"


def page(seed: int) -> str:
    draw = random.Random(seed)
    words = [WORDS[at : at + 4] for at in (draw.randrange(len(WORDS) - 4) for _ in range(60))]
    return f"第{seed}号消息\n\n" + "".join(f"{word}，{seed}人。" for word in words) + "\n"


def write(folder: Path, pages: Mapping[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")


def same(index: Index, fresh: Index) -> None:
    assert dict(index.pages) == dict(fresh.pages)
    assert list(index.articles.items()) == list(fresh.articles.items())
    assert index.heads == fresh.heads
    assert index.explained == fresh.explained
    assert index.page_numbers == fresh.page_numbers
    assert index.unlinked == fresh.unlinked
    assert index.manifest.counts == fresh.manifest.counts
    row_of = {chunk.id: row for row, chunk in enumerate(fresh.chunks)}
    rows = [row_of[chunk.id] for chunk in index.chunks]
    assert sorted(rows) == list(range(len(fresh.chunks)))
    assert [index.chunks[at] for at in range(len(rows))] == [fresh.chunks[row] for row in rows]
    assert [index.row_of(chunk) for chunk in index.chunks] == list(range(len(rows)))
    for id_ in index.articles:
        assert [index.chunks[row].id for row in index.rows_of(id_)] == [
            fresh.chunks[row].id for row in fresh.rows_of(id_)
        ]
    np.testing.assert_array_equal(index.article_numbers, fresh.article_numbers[rows])
    np.testing.assert_allclose(index.matrix(range(len(rows))), fresh.matrix(rows), atol=1e-6)
    windows, wanted = index.windows(range(len(rows))), fresh.windows(rows)
    for one, other in zip(windows.arrays().values(), wanted.arrays().values(), strict=True):
        np.testing.assert_array_equal(one, other)
    for name, postings in index.postings.items():
        terms = list(fresh.postings[name].terms())
        assert sorted(postings.terms()) == sorted(terms)
        for term in terms[::7]:
            query = exact([term])
            np.testing.assert_allclose(
                postings.bm25(query), fresh.postings[name].bm25(query)[rows], rtol=1e-5
            )
    vectors = WindowEmbedder().encode_questions(["大桥通车，图书馆"])
    ours, theirs = (
        [score for _, score in each]
        for each in (*index.nearest(vectors, 5), *fresh.nearest(vectors, 5))
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


contents = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5), min_size=1, max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(contents, min_size=1, max_size=6), st.booleans())
def test_pages_that_come_change_and_go_leave_what_one_build_makes(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[str, int]], jumps: bool
) -> None:
    folder = tmp_path_factory.mktemp("segments")
    for number, step in enumerate(steps):
        pages = {name: page(seed) for name, seed in step.items()}
        if jumps and number % 2:
            pages |= {FRONT_FILE: FRONT, INSIDE_FILE: INSIDE}
        elif jumps:
            pages |= {INSIDE_FILE: INSIDE}
        write(folder / "pages", pages)
        build_index([folder / "pages"], folder / "index", WindowEmbedder())
    build_index([folder / "pages"], folder / "fresh", WindowEmbedder())
    same(load_index(folder / "index"), load_index(folder / "fresh"))
    assert verify_index(folder / "index") == []


def test_small_segments_are_merged_and_the_large_one_stays(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    write(pages, {f"large{n}.txt": page(100 + n) for n in range(60)})
    build_index([pages], tmp_path / "index", WindowEmbedder())
    (large,) = load_index(tmp_path / "index").manifest.segments
    for number in range(20):
        (pages / f"{number:02}.txt").write_text(page(number), "utf-8")
        build_index([pages], tmp_path / "index", WindowEmbedder())
        found = load_index(tmp_path / "index").manifest.segments
        assert len(found) <= build.MAX_SEGMENTS
        assert large in found
    on_disk = {path.name for path in (tmp_path / "index" / "segments").iterdir()}
    assert len(on_disk) <= 2 * build.MAX_SEGMENTS
    build_index([pages], tmp_path / "fresh", WindowEmbedder())
    same(load_index(tmp_path / "index"), load_index(tmp_path / "fresh"))


def test_a_page_that_comes_leaves_the_other_files_as_they_lie(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    write(pages, {"1.txt": page(1), "2.txt": page(2)})
    build_index([pages], tmp_path / "index", WindowEmbedder())
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "index/segments/000001").iterdir()}
    (pages / "3.txt").write_text(page(3), "utf-8")
    build_index([pages], tmp_path / "index", WindowEmbedder())
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert len(load_index(tmp_path / "index").articles) == 3


def test_a_segment_that_has_lost_most_is_written_anew(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    write(pages, {f"{n}.txt": page(n) for n in range(5)})
    build_index([pages], tmp_path / "index", WindowEmbedder())
    remove(["0.txt"], tmp_path / "index")
    assert load_index(tmp_path / "index").manifest.segments[0].dead_pages
    remove(["1.txt", "2.txt"], tmp_path / "index")
    index = load_index(tmp_path / "index")
    assert [ref.dead_pages for ref in index.manifest.segments] == [()]
    assert list(index.pages) == ["3.txt", "4.txt"]
    switch_back(tmp_path / "index")
    assert len(load_index(tmp_path / "index").pages) == 4


def test_twins_share_a_vector_and_both_are_found(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    text = "展览馆\n\n" + "这次展览会开放时间延长到晚上十点，参观的人很多。" * 3 + "\n"
    twin = text.replace("展览馆", "展覽館").replace("展览会", "展覽會").replace("时间", "時間")
    write(pages, {"1.txt": text, "2.txt": twin, "3.txt": page(3)})
    build_index([pages], tmp_path / "index", WindowEmbedder())
    index = load_index(tmp_path / "index")
    (part,) = index.parts
    first, second = (
        index.rows_of(index.articles_of["1.txt"][0]),
        index.rows_of(index.articles_of["2.txt"][0]),
    )
    assert part.segment.vector_of[first[0]] == part.segment.vector_of[second[0]]
    assert len(part.segment.table) == len(index.chunks) - 1
    (found,) = index.nearest(index.matrix([first[0]]), 2)
    assert [row for row, _ in found] == [first[0], second[0]]
    allowed = np.zeros(len(index.chunks), dtype=bool)
    allowed[second[0]] = True
    third = index.rows_of(index.articles_of["3.txt"][0])
    for asked, k in ((first, 2), (first, 1), (third, 1)):  # one allowed is found, though not near
        (found,) = index.nearest(index.matrix([asked[0]]), k, allowed)
        assert [row for row, _ in found] == [second[0]]


def test_a_large_segment_is_searched_by_codes_and_scored_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = tmp_path / "pages"
    write(pages, {f"{n}.txt": page(n) for n in range(30)})
    build_index([pages], tmp_path / "exact", WindowEmbedder())
    monkeypatch.setattr("index.vectors.EXACT_UP_TO", 10)
    build_index([pages], tmp_path / "codes", WindowEmbedder())
    exactly, by_codes = load_index(tmp_path / "exact"), load_index(tmp_path / "codes")
    assert [ref.search for ref in by_codes.manifest.segments] == ["4-bit codes"]
    assert [ref.search for ref in exactly.manifest.segments] == ["exact"]
    vectors = WindowEmbedder().encode_questions(["大桥通车", "增加座位", "铁路口岸，图书馆"])
    for allowed in (None, *(np.arange(len(exactly.chunks)) % share == 1 for share in (2, 9))):
        both = zip(
            *(each.nearest(vectors, 3, allowed) for each in (by_codes, exactly)), strict=True
        )
        for ours, theirs in both:
            assert [row for row, _ in ours] == [row for row, _ in theirs]
            np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_segments_up_to_twice_the_size_of_the_smaller_ones_are_merged_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MAX_SEGMENTS", 2)
    pages = tmp_path / "pages"
    for number, count in enumerate((4, 1, 1)):
        write(pages, {f"{number}-{n}.txt": page(n + 10 * number) for n in range(count)})
        build_index(sorted(pages.glob("*.txt")), tmp_path / "index", WindowEmbedder())
    assert len(load_index(tmp_path / "index").manifest.segments) == 1


def test_what_stays_of_a_segment_is_found_as_before(tmp_path: Path) -> None:
    names = [f"{n}.txt" for n in range(5)]
    write(tmp_path / "pages", {name: page(n) for n, name in enumerate(names)})
    build_index([tmp_path / "pages"], tmp_path / "index", WindowEmbedder())
    (tmp_path / "pages" / "1.txt").unlink()
    build_index([tmp_path / "pages"], tmp_path / "index", WindowEmbedder())
    index = load_index(tmp_path / "index")
    (part,) = index.parts
    assert not part.whole
    build_index([tmp_path / "pages"], tmp_path / "fresh", WindowEmbedder())
    same(index, load_index(tmp_path / "fresh"))


def test_an_article_that_leaves_moves_nothing_else(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "all.md").write_text(
        "\n\n".join(f"# {n}号消息\n\n{page(n)}" for n in range(6)), "utf-8"
    )
    build_index([pages], tmp_path / "index", WindowEmbedder())
    first, second, *_ = load_index(tmp_path / "index").articles
    remove([second], tmp_path / "index")
    index = load_index(tmp_path / "index")
    (ref,) = index.manifest.segments
    assert ref.name == "000001"
    assert ref.dead_articles == (1,)
    assert second not in index.articles
    assert first in index.articles
    assert verify_index(tmp_path / "index") == []
    build_index([pages], tmp_path / "index", WindowEmbedder())
    assert second not in load_index(tmp_path / "index").articles
    build_index([pages / "all.md"], tmp_path / "index", WindowEmbedder())
    assert second in load_index(tmp_path / "index").articles


def test_an_article_is_latin_where_most_of_its_words_are(tmp_path: Path) -> None:
    bodies = {
        "中文": "义乌中国进出口商品城今天迎来了来自一百个国家的客商。",
        "figures": "3 4 5 6 7 8 9 10 11 12 13 14 15 公里。",
        "mixed": "客商说 The market is open every day and the hotels are full 今天。",
        "english": "The market is open every day of the year, and its hotels are full.",
    }
    rows = [{"title": title, "text": body} for title, body in bodies.items()]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "all.jsonl").write_text(text, "utf-8")
    build_index([tmp_path / "all.jsonl"], tmp_path / "index", WindowEmbedder())
    index = load_index(tmp_path / "index")
    latin = {index.articles[head.id].headline: head.latin for head in index.heads}
    assert latin == {"中文": False, "figures": False, "mixed": True, "english": True}


def test_known_vectors_are_found_by_the_whole_digest(tmp_path: Path) -> None:
    write(tmp_path / "pages", {name: page(seed) for seed, name in enumerate(NAMES[:4])})
    build_index([tmp_path / "pages"], tmp_path / "index", WindowEmbedder())
    write(tmp_path / "pages", {name: page(seed) for seed, name in enumerate(NAMES[:6])})
    build_index([tmp_path / "pages"], tmp_path / "index", WindowEmbedder())
    index = load_index(tmp_path / "index")
    assert len(index.parts) == 2
    digests = np.concatenate([part.segment.digests for part in index.parts])
    matrices = [part.segment.table.matrix(range(len(part.segment.table))) for part in index.parts]
    other = digests[:1] ^ np.array([[0, 1]], np.uint64)  # its first half alone is known
    asked = np.concatenate([digests[::-1], other, other + np.uint64(7), digests[:1]])
    known, found = index.known_vectors(asked)
    assert known.tolist() == [*[True] * len(digests), False, False, True]
    wanted = np.concatenate(matrices)
    np.testing.assert_array_equal(found.matrix, np.concatenate([wanted[::-1], wanted[:1]]))
    assert not index.known_vectors(digests[:0])[0].size


def test_what_the_first_article_explains_is_known(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    write(
        pages,
        {
            "1.txt": "数贸中心开业\n\n全球数字贸易中心（简称“数贸中心”）昨日开业。\n",
            "2.txt": page(2),
        },
    )
    build_index([pages], tmp_path / "index", WindowEmbedder())
    assert [each.name for each in load_index(tmp_path / "index").explained]
