"""The server's loader answers what the trainer answers, in a process without Python."""

import io

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

from tests.serving import rig
from tfgan.data import drawing
from tfgan.serving import model as served_models

SIZES = (0, 1, 2, 3, 5, 17, 64, 257)
SEEDS = np.random.RandomState(1).randint(-(2**63), 2**63 - 1, size=257, dtype=np.int64)
SEEDS[:5] = 0, 1, -1, 2**63 - 1, -(2**63)


def requests(served, sizes=SIZES):
    """Yields (signature, value) for each signature and batch size."""
    rng = np.random.RandomState(0)
    latents = rng.uniform(-1, 1, size=(257, served.config.latent_size)).astype(np.float32)
    examples = rng.uniform(-1, 1, size=(257, *served.shape)).astype(np.float32)
    for name, whole in (
        ("serving_default", latents),
        ("sample", SEEDS),
        ("discriminate", examples),
    ):
        yield from ((name, whole[:size]) for size in sizes)


def answers(loader_program, version, served, tmp_path, threads=0, sizes=SIZES):
    """Returns the loader's outputs by (signature, batch size)."""
    loader = rig.Loader(loader_program, version, tmp_path)
    asked = list(requests(served, sizes))
    for request in asked:
        loader.ask(*request)
    keys = [(name, len(value)) for name, value in asked]
    return dict(zip(keys, loader.answers(threads), strict=True))


def trainer(served, signature, value):
    """Returns what the trainer computes, by the networks themselves, eagerly."""
    kind = served.kind.name
    if signature == "serving_default":
        return {kind: served.generate(value)}
    if signature == "discriminate":
        logits = served.logits(value)
        if served.config.objective == "wasserstein":
            return {"logits": logits}
        return {"logits": logits, "probability": tf.sigmoid(logits).numpy()}
    examples = served_models.sample(served.model, value.tolist())
    if kind == "points":
        return {"points": examples}
    images = drawing.to_uint8(examples)
    encoded = np.array([tf.io.encode_png(image).numpy() for image in images], object)
    return {"images": images, "png_bytes": encoded}


@pytest.mark.parametrize("family", rig.FAMILIES)
def test_the_loader_gives_the_trainers_bits(family, exported, loader_program, tmp_path):
    version, served = exported(family)
    found = answers(loader_program, version, served, tmp_path)
    for signature, value in requests(served, SIZES[1:]):
        if signature == "sample" and len(value) > 17:
            continue  # the other rows are compared below
        expected = trainer(served, signature, value)
        got = found[signature, len(value)]
        assert got.keys() == expected.keys()
        for name in expected:
            assert rig.same_bits(got[name], expected[name]), (signature, len(value), name)

    # An empty batch is answered by an empty one.
    shapes = {
        n: a.shape
        for s in ("serving_default", "sample", "discriminate")
        for n, a in found[s, 0].items()
    }
    assert all(shape[0] == 0 for shape in shapes.values())
    assert shapes[served.kind.name] == (0, *served.shape)

    # A row of `sample` does not change with its neighbours; of the others by a rounding.
    whole = {name: found[name, 257] for name in ("serving_default", "sample", "discriminate")}
    for signature, value in requests(served, SIZES[1:]):
        for name, rows in found[signature, len(value)].items():
            expected = whole[signature][name][: len(value)]
            if signature == "sample":
                assert rig.same_bits(rows, expected)
            else:
                scale = max(1.0, np.abs(expected).max())
                np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-6 * scale)


@pytest.mark.parametrize("family", ["mlp", "dcgan_norm"])
def test_each_row_is_the_single_call(family, exported, loader_program, tmp_path):
    version, served = exported(family)
    loader = rig.Loader(loader_program, version, tmp_path)
    asked = dict(requests(served, [17]))
    for name, value in asked.items():
        loader.ask(name, value)
        for i in range(17):
            loader.ask(name, value[i : i + 1])
    found = loader.answers()
    for start, signature in zip(range(0, 54, 18), asked, strict=True):
        batch, *singles = found[start : start + 18]
        for name, rows in batch.items():
            alone = np.concatenate([single[name] for single in singles])
            if signature == "sample":
                assert rig.same_bits(rows, alone)
            else:
                np.testing.assert_allclose(rows, alone, rtol=0, atol=1e-6)


def test_a_row_of_sample_is_alone_even_with_a_network_that_mixes_rows(exported):
    _, served = exported("points")
    model = rig.model(served.config, served.shape)
    generate = model.sample
    model.sample = lambda inputs: generate(inputs) + tf.reduce_mean(inputs["latents"])
    sample = served_models.Served(model, served.kind).signatures["sample"]
    alone = [sample(tf.constant([seed], tf.int64))["points"].numpy()[0] for seed in SEEDS[:5]]
    assert rig.same_bits(sample(tf.constant(SEEDS[:5]))["points"].numpy(), np.stack(alone))


@pytest.mark.parametrize("threads", [1, 2])
def test_sample_does_not_depend_on_the_threads(threads, exported, loader_program, tmp_path):
    version, served = exported("dcgan")
    found = answers(loader_program, version, served, tmp_path, threads, sizes=[17])
    expected = trainer(served, "sample", SEEDS[:17])
    for name in expected:
        assert rig.same_bits(found["sample", 17][name], expected[name])


@pytest.mark.parametrize("family", ["mlp", "dcgan_norm", "points"])
def test_a_neighbour_that_is_not_finite_changes_nothing(family, exported, loader_program, tmp_path):
    version, served = exported(family)
    clean = answers(loader_program, version, served, tmp_path, sizes=[5])
    loader = rig.Loader(loader_program, version, tmp_path)
    names = ("serving_default", "discriminate")
    for name, value in requests(served, [5]):
        if name in names:
            spoilt = value.copy()
            spoilt[1], spoilt[3].reshape(-1)[-1] = np.nan, np.inf
            loader.ask(name, spoilt)
    for name, got in zip(names, loader.answers(), strict=True):
        for output, rows in got.items():
            expected = clean[name, 5][output]
            assert rig.same_bits(rows[[0, 2, 4]], expected[[0, 2, 4]])
            assert np.isnan(rows[[1, 3]]).all()  # nothing that looks like an answer


def test_pictures_are_pictures_and_all_seeds_differ(exported, loader_program, tmp_path):
    version, served = exported("dcgan_norm")
    found = answers(loader_program, version, served, tmp_path, sizes=[17])["sample", 17]
    for png, pixels in zip(found["png_bytes"], found["images"], strict=True):
        assert (np.asarray(PIL.Image.open(io.BytesIO(png))) == pixels).all()
    assert len(set(found["png_bytes"].tolist())) == 17
