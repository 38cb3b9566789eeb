"""What the whole search finds for the training questions: what the reader meets in use.

::

    python -m evals.found_passages --data ../shared/data --out found.jsonl.gz

The documents that the training questions ask about (those of the news, of the CMRC trial and of
DRCD dev; never a held-out one or one of a test set) and other news make one index, and every
question is asked of it. :mod:`index.training.reader_again` learns from the passages.
"""

import argparse
import gzip
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from evals.training_questions import answerer_of
from index.light import cores
from index.training.data import (
    SEED,
    Asked,
    asked_questions,
    near_misses,
    news_documents,
)
from index.training.quarters import is_held_out
from index.types import CorpusError
from rag.answering import Answerer
from rag.question import understand
from rag.surroundings import surrounded
from rag.types import Language

OTHERS = 1_500  # news documents that nothing is asked about
PASSAGES = 20  # of each question


def found(
    asked: Sequence[Asked], news: Sequence[tuple[str, str]], folder: Path
) -> Iterator[dict[str, Any]]:
    """Yield for each question ``q`` and its document ``p``, and its ``passages``, best first.

    A passage is the pair of its document and what is read with it. The pages and the index lie
    in ``folder``.
    """
    texts = {each.group: each.text for each in asked}
    others = [each for each in news if each[0] not in texts]
    texts |= dict(random.Random(SEED).sample(others, min(OTHERS, len(others))))
    answerer, files = answerer_of(texts, folder)
    names = {file: name for name, file in files.items()}
    questions = [each for each in asked if each.question.strip()]
    with ThreadPoolExecutor(cores()) as pool:
        searched = pool.map(lambda each: _search(answerer, each), questions)
        for each, passages in zip(questions, searched, strict=True):
            own = [(names[file], text) for file, text in passages]
            yield {"q": each.question, "p": each.group, "passages": own}


def _search(answerer: Answerer, asked: Asked) -> list[tuple[str, str]]:
    question = replace(understand(asked.question), language=cast(Language, asked.language))
    return [
        (passage.article.files[0], surrounded(passage.chunk).whole)
        for passage in answerer.retriever.retrieve(question, PASSAGES)
    ]


def main() -> int:
    """Write what is found, a line a question; 1 when the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m evals.found_passages", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--out", type=Path, required=True, help="the *.jsonl.gz file to write")
    options = parser.parse_args()
    try:
        asked = [*asked_questions(options.data), *near_misses(options.data)]
        news = [each for each in news_documents(options.data) if not is_held_out(each[0])]
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    learned = [each for each in asked if not each.held_out]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        gzip.open(options.out, "wt", encoding="utf-8") as file,
    ):
        for row in found(learned, news, Path(folder)):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
