"""The library of an app that asks a cluster: it follows what is live there, and changes nothing."""

from typing import TYPE_CHECKING, cast

from rag.config import Settings
from ui.library import Library
from ui.live import Live

if TYPE_CHECKING:
    from index.milvus import Cluster
    from rag.answering import Answerer
    from rag.cluster import ClusterIndex


class ClusterLibrary(Library):
    """Follows the live generation of the store. No page may be sent: a writer does that."""

    def __init__(self, live: Live, settings: Settings) -> None:
        super().__init__(live, settings.model_copy(update={"uploads": None}))

    @property
    def _cluster(self) -> "Cluster":
        return cast("ClusterIndex", self.live.answerer.index).cluster

    def _current(self) -> str:
        from index.mirror import state_of

        state = state_of(self._cluster)
        return state.name if state else ""

    def _newest(self) -> "Answerer":
        from rag.cluster import load_cluster_answerer

        return load_cluster_answerer(self.settings, self._cluster)


def library_of(live: Live, settings: Settings) -> Library:
    """Return the library that changes or follows what ``live`` asks."""
    return ClusterLibrary(live, settings) if settings.store else Library(live, settings)
