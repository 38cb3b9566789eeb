"""The encoder of many passages: the vectors of the light one, and used only where it is sooner."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from index import bulk
from index.bulk import BulkEncoder, load_bulk, quickest
from index.embedding import BUNDLED_FOLDER, load_embedder
from index.light import BODY, LightEmbedder, load_light
from index.windows import Embedded
from tests.embedders import BigramEmbedder
from tests.tiny_models import bert_folder

if TYPE_CHECKING:
    from torch import Tensor

TEXTS = (
    "第20届文旅博览会来了多少采购商？",
    "第20屆文旅博覽會來了多少採購商？",
    "How many buyers came?",
    "",
    "😀",
    "的" * 500,
    "\ud800 alone",
)


def exported(folder: Path, two_layers: bool = False) -> LightEmbedder:
    """Return the light embedder of a tiny encoder that is written to ``folder``."""
    pytest.importorskip("onnxscript", reason="exporting needs the extra: training")
    from index.training.export import export_body

    bert_folder(folder, two_layers=two_layers)
    for file in ("config.json", "model.safetensors"):  # where the bundled one has them
        if not (folder / file).is_file():
            shutil.copy(next(folder.rglob(file)), folder / file)
    export_body(folder, folder / BODY)
    return load_light(folder, "tiny")


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> LightEmbedder:
    return exported(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LARGE", len(TEXTS))
    monkeypatch.setattr(bulk, "SAMPLE", 3)


def timed_as(bulk_s: float, light_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let encoding take so long on this machine."""

    def timed(encode: bulk.Encode, texts: Sequence[str]) -> tuple[Embedded, float]:
        is_bulk = isinstance(getattr(encode, "__self__", None), BulkEncoder)
        return encode(texts), bulk_s if is_bulk else light_s

    monkeypatch.setattr(bulk, "_timed", timed)


def test_vectors_are_those_of_the_light_embedder(light: LightEmbedder) -> None:
    found = load_bulk(light).encode_windows(TEXTS).matrix
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), 128)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert (found * light.encode_passages(TEXTS)).sum(axis=1).min() > 0.999


def test_windows_are_those_of_the_light_embedder(light: LightEmbedder) -> None:
    texts = [
        *TEXTS,
        "第一句话说的是大桥，它在三月四日正式合龙，全长两公里。第二句话说的是车站，一共有二十个。",
    ]
    found = load_bulk(light).encode_windows(texts).windows
    wanted = light.encode_windows(texts).windows
    np.testing.assert_array_equal(found.starts, wanted.starts)
    assert found.starts[-1] - found.starts[-2] == 2
    assert (found.vectors * wanted.vectors).sum(axis=1).min() > 0.998


def test_a_vector_hardly_depends_on_its_company(
    light: LightEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = load_bulk(light)
    together = encoder.encode_windows(TEXTS).matrix
    monkeypatch.setattr(bulk, "BATCH_TOKENS", 1)
    np.testing.assert_allclose(encoder.encode_windows(TEXTS).matrix, together, atol=2e-3)
    assert encoder.encode_windows([]).matrix.shape == (0, 128)


def test_batches_are_of_few_lengths(light: LightEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.nn import functional

    linear = functional.linear
    seen: set[int] = set()

    def watched(rows: "Tensor", *weights: "Tensor") -> "Tensor":
        seen.add(len(rows))
        return linear(rows, *weights)

    monkeypatch.setattr(functional, "linear", watched)
    encoder = load_bulk(light)
    for length in range(1, 50):
        encoder.encode_windows(["的" * length])
    assert seen == {bulk.FILLED_TO}


def test_the_threads_of_torch_are_as_before(light: LightEmbedder) -> None:
    import torch

    before = torch.get_num_threads()
    load_bulk(light).encode_windows(TEXTS)
    assert torch.get_num_threads() == before


@pytest.mark.usefixtures("all_are_large")
def test_the_quicker_of_both_is_chosen(
    light: LightEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed_as(1.0, 2.0, monkeypatch)
    encode = quickest(light, TEXTS)
    assert (encode(TEXTS).matrix * light.encode_passages(TEXTS)).sum(axis=1).min() > 0.999
    assert encode != light.encode_windows
    timed_as(2.0, 1.0, monkeypatch)
    assert quickest(light, TEXTS) == light.encode_windows


def test_few_texts_and_other_models_do_without(
    light: LightEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "load_bulk", None)
    assert quickest(light, TEXTS) == light.encode_windows
    monkeypatch.setattr(bulk, "LARGE", 1)
    other = BigramEmbedder()
    assert quickest(other, TEXTS) == other.encode_windows


@pytest.mark.usefixtures("all_are_large")
def test_other_vectors_are_never_used_however_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layers summed, say, as this tiny encoder has it: that is not seen in its weights."""
    summed = exported(tmp_path, two_layers=True)
    timed_as(0.0, 1.0, monkeypatch)
    assert quickest(summed, TEXTS) == summed.encode_windows


@pytest.mark.usefixtures("all_are_large")
def test_weights_of_another_shape_are_left_to_the_light_embedder(
    light: LightEmbedder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def load(_light: LightEmbedder) -> BulkEncoder:
        raise KeyError("encoder.layer.0")

    monkeypatch.setattr(bulk, "load_bulk", load)
    caplog.set_level("INFO")
    assert quickest(light, TEXTS) == light.encode_windows
    assert "encoder.layer.0" in caplog.text


@pytest.mark.skipif(not (BUNDLED_FOLDER / BODY).is_file(), reason=f"{BODY} is not in this checkout")
@pytest.mark.slow
def test_the_bundled_one_makes_the_same_vectors_both_ways(seeds: Path) -> None:
    lines = [line for page in seeds.glob("*.txt") for line in page.read_text("utf-8").split("\n")]
    texts = [*TEXTS, *(line for line in lines if line.strip())][:100]
    light = cast(LightEmbedder, load_embedder())
    cosines = (light.encode_passages(texts) * load_bulk(light).encode_windows(texts).matrix).sum(
        axis=1
    )
    assert cosines.min() > 0.99
    assert cosines.mean() > 0.999
