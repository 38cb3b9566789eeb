"""What ``wenbao index --ray ADDRESS`` changes: who does the work of a build."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.build import Ahead, nothing_ahead
from index.types import CorpusError, Embedder


@contextmanager
def work_over(
    address: str | None, embedder: Embedder, index_folder: Path
) -> Iterator[tuple[Ahead, Embedder]]:
    """Yield what reads and embeds for a build: this machine, or the workers of a Ray.

    Raises :class:`CorpusError` when there is no Ray at ``address``, or its library is missing.
    """
    if address is None:
        yield nothing_ahead, embedder
        return
    try:
        from index.ray_data import over_ray
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise CorpusError(
            f"--ray {address}: ray is missing; install it with: pip install 'wenbao[ray]'"
        ) from error
    with over_ray(address, index_folder) as work:
        yield work.read, work.embedder(embedder)
