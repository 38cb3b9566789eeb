"""Pairs of a question and what the search found for it."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from index.training.data import Asked
from index.training.found_pairs import FoundPairs
from index.training.reading_pairs import ReadingPair
from index.types import CorpusError

TEXT = "昨日天气晴好。江心大桥全长三千二百米,今早通车。来看桥的人很多。"
EVIDENCE, ANSWER = "江心大桥全长三千二百米", "三千二百米"
START = TEXT.index(EVIDENCE)
AT = TEXT.index(ANSWER)
PLACES = (START, START + len(EVIDENCE), "zh", "bridge", (AT, AT + len(ANSWER)))
ASKED = Asked("大桥多长？", TEXT, *PLACES)
NEAR = Asked("大桥花了多少钱？", TEXT, 0, 0, "zh", "bridge")
OWN, HOLDING = "来看桥的人很多。", "江心大桥全长三千二百米,今早通车。"
OTHER = "北山隧道昨日贯通。"
SAME_EVENT = "本报讯 江心大桥全长超过三公里。"
SAME_ANSWER = "另一座桥也长三千二百米。"


def found(
    tmp_path: Path, passages: list[tuple[str, str]], near: list[tuple[str, str]]
) -> FoundPairs:
    path = tmp_path / "found.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for asked, own in ((ASKED, passages), (NEAR, near)):
            row = {"q": asked.question, "p": asked.group, "passages": own}
            file.write(json.dumps(row) + "\n")
    return FoundPairs([ASKED], [NEAR], path)


@pytest.mark.parametrize("content", [None, b"not gzip", gzip.compress(b'{"q": "a"}\n', mtime=0)])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "found.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"found\.jsonl\.gz: cannot be read .*found_passages"):
        FoundPairs([], [], path)


def drawn(way: Callable[[random.Random], ReadingPair | None]) -> list[ReadingPair]:
    made = (way(random.Random(seed)) for seed in range(80))
    return [pair for pair in made if pair]


ALL = [
    ("bridge", HOLDING),
    ("tunnel", OTHER),
    ("bridge", OWN),
    ("report", SAME_EVENT),
    ("other", SAME_ANSWER),
]


def test_a_passage_with_the_evidence_answers_at_its_words(tmp_path: Path) -> None:
    pairs = drawn(found(tmp_path, ALL, ALL).answered)
    assert {pair.question for pair in pairs} == {ASKED.question}
    assert {pair.passage[pair.start : pair.end] for pair in pairs} == {ANSWER}


def test_what_may_tell_of_the_same_is_no_counterexample(tmp_path: Path) -> None:
    pairs = found(tmp_path, ALL, ALL)
    assert {pair.passage for pair in drawn(pairs.of_another)} == {OTHER}
    assert {pair.passage for pair in drawn(pairs.elsewhere)} == {OWN}
    for way in (pairs.of_another, pairs.elsewhere, pairs.near_miss):
        assert not any(pair.answerable for pair in drawn(way))


@pytest.mark.parametrize("others", [[], [("tunnel", OTHER)]])
def test_a_near_miss_comes_with_what_is_found(
    tmp_path: Path, others: list[tuple[str, str]]
) -> None:
    near = [("bridge", HOLDING), *others, ("bridge", OWN)]
    pairs = drawn(found(tmp_path, ALL, near).near_miss)
    assert {pair.question for pair in pairs} == {NEAR.question}
    assert {pair.passage for pair in pairs} == {HOLDING, OWN, *(text for _, text in others)}
    assert not any(pair.answerable for pair in pairs)
