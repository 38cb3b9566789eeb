"""The bundled reader: whether a passage answers, and with which words."""

from pathlib import Path

import pytest

from index.types import Chunk, CorpusError
from rag.reader import Reader, load_reader
from rag.surroundings import MAX_CHARS, surrounded
from rag.types import Passage
from tests.fakes import article_of, page_of

PASSAGE = (
    "大桥昨日合龙，两岸居民过江只要五分钟。总工程师王洽清说，大桥全长三千二百米。"
    "通车以后，渡轮停航。"
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


@pytest.mark.parametrize(
    ("question", "sentence", "words"),
    [
        ("大桥全长多少米？", 1, "三千二百米"),
        ("大橋全長多少米？", 1, "三千二百米"),
        ("总工程师是谁？", 1, "王洽清"),
        ("How many metres long is the whole bridge?", 1, "三千二百米"),
    ],
)
def test_the_likeliest_words_answer(
    reader: Reader, question: str, sentence: int, words: str
) -> None:
    (reading,) = reader.read(question, [PASSAGE])
    best = max(range(3), key=lambda at: reading.sentences[at].log_probability)
    found = reading.sentences[best]
    assert best == sentence
    assert words in PASSAGE[found.start : found.end]


@pytest.mark.parametrize(
    "question", ["大桥的总投资是多少？", "谁是市长？", "What did the mayor eat?"]
)
def test_a_passage_that_answers_looks_more_so_than_one_that_does_not(
    reader: Reader, question: str
) -> None:
    other, right = (
        reader.read(asked, [PASSAGE])[0].answers for asked in (question, "大桥全长多少米？")
    )
    assert other < right


def test_a_passage_is_read_as_a_part_of_its_article(reader: Reader) -> None:
    lead, passage = "清江大桥昨日合龙。", "它全长三千二百米，桥面宽三十米。"
    article = article_of(page_of("a.txt", f"标题\n{lead}{passage}\n"), "标题", lead + passage)
    chunk = Chunk("c", article, len(lead), len(lead + passage))
    alone = reader.read("清江大桥全长多少米？", [passage])[0]
    (found,) = reader.read_passages("清江大桥全长多少米？", [Passage(chunk, 1.0)])
    assert found.answers > alone.answers
    (words,) = found.sentences
    assert "三千二百米" in passage[words.start : words.end]
    beside = Passage(Chunk("b", article, 0, len(lead)), 1.0)
    (other,) = reader.read_passages("清江大桥全长多少米？", [beside])
    assert other.inside < -1.0 < found.inside  # it is not the passage that says so


def test_the_passage_is_read_before_what_stands_around_it(reader: Reader) -> None:
    """Where tokens are many, the beginning of the article is left out, not the passage."""
    lead, passage = "大桥合龙。", "1,2;" * (MAX_CHARS // 4 - 5) + "。"
    article = article_of(page_of("a.txt", f"标题\n{lead}{passage}\n"), "标题", lead + passage)
    chunk = Chunk("c", article, len(lead), len(lead + passage))
    assert surrounded(chunk).before == lead
    assert reader.read_passages("桥长？", [Passage(chunk, 1.0)]) == reader.read("桥长？", [passage])


def test_readings_do_not_depend_on_what_else_is_read(reader: Reader) -> None:
    passages = [PASSAGE, "股市昨日收跌。", PASSAGE]
    together = reader.read("大桥多长？", passages)
    assert together[0] == together[2] == reader.read("大桥多长？", passages[:1])[0]


@pytest.mark.parametrize("passage", ["", "。", "的" * 5000, "😀\n\n", "ＡＢＣ１２３，㎡。"])
def test_odd_passages_are_read(reader: Reader, passage: str) -> None:
    (reading,) = reader.read("多少？" * 400, [passage])
    assert all(0 <= w.start <= w.end <= len(passage) for w in reading.sentences)


def test_a_damaged_reader_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "reader.onnx"
    damaged.write_bytes(b"not a graph")
    with pytest.raises(CorpusError, match="reader cannot be read"):
        load_reader(damaged)
