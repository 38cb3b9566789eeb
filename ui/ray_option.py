"""What ``wenbao index --ray ADDRESS`` changes: who does the work of a build."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.types import CorpusError, Embedder


@contextmanager
def embedder_over(
    address: str | None, embedder: Embedder, index_folder: Path
) -> Iterator[Embedder]:
    """Yield the embedder for a build: ``embedder`` itself, or its model on the workers of a Ray.

    Raises :class:`CorpusError` when there is no Ray at ``address``, or its library is missing.
    """
    if address is None:
        yield embedder
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
        yield work.embedder(embedder)
