"""Two encoders trained from the same start, made one by the weighted mean of their weights.

``python -m index.training.average FIRST SECOND`` (the uniform soup of Wortsman et al., 2022, with
a weight): both lie in one basin of the loss, and the mean finds more than either.
"""

import argparse
import logging
import sys
from pathlib import Path

import torch

from index.training.data import news_documents, sentence_pairs
from index.training.rotation import principal_axes, turning_sample
from index.training.student import Student
from index.training.vocabulary import save_encoder
from index.types import CorpusError

SHARE = 0.6  # of the second, best of 0.3 to 0.8 on held-out questions: decision 25


def average(student: Student, other: Student, share: float) -> None:
    """Move the weights of ``student`` by ``share`` of the way to those of ``other``.

    Raises :class:`ValueError` when the two are not of one shape.
    """
    ours, theirs = student.body.state_dict(), other.body.state_dict()
    if [(name, each.shape) for name, each in ours.items()] != [
        (name, each.shape) for name, each in theirs.items()
    ]:
        raise ValueError("the encoders are not of one shape")
    with torch.no_grad():
        student.rows.lerp_(other.rows, share)
        for name, tensor in ours.items():
            if tensor.is_floating_point():
                tensor.lerp_(theirs[name], share)


def main() -> int:
    """Write the mean; the exit status is 1 when the data is not there or they do not match."""
    parser = argparse.ArgumentParser(prog="python -m index.training.average", description=__doc__)
    parser.add_argument("first", type=Path, help="an encoder's folder")
    parser.add_argument("second", type=Path, help="another's, of the same vocabulary")
    parser.add_argument("--share", type=float, default=SHARE, help="of the second")
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        sample = turning_sample(sentence_pairs(options.data)[0], news_documents(options.data))
        student = Student(options.first)
        average(student, Student(options.second), options.share)
    except (CorpusError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    axes = principal_axes(student.encode(student.ids(sample)))
    save_encoder(student.finished(), student.tokenizer, options.out, axes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
