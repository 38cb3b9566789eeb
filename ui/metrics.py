"""What happened since the start, as figures for Prometheus: never a word of a question."""

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from index.types import CorpusError
from rag.stopping import StoppedError
from rag.types import Answer
from ui.live import Live
from ui.logs import question_asked

if TYPE_CHECKING:
    from fastapi import APIRouter

    from ui.workers import Workers

BUCKETS_S = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)

REGISTRY = CollectorRegistry()
QUESTIONS = Counter(
    "wenbao_questions",
    "Questions, by the mode of the answer (none: no answer came) and by what became of them",
    ["mode", "outcome"],  # answered, refused, invalid, stopped, late, failed
    registry=REGISTRY,
)
SECONDS = Histogram(
    "wenbao_answer_seconds",
    "Time from a question to its whole answer",
    ["mode"],
    buckets=BUCKETS_S,
    registry=REGISTRY,
)
WAITED = Histogram(
    "wenbao_wait_seconds",
    "Time that a question waited in line before it was answered",
    buckets=BUCKETS_S,
    registry=REGISTRY,
)
REFUSED = Counter(
    "wenbao_busy",
    "Questions that were told to come again: the line (full, long), one asker's (rate, share), "
    "late, stopping",
    ["reason"],
    registry=REGISTRY,
)
CANCELLED = Counter(
    "wenbao_cancelled",
    "Questions that were ended on their way: the asker had gone, late, stopping",
    ["why"],
    registry=REGISTRY,
)
ProcessCollector(registry=REGISTRY)


def counted(answers: Iterable[Answer]) -> Generator[Answer]:
    """Yield ``answers``, those of one question as it grows, and count what becomes of it.

    One that is left before its whole answer came counts as ``stopped``.
    """
    last: Answer | None = None
    outcome = "failed"
    try:
        for last in answers:
            yield last
        outcome = "refused" if last and last.refused else "answered"
    except CorpusError:
        outcome = "invalid"
        raise
    except StoppedError as stopped:
        outcome = "late" if stopped.why == "late" else "stopped"
        raise
    except GeneratorExit:
        whole = last is not None and not last.growing
        outcome = ("refused" if last.refused else "answered") if last and whole else "stopped"
        raise
    finally:
        close = getattr(answers, "close", None)
        if close:
            close()
        mode = last.mode if last else "none"
        QUESTIONS.labels(mode, outcome).inc()
        if last:
            question_asked(last.question.text, outcome)
        if last and outcome in ("answered", "refused"):
            SECONDS.labels(mode).observe(last.elapsed_ms / 1000)


class _Now(Collector):
    """The size of what is being asked, and how many ask it, read when Prometheus asks."""

    def __init__(self, live: Live, workers: "Workers") -> None:
        self._live, self._workers = live, workers

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        index = self._live.answerer.index
        sizes = {"pages": index.pages, "articles": index.articles, "chunks": index.chunks}
        for noun, things in sizes.items():
            text = f"{noun.capitalize()} in the index"
            yield GaugeMetricFamily(f"wenbao_{noun}", text, value=len(things))
        info = InfoMetricFamily("wenbao_generation", "The generation of the index that is asked")
        info.add_metric([], {"generation": index.manifest.generation})
        yield info
        workers = self._workers
        for name, text, value in (
            ("answering", "Questions that are being answered", workers.answering),
            ("waiting", "Questions that wait in line", workers.waiting),
            ("askers", "Askers whose rate is remembered", len(workers.rates)),
        ):
            yield GaugeMetricFamily(f"wenbao_{name}", text, value=value)


def routes(live: Live, workers: "Workers") -> "APIRouter":
    """Return ``/metrics``, in the text format of Prometheus, and ``/readyz``."""
    from fastapi import APIRouter, Response
    from starlette.responses import JSONResponse

    router = APIRouter(tags=["operation"])
    now = CollectorRegistry()
    now.register(_Now(live, workers))

    @router.get("/metrics", response_class=Response)
    def metrics() -> Response:
        """What happened since the start, in the text format of Prometheus."""
        text = generate_latest(REGISTRY) + generate_latest(now)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    @router.get(
        "/readyz",
        response_model=dict[str, str],
        responses={503: {"description": "Not yet: how far the start is; or not any more"}},
    )
    async def readyz() -> JSONResponse:
        """Questions are answered; while the index is loaded or the server stops, it is 503."""
        if workers.closing:
            return JSONResponse({"status": "stopping"}, 503, {"retry-after": "5"})
        return JSONResponse({"status": "ready"})

    return router
