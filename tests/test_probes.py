"""A model that was swapped for another of its size and name is told from the one of the index."""

import json
import shutil
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from index.embedding import BUNDLED_FOLDER, load_embedder
from index.light import BODY
from index.pretrained import load_pretrained
from index.probes import MAX_SHIFT, SENTENCES, probe, problem_with, shifts
from index.types import Embedder, Vectors
from tests.embedders import BigramEmbedder
from tests.tiny_models import bert_folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    bert_folder(folder)
    return folder


def test_the_same_model_has_no_problem(tiny: Path) -> None:
    kept = probe(load_pretrained(str(tiny), "tiny"))
    assert kept.shape == (len(SENTENCES), 128)
    assert problem_with(kept, load_pretrained(str(tiny), "tiny")) is None


def test_rounding_is_no_problem() -> None:
    embedder = BigramEmbedder()
    kept = probe(embedder)
    noise = np.random.default_rng(0).normal(0, 0.002, kept.shape).astype(np.float32)
    assert problem_with(kept + noise, embedder) is None


def test_other_weights_of_the_same_size_and_name_are_told(tiny: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    own = Path(shutil.copytree(tiny, tmp_path / "own"))
    path = next(own.rglob("model.safetensors"))
    weights = load_file(path)
    torch.manual_seed(1)
    save_file({name: torch.randn_like(each) * 0.1 for name, each in weights.items()}, path)
    kept = probe(load_pretrained(str(tiny), "tiny"))
    problem = problem_with(kept, load_pretrained(str(own), "tiny"))
    assert problem
    assert "'tiny' is not the one that the index was built with" in problem
    assert "wenbao index" in problem


def test_another_pooling_is_told_though_the_weights_are_the_same(
    tiny: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(tiny, tmp_path / "own"))
    path = next(own.glob("*Pooling/config.json"))
    config = json.loads(path.read_text("utf-8"))
    config["pooling_mode"] = "cls"
    path.write_text(json.dumps(config), "utf-8")
    before, after = (load_pretrained(str(folder), "tiny") for folder in (tiny, own))
    assert before.identity == after.identity
    assert problem_with(probe(before), after)


@pytest.mark.parametrize("kept", [np.zeros((0, 64)), np.zeros((len(SENTENCES), 32))])
def test_vectors_of_another_shape_are_told(kept: Vectors) -> None:
    problem = problem_with(kept.astype(np.float32), BigramEmbedder())
    assert problem
    assert "vectors of 64 numbers" in problem


def test_vectors_that_are_no_numbers_are_told() -> None:
    embedder = BigramEmbedder()
    assert problem_with(np.full_like(probe(embedder), np.nan), embedder)


@pytest.mark.skipif(not (BUNDLED_FOLDER / BODY).is_file(), reason=f"{BODY} is not in this checkout")
@pytest.mark.slow
def test_every_way_to_run_the_bundled_model_is_far_within_the_tolerance() -> None:
    from index.bulk import load_bulk
    from index.light import LightEmbedder

    light = cast(LightEmbedder, load_embedder())
    kept = probe(light)
    in_torch: Embedder = load_embedder(str(BUNDLED_FOLDER))
    for other in (probe(in_torch), load_bulk(light).encode_windows(SENTENCES).matrix):
        assert shifts(kept, other).max() < MAX_SHIFT / 4
