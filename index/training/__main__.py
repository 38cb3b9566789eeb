"""The bundled model from the data in one command.

``python -m index.training --data ../shared/data --out index/model`` goes from the data to
the vocabulary, the translation table, the encoder and its figures. What is finished lies in
``index/training/work`` and is not computed again.
"""

import argparse
import json
import logging
import sys
from pathlib import Path

from index.training.data import DataFolderError, asked_passages, news_sample, sentence_pairs
from index.training.distill import CONTRAST, DISTILLATION, Student, distill
from index.training.evaluate import report
from index.training.translation import translation_table, write_table
from index.training.vocabulary import (
    chinese_vocabulary,
    save_encoder,
    teacher_folder,
    write_untrained,
)

WORK = Path(__file__).resolve().parent / "work"

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


def make_encoder(data: Path, work: Path, contrast: bool = False) -> Path:
    """Return the folder of the finished encoder in ``work``, trained as far as it is not.

    ``contrast`` adds the second phase, which the bundled encoder did not have.
    """
    from tokenizers import Tokenizer

    pairs, dev = sentence_pairs(data)
    vocabulary = work / "vocabulary.txt"
    if not vocabulary.is_file():
        known = Tokenizer.from_file(str(teacher_folder() / "tokenizer.json")).get_vocab()
        texts = [*dict.fromkeys(pair.zh for pair in pairs), *news_sample(data)]
        added = chinese_vocabulary(texts, frozenset(known))
        vocabulary.write_text("\n".join(added), encoding="utf-8")
    untrained, distilled, finished = (work / n for n in ("untrained", "distilled", "finished"))
    if not untrained.is_dir():
        write_untrained(vocabulary.read_text(encoding="utf-8").split("\n"), untrained)
    if not distilled.is_dir():
        student = Student(untrained)
        figures = distill(student, pairs, dev, [], DISTILLATION, work, "distilled")
        save_encoder(student.finished(), student.tokenizer, distilled)
        log.info("distilled: %s", json.dumps(figures[-1]))
    if not contrast:
        return distilled
    if not finished.is_dir():
        student = Student(distilled)
        asked = asked_passages(data)
        figures = distill(student, pairs, dev, asked, CONTRAST, work, "contrast")
        save_encoder(student.finished(), student.tokenizer, finished)
        log.info("finished: %s", json.dumps(figures[-1]))
    return finished


def main() -> int:
    """Run every step that is not done; the exit status is 1 when the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--out", type=Path, default=Path("index/model"))
    parser.add_argument("--work", type=Path, default=WORK, help="checkpoints and parts")
    parser.add_argument(
        "--contrast",
        action="store_true",
        help="add the phase of questions and passages (the bundled encoder was made without)",
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        make_table(options.data, options.out / "translations.tsv.gz")
        finished = make_encoder(options.data, options.work, options.contrast)
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(finished), device="cpu")
        student = Student(finished)
        save_encoder(student.model, student.tokenizer, options.out / "encoder")
        for line in report(model, options.data, bfloat16=True):
            print(line, flush=True)
    except DataFolderError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
