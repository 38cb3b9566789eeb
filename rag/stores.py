"""The way to the cluster, for those that may do without: its library is an extra."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from index.types import CorpusError
from rag.config import Settings

if TYPE_CHECKING:
    from index.index import Index
    from index.mirror import Published
    from rag.answering import Answerer


def answerer_of_store(settings: Settings) -> "Answerer":
    """Return the answerer over the store of ``settings``; raises what is wrong with it."""
    with _library(settings):
        from rag.cluster import load_cluster_answerer

    return load_cluster_answerer(settings)


def publish(index: "Index", settings: Settings) -> "Published":
    """Make the store of ``settings`` show what ``index`` holds, and report."""
    with _library(settings):
        from rag import cluster

    return cluster.publish(index, settings)


def store_problems(settings: Settings) -> list[str]:
    """Return what is wrong with the store of ``settings``, a line each with the remedy."""
    try:
        with _library(settings):
            from rag import cluster
    except CorpusError as error:
        return [str(error)]
    return cluster.store_problems(settings)


@contextmanager
def _library(settings: Settings) -> Iterator[None]:
    """Tell what to install where the library is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "pymilvus":
            raise
        raise CorpusError(
            f"store {settings.store}: pymilvus is missing; install it with: "
            "pip install 'wenbao[milvus]'"
        ) from error
