"""The one door to Milvus: two collections, and what is written to and asked of them.

``COLLECTION`` holds a row for each chunk: its vector, its sparse vector (:mod:`index.sparse`),
its windows (:mod:`index.windows`), its words, and what articles are filtered by.
``COLLECTION_records`` holds what is looked up by name: pages, articles, statistics, and the state,
which says what generation is live.

Every row is visible from the generation ``since`` on, and up to but without ``until``. A writer
adds rows of the next generation and marks those that end with it; nobody sees either before the
state names that generation, in one row that is written last (:mod:`index.mirror`).
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from grpc import RpcError
from pymilvus import DataType, MilvusClient, MilvusException

from index.sparse import SparseVector
from index.types import CorpusError, Vectors

Row = dict[str, Any]
Rows = Literal["chunks", "records"]

FOREVER = 2**62  # the end of what is not replaced yet
KEY_CHARS = 128
TEXT_BYTES = 65_535  # the most that Milvus takes in one value
NAME_BYTES = 1_024  # of a file, a kicker, a byline; longer ones are cut
MAX_FILES = 64  # of one article
CONNECT_S, CALL_S = 5.0, 60.0
BATCH_ROWS = 500

_COLLECTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_SCHEMES = {"milvus": "http", "milvus+tls": "https"}

# They log every error that they raise, with a traceback, and what milvus-lite does not have
# ("Method not implemented"), which the client then does without.
for _name in ("pymilvus", "grpc._server"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a collection is. ``url`` is as it was given; the token is never shown."""

    url: str
    uri: str
    collection: str
    token: str = field(default="", repr=False)

    @property
    def is_file(self) -> bool:
        """Whether it is a file of milvus-lite and no server."""
        return "://" not in self.uri


def place_of(url: str, token: str = "") -> Place:
    """Return the place that ``url`` names.

    ``milvus://HOST:PORT/COLLECTION``, with TLS ``milvus+tls://…``; ``milvus:///path/to/file.db``
    for a file of milvus-lite. Raises :class:`CorpusError` for anything else.
    """
    forms = "write milvus://HOST:PORT/COLLECTION or milvus:///path/to/file.db"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CorpusError(f"store {url!r}: {error}; {forms}") from None
    if "@" in parts.netloc:
        raise CorpusError(
            f"store {parts.scheme}://…@{parts.hostname}: a password does not belong into the "
            "address; set WENBAO_STORE_TOKEN or WENBAO_STORE_TOKEN_FILE"
        )
    if parts.scheme == "milvus" and not parts.netloc and parts.path.endswith(".db"):
        return Place(url, parts.path, "wenbao", token)
    name = parts.path.strip("/")
    if parts.scheme not in _SCHEMES or not parts.hostname or not port:
        raise CorpusError(f"store {url!r} is no place of a collection; {forms}")
    if not _COLLECTION.fullmatch(name):
        raise CorpusError(
            f"store {url!r}: {name!r} is no name of a collection (letters, digits, _); {forms}"
        )
    uri = f"{_SCHEMES[parts.scheme]}://{parts.netloc}"
    return Place(url, uri, name, token)


class Cluster:
    """A connection to one place. Threads may share it."""

    def __init__(self, place: Place, create: bool = False) -> None:
        """Connect; ``create`` lets a file of milvus-lite be made.

        Raises :class:`CorpusError` where nobody answers.
        """
        self.place = place
        if place.is_file and not create and not Path(place.uri).exists():
            raise self._nothing()
        with self._told("cannot be reached"):
            self._client = MilvusClient(uri=place.uri, token=place.token, timeout=CONNECT_S)

    def close(self) -> None:
        """End the connection; a file of milvus-lite can then be opened by another process."""
        self._client.close()
        if self.place.is_file:
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(self.place.uri)

    def exists(self) -> bool:
        """Return whether both collections are there."""
        with self._told("cannot be asked"):
            return all(
                self._client.has_collection(self._named(rows), timeout=CALL_S)
                for rows in ("chunks", "records")
            )

    def require(self) -> None:
        """Raise :class:`CorpusError` when there are no collections of WenBao."""
        if not self.exists():
            raise self._nothing()
        self._load()

    def create(self, dimension: int) -> None:
        """Make the collections that are not there, for vectors of ``dimension`` numbers."""
        dense = "FLAT" if self.place.is_file else "AUTOINDEX"
        for rows, schema, vectors in (
            ("chunks", _chunk_schema(dimension), {"vector": dense, "sparse": _SPARSE}),
            ("records", _record_schema(), {"blank": "FLAT"}),
        ):
            with self._told(f"cannot hold the collection {self._named(rows)!r}"):
                if self._client.has_collection(self._named(rows), timeout=CALL_S):
                    continue
                indexes = self._client.prepare_index_params()
                for name, kind in vectors.items():
                    indexes.add_index(name, index_type=kind, metric_type="IP")
                self._client.create_collection(
                    self._named(rows),
                    schema=schema,
                    index_params=indexes,
                    consistency_level="Strong",
                    timeout=CALL_S,
                )
        self._load()

    def _load(self) -> None:
        """Have the collections ready to be asked; a server keeps them so, a file does not."""
        for rows in ("chunks", "records"):
            with self._told("cannot be loaded"):
                self._client.load_collection(self._named(rows), timeout=CALL_S)

    def dimension(self) -> int:
        """Return the length of the vectors that the collection holds."""
        with self._told("cannot be asked"):
            told = self._client.describe_collection(self._named("chunks"), timeout=CALL_S)
        lengths = [f["params"].get("dim") for f in told["fields"] if f["name"] == "vector"]
        if not lengths:
            raise CorpusError(
                f"{self.place.url}: the collection {self.place.collection!r} was not made by "
                "WenBao; give another name"
            )
        return int(lengths[0])

    def write(self, rows: Rows, values: Sequence[Row]) -> None:
        """Add rows, or replace those of the same ``key``."""
        for start in range(0, len(values), BATCH_ROWS):
            with self._told("did not take what was written"):
                self._client.upsert(
                    self._named(rows), list(values[start : start + BATCH_ROWS]), timeout=CALL_S
                )

    def delete(self, rows: Rows, expression: str) -> None:
        """Delete the rows that fit ``expression``."""
        with self._told("did not delete"):
            self._client.delete(self._named(rows), filter=expression, timeout=CALL_S)

    def settle(self) -> None:
        """Have everything that was written put on disk."""
        for rows in ("chunks", "records"):
            with self._told("did not keep what was written"):
                self._client.flush(self._named(rows), timeout=CALL_S)

    def rows(self, rows: Rows, expression: str, fields: Sequence[str]) -> Iterator[Row]:
        """Yield the rows that fit ``expression``, in no order."""
        with self._told("cannot be asked"):
            found = self._client.query_iterator(
                self._named(rows), batch_size=BATCH_ROWS, filter=expression,
                output_fields=list(fields), timeout=CALL_S,
            )  # fmt: skip
            try:
                while batch := found.next():
                    yield from (dict(row) for row in batch)
            finally:
                found.close()

    def got(self, rows: Rows, keys: Sequence[str], fields: Sequence[str]) -> dict[str, Row]:
        """Return the rows of ``keys`` that are there, by key."""
        found: dict[str, Row] = {}
        for start in range(0, len(keys), BATCH_ROWS):
            with self._told("cannot be asked"):
                batch = self._client.get(
                    self._named(rows), list(keys[start : start + BATCH_ROWS]),
                    output_fields=["key", *fields], timeout=CALL_S,
                )  # fmt: skip
            found.update((row["key"], row) for row in map(dict, batch))
        return found

    def nearest(self, vectors: Vectors, k: int, expression: str) -> list[list[str]]:
        """Return the keys of the ``k`` chunks nearest to each of ``vectors``, best first."""
        return self._best("vector", vectors.tolist(), k, expression)

    def best(self, vectors: Sequence[SparseVector], k: int, expression: str) -> list[list[str]]:
        """Return the keys of the ``k`` chunks of the highest product with each sparse vector.

        Those of a product of 0 are none. An empty vector finds nothing.
        """
        asked = [at for at, vector in enumerate(vectors) if vector]
        found: list[list[str]] = [[] for _ in vectors]
        if asked:
            hits = self._best("sparse", [vectors[at] for at in asked], k, expression)
            for at, keys in zip(asked, hits, strict=True):
                found[at] = keys
        return found

    def count(self, rows: Rows, expression: str) -> int:
        """Return how many rows fit ``expression``."""
        with self._told("cannot be asked"):
            told = self._client.query(
                self._named(rows), filter=expression, output_fields=["count(*)"], timeout=CALL_S
            )
        return int(told[0]["count(*)"])

    def _best(self, name: str, data: list[Any], k: int, expression: str) -> list[list[str]]:
        with self._told("cannot be searched"):
            found = self._client.search(
                self.place.collection, data=data, anns_field=name, limit=k, filter=expression,
                search_params={"metric_type": "IP"}, output_fields=["key"], timeout=CALL_S,
            )  # fmt: skip
        return [[hit["key"] for hit in hits if hit["distance"] or name == "vector"]
                for hits in found]  # fmt: skip

    def _named(self, rows: str) -> str:
        return self.place.collection + ("" if rows == "chunks" else "_records")

    def _nothing(self) -> CorpusError:
        return CorpusError(
            f"{self.place.url}: no collection {self.place.collection!r} of WenBao there; write one "
            f"with: wenbao index --store {self.place.url}"
        )

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Tell in one line what Milvus did not do, and why."""
        try:
            yield
        except (MilvusException, RpcError, OSError) as error:
            reason = " ".join(str(getattr(error, "message", "") or error).split())[:300]
            remedy = (
                "is another process using the file? It takes one at a time"
                if self.place.is_file
                else "is the server running, and is WENBAO_STORE_TOKEN right?"
            )
            raise CorpusError(f"{self.place.url}: {what} ({reason}); {remedy}") from error


def quoted(text: str) -> str:
    """Return ``text`` as a string of an expression."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def visible(generation: int) -> str:
    """Return the expression for the rows of ``generation``."""
    return f"since <= {generation} and until > {generation}"


_SPARSE = "SPARSE_INVERTED_INDEX"
_TEXTS: Mapping[str, int] = {
    "chunk": KEY_CHARS,
    "article": KEY_CHARS,
    "digest": KEY_CHARS,
    "date": len("YYYY-MM-DD"),
    "day": len("MM-DD"),
    "genre": KEY_CHARS,
    "series": NAME_BYTES,
    "reporters": NAME_BYTES,
    "words": TEXT_BYTES,
    "counts": TEXT_BYTES,
    "windows": TEXT_BYTES,
}
_NUMBERS = ("since", "until", "at", "start", "end")


def _chunk_schema(dimension: int) -> Any:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=KEY_CHARS)
    for name in _NUMBERS:
        schema.add_field(name, DataType.INT64)
    for name, length in _TEXTS.items():
        schema.add_field(name, DataType.VARCHAR, max_length=length)
    for name in ("files", "pages"):
        schema.add_field(
            name, DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=2 * MAX_FILES,
            max_length=NAME_BYTES,
        )  # fmt: skip
    schema.add_field("lengths", DataType.ARRAY, element_type=DataType.INT64, max_capacity=8)
    schema.add_field("english", DataType.BOOL)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    return schema


def _record_schema() -> Any:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=KEY_CHARS)
    schema.add_field("since", DataType.INT64)
    schema.add_field("until", DataType.INT64)
    schema.add_field("part", DataType.INT64)
    schema.add_field("kind", DataType.VARCHAR, max_length=KEY_CHARS)
    schema.add_field("name", DataType.VARCHAR, max_length=NAME_BYTES)
    schema.add_field("digest", DataType.VARCHAR, max_length=KEY_CHARS)
    schema.add_field("payload", DataType.VARCHAR, max_length=TEXT_BYTES)
    # A collection needs a vector; nobody searches this one.
    schema.add_field("blank", DataType.FLOAT_VECTOR, dim=2)
    return schema
