"""Kinds of FAISS index over synthetic vectors: build time, memory, latency, recall.

Unit vectors with clusters within clusters, as news has subjects, stories and reports, so that
the neighbours of a vector lie at all distances. Queries are drawn as the vectors are. Every kind
is measured in a process of its own, one query at a time on one thread. Kinds with codes are
searched for as many candidates as WenBao takes, whose exact products are taken from a
memory-mapped file of float32. Beside them: reading the bytes of the vectors once with NumPy,
which no exact search can beat.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from evals.bench.child import peak_mb
from evals.bench.runner import FailedRunError, Line, add_line, busy_machine, read_lines, run_python
from evals.tables import Table
from index.vectors import MIN_CANDIDATES, axis_codes

SIZES = (50_000, 270_000, 1_000_000)
DIMENSION = 384
QUERIES = 100
FOUND = 10
RESCORED = MIN_CANDIDATES
SEED = 2026
PART = 50_000  # vectors drawn at a time
# Vectors a cluster, and how far from its middle, as shares of the length. They give neighbours
# the cosines that chunks of news have: the first at 0.6, the hundredth below 0.5.
LEVELS = ((20_000, 0.55), (400, 0.45), (20, 0.4))
NOISE = 0.55

Vectors = NDArray[np.float32]
M = faiss.METRIC_INNER_PRODUCT
LEGEND = (
    "floor: reading the vectors once with NumPy, one thread (the least of five). p50, p95: one "
    "query on one thread, rescoring among it; CPU: of its median. recall@10: of the ten that "
    "exact search finds. memory: the most that the build held beyond the vectors themselves."
)
HEADER = (
    "vectors", "kind", "build, s", "index, MB", "memory, MB", "p50, ms", "p95, ms", "CPU, ms",
    "times the floor", "recall@10",
)  # fmt: skip


def _flat(_: Vectors) -> faiss.Index:
    return faiss.IndexFlatIP(DIMENSION)


def _codes(_: Vectors) -> faiss.Index:
    return faiss.IndexScalarQuantizer(DIMENSION, faiss.ScalarQuantizer.QT_8bit, M)


def _bits(_: Vectors) -> faiss.Index:
    return faiss.IndexRaBitQ(DIMENSION, M, 2)


def _lists(vectors: Vectors) -> faiss.Index:
    count = max(16, 1 << int(np.log2(max(2 * len(vectors) ** 0.5, 1))))
    index = faiss.index_factory(DIMENSION, f"IVF{count},SQ8", M)
    lists: Any = index
    lists.cp.niter, lists.cp.max_points_per_centroid = 8, 64
    lists.cp.min_points_per_centroid = 1
    lists.nprobe = max(8, count // 8)
    return index


def _graph(_: Vectors) -> faiss.Index:
    index = faiss.index_factory(DIMENSION, "HNSW32_SQ8", M)
    graph: Any = index
    graph.hnsw.efConstruction, graph.hnsw.efSearch = 80, 2 * RESCORED
    return index


KINDS: dict[str, tuple[str, Callable[[Vectors], faiss.Index]]] = {
    "flat": ("exact", _flat),
    "sq8": ("8-bit codes", _codes),
    "axes-pq4": ("4-bit codes of the principal axes", axis_codes),
    "rabitq2": ("2-bit RaBitQ codes", _bits),
    "ivf-sq8": ("IVF, 8-bit codes, an eighth of the lists", _lists),
    "hnsw-sq8": ("HNSW, 8-bit codes", _graph),
}


def measure_all(sizes: Sequence[int], report: Path, tell: Callable[[str], None]) -> None:
    """Add a line a kind and size to the results, those that are there left out."""
    report.mkdir(parents=True, exist_ok=True)
    done = {(each["kind"], each["size"]) for each in read_lines(report) if "kind" in each}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="wenbao-bench-") as folder:
            for kind in KINDS:
                if (kind, size) in done:
                    continue
                tell(f"{kind}, {size:,} vectors")
                job = json.dumps({"kind": kind, "size": size, "folder": folder})
                about = busy_machine()
                try:
                    line = run_python(["-m", "evals.bench.kinds", job])
                except FailedRunError as error:
                    tell(f"{kind}, {size:,} vectors failed: {error}")
                    continue
                add_line(report, line | {"environment": about})


def table(lines: Sequence[Line]) -> Table:
    """Return the figures of all kinds, sizes in order."""
    found = {(each["size"], each["kind"]): each for each in lines if each["stage"] == "kind"}
    order = list(KINDS)
    rows = []
    for (size, kind), line in sorted(
        found.items(), key=lambda pair: (pair[0][0], order.index(pair[0][1]))
    ):
        rows.append(
            (
                f"{size:,}",
                KINDS[kind][0],
                f"{line['build_s']:,.1f}",
                f"{line['bytes'] / 2**20:,.0f}",
                f"{line['build_mb']:,.0f}",
                f"{line['p50_ms']:.2f}",
                f"{line['p95_ms']:.2f}",
                f"{line['cpu_ms']:.2f}",
                f"{line['cpu_ms'] / line['floor_ms']:.2f} of {line['floor_ms']:.1f} ms",
                f"{line['recall']:.4f}",
            )
        )
    return Table("Kinds of vector index, synthetic vectors", HEADER, tuple(rows))


def draw(size: int, queries: int, path: Path) -> Vectors:
    """Write ``size`` vectors to ``path`` as a NumPy file, and return queries drawn alike."""
    random = np.random.default_rng(SEED)
    spread = 1 / np.sqrt(np.arange(1, DIMENSION + 1, dtype=np.float32))
    spread /= np.linalg.norm(spread)

    def around(middles: Vectors, length: float) -> Vectors:
        moves = random.standard_normal(middles.shape, dtype=np.float32) * spread
        return np.asarray(middles + length * moves, dtype=np.float32)

    middles = np.zeros((1, DIMENSION), dtype=np.float32)
    for per_cluster, length in LEVELS:
        count = max(1, size // per_cluster)
        middles = around(middles[random.integers(len(middles), size=count)], length)

    def drawn(count: int) -> Vectors:
        vectors = around(middles[random.integers(len(middles), size=count)], NOISE)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / lengths, dtype=np.float32)

    written = np.lib.format.open_memmap(path, "w+", np.float32, (size, DIMENSION))
    for start in range(0, size, PART):
        written[start : start + PART] = drawn(min(PART, size - start))
    written.flush()
    return drawn(queries)


def measure(kind: str, mapped: Vectors, queries: Vectors) -> dict[str, Any]:
    """Return the figures of a kind over ``mapped``, a memory-mapped array."""
    vectors = np.array(mapped)
    right = [set(_best(vectors @ query)) for query in queries]
    before = peak_mb()
    started = time.perf_counter()
    index = KINDS[kind][1](vectors)
    if not index.is_trained:
        index.train(vectors)
    index.add(vectors)
    build_s = time.perf_counter() - started
    build_mb = peak_mb() - before
    faiss.omp_set_num_threads(1)
    exact = kind == "flat"
    times, busy, hits = [], [], 0
    for query, expected in zip(queries, right, strict=True):
        wall, cpu = time.perf_counter(), time.process_time()
        found = index.search(query[None], FOUND if exact else RESCORED)[1][0]
        if not exact:
            rows = np.sort(found[found >= 0])
            found = rows[_best(mapped[rows] @ query)]
        times.append((time.perf_counter() - wall) * 1000)
        busy.append((time.process_time() - cpu) * 1000)
        hits += len(expected & set(found.tolist()))
    return {
        "stage": "kind", "kind": kind, "size": len(vectors), "build_s": build_s,
        "build_mb": build_mb, "bytes": faiss.serialize_index(index).nbytes,
        "p50_ms": float(np.percentile(times, 50)), "p95_ms": float(np.percentile(times, 95)),
        "cpu_ms": float(np.percentile(busy, 50)), "floor_ms": floor_ms(vectors),
        "recall": hits / (FOUND * len(queries)),
    }  # fmt: skip


def floor_ms(vectors: Vectors) -> float:
    """Return the CPU time of reading ``vectors`` once: the largest of them as integers."""
    times = []
    for _ in range(5):
        started = time.process_time()
        vectors.view(np.uint64).max()
        times.append((time.process_time() - started) * 1000)
    return min(times)


def _best(scores: Vectors) -> NDArray[np.int64]:
    count = min(FOUND, len(scores))
    best = np.argpartition(-scores, count - 1)[:count]
    return best[np.argsort(-scores[best], kind="stable")]


def main() -> None:
    """Measure the kind that the argument tells of, and print its line."""
    job = json.loads(sys.argv[1])
    path, asked = (Path(job["folder"]) / name for name in ("vectors.npy", "queries.npy"))
    if not asked.is_file():  # it is written last
        np.save(asked, draw(job["size"], QUERIES, path))
    print(json.dumps(measure(job["kind"], np.load(path, mmap_mode="r"), np.load(asked))))


if __name__ == "__main__":
    main()
