"""Which news documents are for what: one quarter tests, one fits what the others taught."""

import hashlib

QUARTERS = 4
TEST_QUARTER, FIT_QUARTER = 0, 1  # what is learned on the others has seen neither


def quarter_of(document_id: str) -> int:
    """Return the quarter of all documents, from 0, that a document belongs to."""
    digest = hashlib.sha1(document_id.encode("utf-8"), usedforsecurity=False).hexdigest()
    return int(digest, 16) % QUARTERS
