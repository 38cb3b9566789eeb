"""A generation of the index, mirrored into a cluster: only what changed, and all at once.

A collection mirrors one index folder. Rows that are new become visible, and those that are gone
invisible, when the state names the next generation; a writer that is killed before that leaves
nothing that a reader sees, and the next one clears it away. What was visible in the former
generation stays for readers that have not looked since; older rows are deleted.
"""

import hashlib
import json
import os
import socket
import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

from index.index import Index
from index.lexical import ANALYSERS
from index.milvus import (
    BATCH_ROWS,
    FOREVER,
    MAX_FILES,
    NAME_BYTES,
    Cluster,
    Row,
    Rows,
    quoted,
    visible,
)
from index.sparse import Frequencies, changed, chunk_vector, counts_of, packed
from index.types import Article, Chunk, CorpusError

FORMAT = 2  # 2: with the windows of chunks
PIECE_CHARS = 60_000  # of a record, less than :data:`index.milvus.TEXT_BYTES`
MEAN_DRIFT = 0.1  # of the usual length, after which all sparse vectors are made anew
LEASE_S = 120.0  # after which a writer that gives no sign is taken for dead
STATE, CLAIM = "state", "claim"

_T = TypeVar("_T")
Facts = Mapping[str, Any]  # what readers need of the whole corpus, as JSON by name


@dataclass(frozen=True)
class State:
    """What is live: readers of one generation see only its rows.

    ``means`` are the usual lengths that the sparse vectors were made with.
    """

    generation: int
    model_name: str
    model_identity: str
    dimension: int
    counts: Mapping[str, int] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def name(self) -> str:
        """The name of the generation, as that of an index folder is written."""
        return f"{self.generation:06d}"


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a mirroring: the generation that is live, and how much was written."""

    generation: int
    added: int
    removed: int
    chunk_count: int


def state_of(cluster: Cluster) -> State | None:
    """Return what is live; ``None`` before the first generation is whole.

    Raises :class:`CorpusError` for collections of another version of WenBao.
    """
    row = cluster.got("records", [STATE], ["payload"]).get(STATE)
    if row is None:
        return None
    values = json.loads(row["payload"])
    if values.get("format") != FORMAT:
        raise CorpusError(
            f"{cluster.place.url}: the collection has format {values.get('format')}, this WenBao "
            f"reads {FORMAT}; write it anew under another name"
        )
    values.pop("corpus", None)  # an earlier WenBao wrote it, for nobody
    return State(**values)


def publish(
    index: Index,
    cluster: Cluster,
    facts: Callable[[], Facts],
    passing: Callable[[Article], Row],
    reached: Callable[[str], None] = lambda _: None,
) -> Published:
    """Make ``cluster`` show what ``index`` holds, and report.

    ``facts`` are kept for readers, ``passing`` tells the columns of an article that filters
    ask for. ``reached`` is told each step. Raises :class:`CorpusError` when another process
    is writing, or the collection holds vectors of another length; nothing is changed then.
    """
    manifest = index.manifest
    cluster.create(manifest.dimension)
    held = cluster.dimension()
    if held != manifest.dimension:
        raise CorpusError(
            f"{cluster.place.url}: the collection holds vectors of {held} numbers, those of "
            f"{manifest.model_name!r} have {manifest.dimension}; give another name of a collection"
        )
    with _writing(cluster) as beat:
        former = state_of(cluster)
        live = former.generation if former else 0
        next_one = live + 1
        _clear_away(cluster, live, beat)
        reached("cleared")
        change = _change(index, cluster, former, passing, beat)
        _write_chunks(index, cluster, change, next_one, beat, reached)
        _end(cluster, "chunks", change.gone, next_one, beat)
        reached("marked")
        records = _records(index, change.numbers, facts())
        written, ended = _write_records(cluster, records, live, next_one, beat)
        reached("records")
        if former and not (change.gone or change.fresh or written or ended):
            return Published(live, 0, 0, len(index.chunks))
        state = State(
            next_one, manifest.model_name, manifest.model_identity, manifest.dimension,
            dict(manifest.counts), change.means,
        )  # fmt: skip
        cluster.settle()
        beat()
        cluster.write("records", [_bare_record(STATE, json.dumps(asdict(state)))])
        reached("switched")
        _delete_older(cluster, live)
    return Published(next_one, len(change.fresh), len(change.gone), len(index.chunks))


# What a generation is made of


@dataclass(frozen=True)
class _Change:
    """What the chunks of an index need to become those of a cluster.

    ``fresh`` are rows of the index, ``gone`` keys of the cluster. ``digests`` and ``columns``
    are those of all chunks and articles, by id; ``numbers`` and ``means`` those afterwards.
    """

    fresh: Sequence[int]
    gone: Sequence[str]
    digests: Mapping[str, str]
    columns: Mapping[str, Row]
    numbers: Mapping[str, Frequencies]
    means: Mapping[str, float]


def _change(
    index: Index,
    cluster: Cluster,
    former: State | None,
    passing: Callable[[Article], Row],
    beat: Callable[[], None],
) -> _Change:
    columns = {id_: passing(article) for id_, article in index.articles.items()}
    model = index.manifest.model_identity
    digests = {
        chunk.id: _digest(
            model, chunk.search_text, chunk.start, chunk.end, chunk.article.id, _at(chunk.article),
            columns[chunk.article.id],
        )
        for chunk in _beating(index.chunks, beat)
    }  # fmt: skip
    live = former.generation if former else 0
    shown = {
        row["chunk"]: (row["key"], row["digest"])
        for row in _beating(cluster.rows("chunks", visible(live), ["key", "chunk", "digest"]), beat)
    }
    gone = [key for id_, (key, digest) in shown.items() if digests.get(id_) != digest]
    fresh = [
        row
        for row, chunk in enumerate(index.chunks)
        if shown.get(chunk.id, ("", ""))[1] != digests[chunk.id]
    ]
    numbers = changed(
        frequencies_of(cluster, live),
        (counts_of(words) for words in _beating(_words(cluster, gone), beat)),
        (counts_of(index.chunks[row].search_text) for row in _beating(fresh, beat)),
    )
    means = _settled({name: each.mean_length for name, each in numbers.items()}, former)
    if former and means != former.means:
        gone, fresh = [key for key, _ in shown.values()], list(range(len(index.chunks)))
    return _Change(fresh, gone, digests, columns, numbers, means)


def _beating(values: Iterable[_T], beat: Callable[[], None]) -> Iterator[_T]:
    """Yield ``values``, and ``beat`` at times."""
    for number, value in enumerate(values):
        if number % BATCH_ROWS == 0:
            beat()
        yield value


def _write_chunks(
    index: Index,
    cluster: Cluster,
    change: _Change,
    since: int,
    beat: Callable[[], None],
    reached: Callable[[str], None],
) -> None:
    for start in range(0, len(change.fresh), BATCH_ROWS):
        rows = change.fresh[start : start + BATCH_ROWS]
        written = []
        vectors, windows = index.matrix(rows), index.windows(rows).packed()
        for row, vector, of_windows in zip(rows, vectors, windows, strict=True):
            chunk = index.chunks[row]
            own = {
                "digest": change.digests[chunk.id],
                "vector": vector.tolist(),
                "windows": b64encode(of_windows).decode("ascii"),
            }
            columns = change.columns[chunk.article.id]
            written.append(_chunk_row(chunk, since, change.means) | columns | own)
        cluster.write("chunks", written)
        beat()
        reached("chunks")


def _chunk_row(chunk: Chunk, since: int, means: Mapping[str, float]) -> Row:
    text = chunk.search_text
    counts = counts_of(text)
    return {
        "key": f"{chunk.id}.{since}",
        "chunk": chunk.id,
        "article": chunk.article.id,
        "since": since,
        "until": FOREVER,
        "at": _at(chunk.article),
        "start": chunk.start,
        "end": chunk.end,
        "words": text,
        "lengths": [sum(counts[name].values()) for name in ANALYSERS],
        "counts": packed(counts),
        "sparse": chunk_vector(counts, means),
    }


def _at(article: Article) -> int:
    """Return where the article begins in its file, which tells its turn among the others."""
    return min((span.start for span in article.spans), default=0)


def _words(cluster: Cluster, keys: Sequence[str]) -> Iterator[str]:
    """Yield the words of the chunks of ``keys``."""
    for start in range(0, len(keys), BATCH_ROWS):
        for row in cluster.got("chunks", keys[start : start + BATCH_ROWS], ["words"]).values():
            yield row["words"]


def article_columns(article: Article) -> Row:
    """Return the columns of an article that need no more than the article."""
    date = article.date or ""
    return {
        "date": date,
        "day": date[len("YYYY-") :],
        "genre": article.genre,
        "files": [cut(file) for file in article.files[:MAX_FILES]],
    }


def cut(text: str) -> str:
    """Return ``text`` as far as a column of names takes it."""
    return text.encode("utf-8", "replace")[:NAME_BYTES].decode("utf-8", "ignore")


def _records(
    index: Index, numbers: Mapping[str, Frequencies], facts: Facts
) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Yield the kind, the name and the maker of the JSON of every record."""
    for file, page in index.pages.items():
        yield "page", file, partial(asdict, page)
    for id_, article in index.articles.items():
        yield "article", id_, partial(asdict, article)
    for name, each in numbers.items():
        yield "frequencies", name, partial(asdict, each)
    for name, value in facts.items():
        yield "fact", name, partial(deepcopy, value)


def record(cluster: Cluster, kind: str, name: str, generation: int) -> Any:
    """Return the JSON of one record of ``generation``; ``None`` when it is not there."""
    return records(cluster, kind, [name], generation).get(name)


def records(cluster: Cluster, kind: str, names: Sequence[str], generation: int) -> dict[str, Any]:
    """Return the JSON of the records of ``generation`` that are there, by name."""
    pieces: dict[str, dict[int, str]] = {}
    for start in range(0, len(names), BATCH_ROWS):
        listed = ", ".join(quoted(cut(name)) for name in names[start : start + BATCH_ROWS])
        expression = f"kind == {quoted(kind)} and name in [{listed}] and {visible(generation)}"
        for row in cluster.rows("records", expression, ["name", "part", "payload"]):
            pieces.setdefault(row["name"], {})[row["part"]] = row["payload"]
    whole = {name: pieces[cut(name)] for name in names if cut(name) in pieces}
    return {name: _unpacked(parts) for name, parts in whole.items()}


def all_records(cluster: Cluster, kind: str, generation: int) -> dict[str, Any]:
    """Return the JSON of all records of a kind, by name."""
    pieces: dict[str, dict[int, str]] = {}
    expression = f"kind == {quoted(kind)} and {visible(generation)}"
    for row in cluster.rows("records", expression, ["name", "part", "payload"]):
        pieces.setdefault(row["name"], {})[row["part"]] = row["payload"]
    return {name: _unpacked(parts) for name, parts in pieces.items()}


def frequencies_of(cluster: Cluster, generation: int) -> dict[str, Frequencies]:
    """Return what the chunks of ``generation`` say of the terms of each field."""
    held = records(cluster, "frequencies", list(ANALYSERS), generation)
    return {name: Frequencies(**values) for name, values in held.items()}


def _settled(means: dict[str, float], former: State | None) -> dict[str, float]:
    """Return the usual lengths for sparse vectors: the former ones while they are near enough.

    The sparse vectors choose candidates only, and those of ten million chunks are not worth
    making anew because one article came.
    """
    if former is None:
        return means
    near = all(abs(means[n] / former.means[n] - 1) <= MEAN_DRIFT for n in means)
    return dict(former.means) if near else means


def _packed(value: Any) -> list[str]:
    """Return JSON, compressed, in pieces that a column takes."""
    data = json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    text = b64encode(zlib.compress(data)).decode("ascii")
    return [text[at : at + PIECE_CHARS] for at in range(0, len(text), PIECE_CHARS)]


def _unpacked(parts: Mapping[int, str]) -> Any:
    data = zlib.decompress(b64decode("".join(parts[at] for at in sorted(parts))))
    return json.loads(data.decode("utf-8", "surrogatepass"))


def _digest(*values: Any) -> str:
    data = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(data.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _record_key(kind: str, name: str, part: int, since: int) -> str:
    return f"{_digest(kind, name, part)}.{since}"


def _bare_record(key: str, payload: str) -> Row:
    """Return a record that belongs to no generation."""
    return {
        "key": key, "kind": key, "name": "", "part": 0, "since": 0, "until": FOREVER,
        "digest": "", "payload": payload, "blank": [0.0, 1.0],
    }  # fmt: skip


# Writing, so that a reader sees all of it or nothing


def _write_records(
    cluster: Cluster,
    wanted: Iterable[tuple[str, str, Callable[[], Any]]],
    live: int,
    next_one: int,
    beat: Callable[[], None],
) -> tuple[int, int]:
    """Write the records that changed, mark those that end; return how many of each."""
    shown: dict[tuple[str, str], list[tuple[str, str]]] = {}
    expression = f'{visible(live)} and kind not in ["{STATE}", "{CLAIM}"]'
    for row in cluster.rows("records", expression, ["key", "kind", "name", "digest"]):
        place = (row["kind"], row["name"])
        shown.setdefault(place, []).append((row["key"], row["digest"]))
    fresh: list[Row] = []
    written, gone = 0, []
    for kind, name, made in wanted:
        value = made()
        digest = _digest(value)
        place = (kind, cut(name))
        held = shown.pop(place, [])
        if held and {each for _, each in held} == {digest}:
            continue
        gone += [key for key, _ in held]
        fresh += [
            _bare_record(_record_key(kind, name, part, next_one), payload)
            | {"kind": kind, "name": cut(name), "part": part, "since": next_one, "digest": digest}
            for part, payload in enumerate(_packed(value))
        ]
        if len(fresh) >= BATCH_ROWS:
            cluster.write("records", fresh)
            written, fresh = written + len(fresh), []
            beat()
    cluster.write("records", fresh)
    gone += [key for held in shown.values() for key, _ in held]
    _end(cluster, "records", gone, next_one, beat)
    return written + len(fresh), len(gone)


def _end(
    cluster: Cluster, rows: Rows, keys: Sequence[str], until: int, beat: Callable[[], None]
) -> None:
    """Let the rows of ``keys`` be visible up to the generation ``until`` and no longer."""
    for start in range(0, len(keys), BATCH_ROWS):
        found = cluster.got(rows, keys[start : start + BATCH_ROWS], ["*"])
        cluster.write(rows, [row | {"until": until} for row in found.values()])
        beat()


def _clear_away(cluster: Cluster, live: int, beat: Callable[[], None]) -> None:
    """Undo what a writer did that never came to its end."""
    for rows in ("chunks", "records"):
        kind: Rows = "chunks" if rows == "chunks" else "records"
        marked = cluster.rows(kind, f"until > {live} and until < {FOREVER}", ["key"])
        _end(cluster, kind, [row["key"] for row in marked], FOREVER, beat)
        cluster.delete(kind, f"since > {live}")


def _delete_older(cluster: Cluster, former: int) -> None:
    """Delete what neither the live generation shows nor the ``former`` one."""
    cluster.delete("chunks", f"until <= {former}")
    cluster.delete("records", f"until <= {former}")


@contextmanager
def _writing(cluster: Cluster) -> Iterator[Callable[[], None]]:
    """Hold the right to write; what it yields is called now and then to keep it.

    It is a promise among writers and no lock: two that begin in the same moment may both get it,
    so keep to one machine that writes.
    """
    here = {"host": socket.gethostname(), "pid": os.getpid()}
    held = _claim(cluster)
    age = time.time() - held.get("time", 0.0)
    if held and age < LEASE_S and not _is_dead(held, here):
        raise CorpusError(
            f"{cluster.place.url}: process {held['pid']} on {held['host']} wrote here {age:.0f} s "
            f"ago; wait until it is done, or {LEASE_S:.0f} s after it died"
        )

    def beat() -> None:
        holder = _claim(cluster)
        if holder and not _is_of(holder, here):
            raise CorpusError(
                f"{cluster.place.url}: process {holder['pid']} on {holder['host']} has begun to "
                "write here meanwhile; index again when it is done"
            )
        claim = json.dumps(here | {"time": time.time()})
        cluster.write("records", [_bare_record(CLAIM, claim)])

    if held:
        cluster.delete("records", f'key == "{CLAIM}"')
    beat()
    try:
        yield beat
    finally:
        if _is_of(_claim(cluster), here):
            cluster.delete("records", f'key == "{CLAIM}"')


def _claim(cluster: Cluster) -> dict[str, Any]:
    """Return who holds the right to write, and since when; empty where nobody does."""
    row = cluster.got("records", [CLAIM], ["payload"]).get(CLAIM)
    return json.loads(row["payload"]) if row else {}


def _is_of(claim: Mapping[str, Any], here: Mapping[str, Any]) -> bool:
    return {name: claim.get(name) for name in here} == here


def _is_dead(held: Mapping[str, Any], here: Mapping[str, Any]) -> bool:
    """Return whether the process that holds the right was of this machine and is gone."""
    if held["host"] != here["host"]:
        return False
    if held["pid"] == here["pid"]:
        return True
    try:
        os.kill(held["pid"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
