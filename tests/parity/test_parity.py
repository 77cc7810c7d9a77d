"""The document's session and its port walk the same path, to the last bit."""

import pytest

from tfgan.config import Config
from tfgan.core.checks import InputError
from tools import compare

OBJECTIVES = {
    "non_saturating": {},
    "minimax": {},
    "wasserstein": dict(weight_clip=0.01),
}
NETWORKS = {
    "mlp": dict(network="mlp"),
    "dcgan": dict(network="dcgan"),
    "dcgan with batch norm": dict(
        network="dcgan", generator_norm="batch", discriminator_norm="batch"
    ),
}


def config(objective, network, **fields):
    small = dict(
        data="digits",
        hidden_size=64,
        base_channels=16,
        image_size=16 if network != "mlp" else 0,
        generator_learning_rate=0.001,
        discriminator_learning_rate=0.001,
    )
    fields = small | OBJECTIVES[objective] | NETWORKS[network] | fields
    return Config(objective=objective, **fields)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_bit_differs(objective, network):
    report = compare.compare(config(objective, network, num_steps=16), [1, 7])
    assert report.equal, report.markdown()
    # Everything was looked at: both losses, and each weight with its two slots or as a statistic.
    names = set(report.rows)
    assert {"g_loss", "d_loss", "beta1_power", "beta2_power_1"} < names
    kernels = {name for name in names if name.endswith("kernel")}
    assert len(kernels) == 6
    assert {f"{name}/Adam" for name in kernels} < names
    assert {f"{name}/Adam_1" for name in kernels} < names
    assert report.rows["g_loss"].compared == 2 * 16
    assert report.rows["generator/dense_0/kernel"].compared == 16 + 3
    if network == "dcgan with batch norm":
        assert "discriminator/batch_norm_1/moving_variance" in names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("objective", "num_steps"),
    [("non_saturating", 10_000), ("minimax", 2_000), ("wasserstein", 2_000)],
)
def test_no_bit_differs_in_thousands_of_iterations_of_the_mlp(objective, num_steps):
    report = compare.compare(config(objective, "mlp", num_steps=num_steps), [1, 7, 100])
    assert report.equal, report.markdown()


@pytest.mark.slow
@pytest.mark.parametrize("network", ["dcgan", "dcgan with batch norm"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_bit_differs_in_1000_iterations_of_the_dcgan(objective, network):
    report = compare.compare(config(objective, network, num_steps=1_000), [1, 7, 100])
    assert report.equal, report.markdown()


@pytest.mark.parametrize("network", NETWORKS)
def test_one_unit_in_the_last_place_is_caught_at_step_1(network):
    report = compare.compare(config("non_saturating", network, num_steps=2), [1], inject=True)
    assert not report.equal
    assert report.first.step == 1
    assert report.first.name in report.rows
    assert report.rows["generator/dense_0/kernel"].first_step == 1
    assert report.verdict().startswith("DIFFERENT: first at step 1, in ")


@pytest.mark.parametrize(
    "fields",
    [
        dict(optimizer="sgd"),
        dict(update_order="discriminator_first"),
        dict(discriminator_steps=2),
        dict(latent_distribution="normal"),
        dict(discriminator_learning_rate=0.1),
    ],
)
def test_what_the_document_cannot_say_is_refused(fields):
    with pytest.raises(InputError, match=f"knows only --{next(iter(fields))}="):
        compare.compare(config("non_saturating", "mlp", num_steps=2, **fields), [1])
