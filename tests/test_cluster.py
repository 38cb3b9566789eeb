"""A Milvus collection answers as the index in memory does, and never half of a generation."""

import json
import multiprocessing
import os
import random
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.build import build_index, remove
from index.corrections import GENRES
from index.store import load_index
from index.types import CorpusError
from rag.answering import Answerer, answerer_over, load_answerer
from rag.config import Settings, load_settings
from rag.filters import OR, Filters, filters_from
from rag.question import understand
from rag.retrieval import Retriever
from rag.types import Passage, Question
from tests.embedders import BigramEmbedder
from tests.torture import Torture

pytest.importorskip("pymilvus", reason="needs the extra milvus-lite (pymilvus)")
pytest.importorskip("milvus_lite", reason="needs the extra milvus-lite")

if TYPE_CHECKING:
    from index.milvus import Cluster

ROOT = Path(__file__).resolve().parent.parent
MANY = 240  # generated articles
PLACES = "义乌 金华 杭州 宁波 温州 佛堂 苏溪 上溪 廿三里 后宅".split()
THINGS = "渡轮 大桥 铁路 博览会 消防站 图书馆 公园 学校 班列 市场 机场 医院".split()
DEEDS = "昨日开工 正式启用 完成验收 迎来客流高峰 获得表彰 扩大规模 推迟开放 公布票价".split()


def same_but_for_ties(one: list[Passage], two: list[Passage]) -> bool:
    """Return whether two lists hold the same passages in one order, but for ties."""
    if len(one) != len(two):
        return False
    scores = {p.chunk.id: p.score for p in one}
    for mine, other in zip(one, two, strict=True):
        known = scores.get(other.chunk.id, mine.score if other is two[-1] else None)
        if known is None or abs(known - other.score) > 1e-5 or abs(mine.score - other.score) > 1e-5:
            return False
    return True


def url_of(folder: Path) -> str:
    return f"milvus://{folder}/store.db"


def in_store(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"store": url_of(folder)})


@pytest.fixture(scope="module")
def two(
    answerer: Answerer, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Answerer, Answerer]]:
    """Return the answerer over the real pages, and the one over their mirror."""
    from rag.cluster import ClusterIndex, publish

    there = in_store(settings, tmp_path_factory.mktemp("milvus"))
    publish(answerer.index, there)
    mirrored = load_answerer(there)
    yield answerer, mirrored
    index: object = mirrored.index
    assert isinstance(index, ClusterIndex)
    index.cluster.close()


def questions() -> list[str]:
    cases = ROOT / "evals" / "cases"
    return [
        json.loads(line)["question"]
        for name in ("answerable.jsonl", "unanswerable.jsonl")
        for line in (cases / name).read_text("utf-8").splitlines()
    ]


def alike(one: Retriever, two: Retriever, question: Question) -> bool:
    return same_but_for_ties(one.retrieve(question), two.retrieve(question))


@pytest.mark.torture
def test_the_best_ten_passages_are_those_of_the_index(
    two: tuple[Answerer, Answerer], torture: Torture
) -> None:
    index, mirror = (each.retriever for each in two)
    asked = random.Random(7).sample(questions(), torture.times(12, len(questions())))
    different = [text for text in asked if not alike(index, mirror, understand(text))]
    torture.tell("a cluster ranks alike", questions=len(asked), different=len(different))
    assert not different


def test_whole_answers_and_what_is_known_of_the_corpus_are_the_same(
    two: tuple[Answerer, Answerer],
) -> None:
    index, mirror = two
    assert mirror.retriever.facets == index.retriever.facets
    assert mirror.index.page_numbers == index.index.page_numbers
    assert mirror.index.manifest.counts == index.index.manifest.counts
    assert dict(mirror.index.articles) == dict(index.index.articles)
    assert dict(mirror.index.pages) == dict(index.index.pages)
    assert {c.id: c for c in mirror.index.chunks} == {c.id: c for c in index.index.chunks}
    for text in ("义乌港铁路口岸什么时候通过验收？", "Who won the chess final on Mars?"):
        one, other = (each.ask(text) for each in two)
        assert (one.text, one.refused) == (other.text, other.refused)
        assert one.citations == other.citations


def test_filters_are_the_same_in_an_expression(two: tuple[Answerer, Answerer]) -> None:
    index, mirror = (each.retriever for each in two)
    facets = index.facets
    narrowed = [
        filters_from(since="2025-05"),
        filters_from(until="1999"),
        *(Filters(genres=(genre,)) for genre in GENRES),
        *(Filters(files=(file,)) for file in list(facets.files)[:2]),
        *(Filters(series=(name,)) for name in list(facets.series)[:2]),
        *(Filters(reporters=(name,)) for name in list(facets.reporters)[:2]),
        Filters(reporters=(OR.join(list(facets.reporters)[:2]),)),
        *(Filters(pages=(page,)) for page in (*list(facets.pages)[:2], "3", "A2")),
        Filters(series=('"] or true or ["',), files=('a" or "b\\',)),
        Filters(reporters=("%",)),
    ]
    for filters in narrowed:
        question = replace(understand("义乌有什么新闻？"), filters=filters)
        assert alike(index, mirror, question), filters


def test_lists_and_briefings_are_no_answer_of_a_cluster(two: tuple[Answerer, Answerer]) -> None:
    _, mirror = two
    for text in ("有几篇报道提到义乌？", "今日要闻"):
        question = understand(text)
        assert mirror._listed(question) is None
        assert mirror._briefed(question) is None


def test_what_would_look_at_every_chunk_says_that_a_cluster_does_not(
    two: tuple[Answerer, Answerer],
) -> None:
    from rag.catalogue import Catalogue

    _, mirror = two
    catalogue = Catalogue(mirror.index, mirror.retriever.analyst.names)
    assert len(catalogue.articles) == len(mirror.index.articles)
    with pytest.raises(CorpusError, match="not done with a cluster"):
        catalogue.search("义乌")
    with pytest.raises(CorpusError, match="not done with a cluster"):
        mirror.retriever.search("义乌")


# A larger corpus that changes


def story(number: int, version: int = 0) -> str:
    chance = random.Random(number * 31 + version)
    place, thing, deed = (chance.choice(each) for each in (PLACES, THINGS, DEEDS))
    sentences = [
        f"{chance.choice(PLACES)}{chance.choice(THINGS)}{chance.choice(DEEDS)}，"
        f"涉及{chance.randint(2, 9999)}人，投资{chance.randint(1, 90)}亿元。"
        for _ in range(chance.randint(4, 16))
    ]
    return f"{place}{thing}{deed}第{number}号\n\n本报讯 " + "\n".join(sentences) + "\n"


def pages_in(folder: Path, many: int) -> Path:
    """Return ``folder`` with many pages in it, indexed beside them."""
    pages = folder / "pages"
    pages.mkdir()
    for number in range(many):
        (pages / f"2025-05-{number % 28 + 1:02}_{number:03}.txt").write_text(story(number), "utf-8")
    build_index([pages], folder / "index", BigramEmbedder())
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a folder of a few hundred articles, more chunks than a search asks for."""
    return pages_in(tmp_path, MANY)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Return a folder of some articles."""
    return pages_in(tmp_path, 24)


def mirror_of(folder: Path) -> Answerer:
    from rag.cluster import load_cluster_answerer

    settings = in_store(load_settings(index=folder / "index"), folder)
    return load_cluster_answerer(settings, embedder=BigramEmbedder())


def publish(folder: Path) -> "tuple[int, int, int]":
    from rag import cluster

    settings = in_store(load_settings(index=folder / "index"), folder)
    done = cluster.publish(load_index(folder / "index"), settings)
    return done.generation, done.added, done.removed


def close(answerer: Answerer) -> None:
    from rag.cluster import ClusterIndex

    index: object = answerer.index
    assert isinstance(index, ClusterIndex)
    index.cluster.close()


def asked(folder: Path) -> Iterator[tuple[Question, list[Passage], list[Passage]]]:
    """Yield questions with what the index finds, and what its mirror does."""
    settings = load_settings(index=folder / "index")
    index = answerer_over(load_index(folder / "index"), BigramEmbedder(), settings)
    mirror = mirror_of(folder)
    chance = random.Random(3)
    for _ in range(8):
        place, thing = chance.choice(PLACES), chance.choice(THINGS)
        question = understand(f"{place}的{thing}什么时候{chance.choice(DEEDS)[2:]}？")
        yield question, index.retriever.retrieve(question), mirror.retriever.retrieve(question)
    close(mirror)


def test_hundreds_of_articles_rank_alike_and_so_do_updates_and_deletions(archive: Path) -> None:
    chunks = len(load_index(archive / "index").chunks)
    assert publish(archive) == (1, chunks, 0)
    for question, one, other in asked(archive):
        assert same_but_for_ties(one, other), question.text

    pages = archive / "pages"
    for number in range(5):
        (pages / f"2025-05-{number + 1:02}_{number:03}.txt").write_text(story(number, 1), "utf-8")
    (pages / "2025-05-29_new.txt").write_text(story(900), "utf-8")
    build_index([pages], archive / "index", BigramEmbedder())
    remove(["2025-05-11_010.txt"], archive / "index", BigramEmbedder())
    generation, added, gone = publish(archive)
    assert generation == 2
    assert 0 < added < 60
    assert 0 < gone < 60
    for question, one, other in asked(archive):
        assert same_but_for_ties(one, other), question.text
        assert all(p.article.file != "2025-05-11_010.txt" for p in other)
    assert publish(archive) == (2, 0, 0)


def test_a_reader_keeps_its_generation_while_the_next_one_comes(few: Path) -> None:
    from rag import cluster
    from rag.cluster import ClusterIndex

    publish(few)
    reader = mirror_of(few)
    question = understand("义乌的渡轮什么时候开放？")
    before = reader.retriever.retrieve(question)
    remove([before[0].article.file], few / "index", BigramEmbedder())
    index: object = reader.index
    assert isinstance(index, ClusterIndex)
    settings = in_store(load_settings(index=few / "index"), few)
    cluster.publish(load_index(few / "index"), settings, cluster=index.cluster)
    index.articles._kept.clear()
    assert [p.chunk for p in reader.retriever.retrieve(question)] == [p.chunk for p in before]
    after = cluster.load_cluster_answerer(settings, index.cluster, BigramEmbedder())
    assert before[0].article.id not in {p.article.id for p in after.retriever.retrieve(question)}
    another = next(p.article.file for p in before if p.article.file != before[0].article.file)
    remove([another], few / "index", BigramEmbedder())
    cluster.publish(load_index(few / "index"), settings, cluster=index.cluster)
    with pytest.raises(CorpusError, match="generation 1 is not kept any more"):
        reader.retriever.retrieve(question)
    close(reader)


def _publish_and_die(folder: Path, step: str, number: int) -> None:
    from rag import cluster

    seen = [0]

    def reached(what: str) -> None:
        seen[0] += what == step
        if seen[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = in_store(load_settings(index=folder / "index"), folder)
    cluster.publish(load_index(folder / "index"), settings, reached)


@pytest.mark.torture
@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_what_was_there(few: Path, torture: Torture) -> None:
    start = multiprocessing.get_context("spawn")
    moments = ["chunks", "marked", "records", "switched"]
    publish(few)
    question = understand("义乌的渡轮什么时候开放？")
    killed = 0
    for at in range(torture.times(2, 12)):
        former = [p.chunk for _, _, found in asked(few) for p in found]
        (few / "pages" / f"2025-06-{at + 1:02}_x.txt").write_text(story(500 + at), "utf-8")
        remove([f"2025-05-{at % 28 + 1:02}_{at:03}.txt"], few / "index", BigramEmbedder())
        build_index([few / "pages"], few / "index", BigramEmbedder())
        step = moments[at % len(moments)] if torture.times(0, 1) else ("chunks", "records")[at]
        child = start.Process(target=_publish_and_die, args=(few, step, 1))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL, step
        killed += 1
        mirror = mirror_of(few)
        seen = mirror.retriever.retrieve(question)
        whole = mirror.index.manifest
        close(mirror)
        if step != "switched":
            assert [p.chunk for _, _, found in asked(few) for p in found] == former, step
        assert seen, step
        assert whole.counts["chunks"] > 0
        publish(few)
        for each, one, other in asked(few):
            assert same_but_for_ties(one, other), (step, each.text)
    torture.tell("writers of a cluster killed", times=killed, half_seen=0)


# What is wrong is one clear line


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("milvus://127.0.0.1:1/news", "cannot be reached"),
        ("milvus://127.0.0.1/news", "no place of a collection"),
        ("milvus://127.0.0.1:19530/", "no name of a collection"),
        ("milvus://127.0.0.1:99999/news", "write milvus://HOST:PORT"),
        ("https://127.0.0.1:1/news", "no place of a collection"),
        ("milvus://me:secret@127.0.0.1:1/news", "WENBAO_STORE_TOKEN"),
    ],
)
def test_a_store_that_is_not_there_is_one_line(url: str, words: str, settings: Settings) -> None:
    with pytest.raises(CorpusError, match=words) as caught:
        load_answerer(settings.model_copy(update={"store": url}))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def cluster_in(folder: Path) -> "Cluster":
    from index.milvus import Cluster, place_of

    return Cluster(place_of(url_of(folder)), create=True)


def test_a_missing_collection_and_one_never_finished_are_told(
    tmp_path: Path, settings: Settings
) -> None:
    there = in_store(settings, tmp_path)
    with pytest.raises(CorpusError, match="wenbao index --store"):
        load_answerer(there)
    cluster = cluster_in(tmp_path)
    cluster.create(64)
    cluster.close()
    with pytest.raises(CorpusError, match="nothing was ever written"):
        load_answerer(there)


def test_another_model_and_another_length_of_vectors_are_told(few: Path) -> None:
    from rag import cluster

    publish(few)
    settings = in_store(load_settings(index=few / "index"), few)
    with pytest.raises(CorpusError, match="has other weights"):
        cluster.load_cluster_answerer(settings, embedder=BigramEmbedder("bigrams-2"))

    class Longer(BigramEmbedder):
        dimension = 128

    with pytest.raises(CorpusError, match="vectors of 64 numbers"):
        cluster.load_cluster_answerer(settings, embedder=Longer("longer"))
    build_index([few / "pages"], few / "longer", Longer("longer"))
    with pytest.raises(CorpusError, match="another name of a collection"):
        cluster.publish(load_index(few / "longer"), settings)


def test_two_writers_at_once_are_told_apart(few: Path) -> None:
    from index import mirror

    cluster = cluster_in(few)
    cluster.create(64)
    claim = json.dumps({"host": "elsewhere", "pid": 7, "time": 4e9})
    cluster.write("records", [mirror._bare_record(mirror.CLAIM, claim)])
    cluster.close()
    with pytest.raises(CorpusError, match="process 7 on elsewhere"):
        publish(few)


def test_a_writer_that_was_overtaken_stops_and_leaves_the_other_alone(few: Path) -> None:
    from index import mirror

    cluster = cluster_in(few)
    cluster.create(64)
    claim = json.dumps({"host": "elsewhere", "pid": 7, "time": 4e9})

    def overtaken() -> None:
        with mirror._writing(cluster) as beat:
            beat()
            cluster.write("records", [mirror._bare_record(mirror.CLAIM, claim)])
            beat()

    with pytest.raises(CorpusError, match="process 7 on elsewhere has begun to write here"):
        overtaken()
    assert mirror._claim(cluster)["host"] == "elsewhere"
    cluster.close()


def test_a_writer_gives_signs_while_it_reads_and_counts(few: Path) -> None:
    from index import mirror

    publish(few)
    cluster = cluster_in(few)
    cluster.require()
    beats: list[float] = []
    index = load_index(few / "index")
    mirror._change(index, cluster, mirror.state_of(cluster), lambda _: {}, lambda: beats.append(0))
    cluster.close()
    assert len(beats) >= 3  # the chunks, the rows of the cluster, the words of what is fresh


def test_a_damaged_store_is_found_by_verify(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rag import cluster

    monkeypatch.setattr(cluster, "load_embedder", lambda _: BigramEmbedder())
    publish(few)
    settings = in_store(load_settings(index=few / "index"), few)
    assert cluster.store_problems(settings) == []
    held = cluster_in(few)
    held.require()
    held.delete("chunks", 'genre == "news" and date == "2025-05-03"')
    held.delete("records", 'kind == "frequencies" and name == "words"')
    held.close()
    assert any("statistics" in line for line in cluster.store_problems(settings))
