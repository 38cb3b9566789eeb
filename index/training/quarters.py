"""Which news documents are for what: some train, others fit what was taught, others test."""

import hashlib
import zlib

QUARTERS = 4
TEST_QUARTER, FIT_QUARTER = 0, 1  # what is learned on the others has seen neither


def quarter_of(document_id: str) -> int:
    """Return the quarter of all documents, from 0, that a document belongs to."""
    digest = hashlib.sha1(document_id.encode("utf-8"), usedforsecurity=False).hexdigest()
    return int(digest, 16) % QUARTERS


def is_held_out(document_id: str) -> bool:
    """Return whether questions about a document do not train the encoder: one in twenty.

    They tell how well it does, and fit what is built on its vectors: of a question that it was
    trained on it is much too sure.
    """
    return zlib.crc32(document_id.encode()) % 20 == 0
