"""Indexes of the formats 1 to 3, read as if they were of today's.

They held a whole generation as JSON lines (pages, articles, chunks), one FAISS index and
postings; the postings are made anew. The next build writes them in today's format.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from index import segments, vectors
from index.manifest import Manifest, SegmentRef
from index.records import article_from_json
from index.types import Page
from index.windows import whole_only

VERSIONS = (1, 2, 3)
WHOLE = "whole"  # the name of what a former generation is as a segment; it is never written


def manifest_from(values: Mapping[str, Any]) -> Manifest:
    """Return the manifest of a generation of a former format, as one segment.

    Raises :class:`KeyError` or :class:`TypeError` for a damaged one.
    """
    rest = {name: value for name, value in values.items() if name != "files"}
    needed = [name for name in values["files"] if name.endswith(".jsonl")]
    files = {name: values["files"][name] for name in (*needed, "vectors.faiss")}
    ref = SegmentRef(WHOLE, files)
    return Manifest(**{**rest, "removed": tuple(values["removed"]), "segments": (ref,)})


def contents_of(read: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a segment with all that the files ``read`` hold, by name.

    Raises :class:`KeyError`, :class:`ValueError` or :class:`TypeError` where they do not fit
    together.
    """
    pages = {row["file"]: Page(**row) for row in _rows(read["pages.jsonl"])}
    texts = {file: page.text for file, page in pages.items()}
    articles = [article_from_json(row, texts) for row in _rows(read["articles.jsonl"])]
    halves = [article_from_json(row, texts) for row in _rows(read.get("unlinked.jsonl", b""))]
    known = {half.file for half in halves}
    jumping = {a.file for a in articles if a.broken_off or a.taken_up} - known
    halves += [article for article in articles if article.file in jumping]
    numbers = {article.id: number for number, article in enumerate(articles)}
    cut = [
        (numbers[row["article"]], row["start"], row["end"]) for row in _rows(read["chunks.jsonl"])
    ]
    draft = segments.draft_of([pages[file] for file in sorted(pages)], articles, halves, cut)
    flat = vectors.opened(read["vectors.faiss"])
    if flat.ntotal != len(cut):
        raise ValueError(f"{flat.ntotal} vectors of {len(cut)} chunks")
    whole = vectors.VectorTable(flat).matrix(draft.firsts)
    return segments.contents_of(draft, whole_only(whole))


def _rows(data: bytes) -> Iterator[dict[str, Any]]:
    # Split on the bytes of a line feed: str.splitlines would also split on U+2028 and others.
    return (json.loads(line) for line in data.split(b"\n") if line)
