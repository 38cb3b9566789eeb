"""The bundled model from the data in one command.

``python -m index.training --data ../shared/data --out index/model`` goes from the data to
the vocabulary, the translation table, the encoder and its figures. What is finished lies in
``index/training/work`` and is not computed again.
"""

import argparse
import json
import logging
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.light import BODY
from index.training import reader, train
from index.training.data import (
    Asked,
    Pair,
    asked_questions,
    near_misses,
    news_documents,
    news_sample,
    sentence_pairs,
)
from index.training.development import development
from index.training.encoding import device
from index.training.evaluate import report
from index.training.export import export_body, export_reader
from index.training.quarters import is_held_out
from index.training.reader import Reader, held_out_pairs, save_reader, train_reader
from index.training.reading_pairs import ReadingPairs
from index.training.rotation import principal_axes, turning_sample
from index.training.search_pairs import SearchPairs, hard_negatives
from index.training.student import Student
from index.training.translation import translation_table, write_table
from index.training.vocabulary import (
    chinese_vocabulary,
    put_in_place,
    save_encoder,
    teacher_folder,
    write_untrained,
)
from index.types import CorpusError

WORK = Path(__file__).resolve().parent / "work"
READER = "reader.safetensors"

log = logging.getLogger("index.training")


def make_table(data: Path, table: Path) -> None:
    """Write the translation table unless it is there."""
    if table.is_file():
        log.info("%s is there", table)
        return
    pairs, _ = sentence_pairs(data)
    found = translation_table(pairs, news_sample(data))
    write_table(found, table)
    log.info("%s: %d English words", table, len(found))


def make_encoder(data: Path, work: Path, table: Path) -> Path:
    """Return the folder of the finished encoder in ``work``, trained as far as it is not."""
    from tokenizers import Tokenizer

    pairs, _ = sentence_pairs(data)
    vocabulary = work / "vocabulary.txt"
    if not vocabulary.is_file():
        known = Tokenizer.from_file(str(teacher_folder() / "tokenizer.json")).get_vocab()
        texts = [*dict.fromkeys(pair.zh for pair in pairs), *news_sample(data)]
        added = chinese_vocabulary(texts, frozenset(known))
        vocabulary.write_text("\n".join(added), encoding="utf-8")
    untrained = work / "untrained"
    if not untrained.is_dir():
        write_untrained(vocabulary.read_text(encoding="utf-8").split("\n"), untrained)
    finished = work / "finished"
    if not (finished / READER).is_file():
        train_both(untrained, finished, Lessons.read(data, table), work)
    return finished


@dataclass(frozen=True)
class Lessons:
    """What the encoder and the reader learn from, and what measures them on the way."""

    pairs: Sequence[Pair]
    dev: Sequence[Pair]
    asked: Sequence[Asked]
    near_misses: Sequence[Asked]
    news: Sequence[tuple[str, str]]
    table: Path

    @staticmethod
    def read(data: Path, table: Path) -> "Lessons":
        """Return what is in the data folder."""
        pairs, dev = sentence_pairs(data)
        return Lessons(
            pairs, dev, asked_questions(data), near_misses(data), news_documents(data), table
        )


def train_both(untrained: Path, finished: Path, lessons: Lessons, work: Path) -> None:
    """Write the trained encoder and, last of all, the reader to ``finished``."""
    on_gpu = device().type == "cuda"
    student = Student(untrained)
    learned = [each for each in lessons.asked if not each.held_out]
    news = [(name, text) for name, text in lessons.news if not is_held_out(name)]
    negatives = hard_negatives(learned, news)
    searched = SearchPairs(learned, news, lessons.pairs, lessons.table, negatives)
    found = development(lessons.asked, lessons.news)
    recipe = train.GPU if on_gpu else train.CPU
    figures = train.train(student, lessons.pairs, lessons.dev, recipe, work, searched, found)
    axes = principal_axes(student.encode(student.ids(turning_sample(lessons.pairs, lessons.news))))
    save_encoder(student.finished(), student.tokenizer, finished, axes)
    log.info("encoder: %s", json.dumps(figures[-1]))
    missed = [each for each in lessons.near_misses if not each.held_out]
    pairs = ReadingPairs(learned, missed, news, negatives, searched)
    held_out = held_out_pairs(lessons.asked, lessons.near_misses)
    read = Reader(student.body)
    measured = train_reader(
        read, student, pairs.mixture(), held_out, reader.GPU if on_gpu else reader.CPU
    )
    save_reader(read, finished / READER)
    log.info("reader: %s", json.dumps(measured))


def copy_encoder(finished: Path, out: Path) -> None:
    """Put the encoder ``finished`` with its body in the place of ``out``, once it is whole."""
    fresh = out.with_name(out.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(finished, fresh, ignore=shutil.ignore_patterns(READER))
    export_body(fresh, fresh / BODY)
    put_in_place(fresh, out)


def main() -> int:
    """Run every step that is not done; the exit status is 1 when the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--out", type=Path, default=Path("index/model"))
    parser.add_argument("--work", type=Path, default=WORK, help="checkpoints and parts")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        table = options.out / "translations.tsv.gz"
        make_table(options.data, table)
        finished = make_encoder(options.data, options.work, table)
        encoder = options.out / "encoder"
        copy_encoder(finished, encoder)
        export_reader(finished / READER, encoder, options.out / "reader" / "reader.onnx")
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(encoder), device="cpu")
        for line in report(model, options.data):
            print(line, flush=True)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
