"""Every network, objective, penalty and model of the list, through all that a run goes through."""

import contextlib

import pytest
import tensorflow as tf

from tests.conformance import checks, entries
from tests.conformance.entries import (
    ENTRIES,
    IN_WINDOWS,
    REPRESENTATIVE,
    SAMPLED,
    images,
    own,
)
from tests.models import networks
from tfgan import losses, penalties
from tfgan import networks as families
from tfgan.augmentation import AUGMENTATIONS
from tfgan.core import contradictions
from tfgan.core.checks import InputError
from tfgan.models.conditions import CONDITIONS
from tfgan.models.gan import GAN
from tfgan.nn.normalisation import NORMALISATIONS
from tfgan.run import Run


def in_time(names):
    """Tries these entries in the default tests, and the others in the slow ones."""
    slow = [pytest.param(n, marks=pytest.mark.slow) for n in ENTRIES if n not in names]
    return pytest.mark.parametrize("name", [*sorted(names), *slow])


def test_the_list_is_complete():
    """Each objective runs with one network, each network by itself and with each condition."""
    names = [f"mlp, {objective}" for objective in losses.OBJECTIVES]
    names += [f"penalty {penalty}" for penalty in penalties.PENALTIES]
    for network in families.NETWORKS:
        conditions = [condition for condition in CONDITIONS if condition != "none"]
        names += [network, *(f"{network} by {condition}" for condition in conditions)]
    assert {*names, *REPRESENTATIVE, *IN_WINDOWS, *SAMPLED} <= ENTRIES.keys()


def test_every_normalisation_and_augmentation_is_in_the_list(monkeypatch):
    """And every GAN but one takes several discriminator steps."""
    asked = []
    monkeypatch.setattr(entries.build, "build_model", lambda config, specs: asked.append(config))
    for make in ENTRIES.values():
        with contextlib.suppress(TypeError, AttributeError):  # of entries without a config
            make()
    norms = {norm for c in asked for norm in (c.generator_norm, c.discriminator_norm)}
    assert norms == {*NORMALISATIONS}
    assert {part for c in asked for part in contradictions.augmentations(c)} == {*AUGMENTATIONS}
    monkeypatch.undo()
    one = [n for n, make in ENTRIES.items() if getattr(make()[0], "discriminator_steps", 2) == 1]
    assert one == ["one discriminator step"]


@in_time(SAMPLED)
def test_steps(name):
    model, _ = ENTRIES[name]()
    checks.check_state(model)
    checks.check_open_batch(model)
    checks.check_diagnostics(ENTRIES[name])
    if isinstance(model, GAN):
        checks.check_players(ENTRIES[name])


@in_time(IN_WINDOWS)
def test_windows(name):
    checks.check_windows(ENTRIES[name])


@in_time(REPRESENTATIVE)
def test_resume_and_export(name, tmp_path, loader_program):
    run = checks.check_resume(ENTRIES[name], tmp_path)
    checks.check_export(run, loader_program, tmp_path)


# Planted faults: each has to be seen.


def test_a_state_that_lacks_a_variable_is_seen(monkeypatch):
    complete = GAN.state

    def lacking(self):
        return {n: v for n, v in complete(self).items() if n != "discriminator/passes"}

    monkeypatch.setattr(GAN, "state", lacking)
    with pytest.raises(InputError, match="which the model's state lacks"):
        checks.check_windows(own())


def test_an_optimizer_s_slot_that_is_missing_is_seen(monkeypatch, tmp_path):
    from tfgan.optimizers import Adam

    monkeypatch.setattr(Adam, "powers", lambda self: {})
    with pytest.raises(InputError, match="beta1_power"):
        checks.check_resume(own(), tmp_path)


def test_an_operation_that_may_not_be_served_is_seen(tmp_path):
    class Writing(networks.Generator):
        def __call__(self, latents):
            tf.print("a stranger's operation")
            return super().__call__(latents)

    model = GAN(Writing((8, 8, 1)), networks.Discriminator(), latent_size=4)
    run = Run(model, images((8, 8, 1)), tmp_path)
    run.train(1, shows_progress=False)
    with pytest.raises(InputError, match="may not be served: .*Print"):
        run.export(tmp_path / "exports")


def test_a_step_that_touches_the_other_player_is_seen():
    class Touching(networks.Generator):
        victim = None

        def __call__(self, latents):
            if self.victim is not None:
                self.victim.assign_add([1.0])
            return super().__call__(latents)

    def make():
        generator, discriminator = Touching((8, 8, 1)), networks.Discriminator()
        model = GAN(generator, discriminator, latent_size=4)
        object.__setattr__(generator, "victim", discriminator.layers["last"].b)
        return model, images((8, 8, 1))

    with pytest.raises(AssertionError, match="the generator's step moved"):
        checks.check_players(make)


def test_sharing_a_variable_is_refused():
    generator, discriminator = networks.Generator((8, 8, 1)), networks.Discriminator()
    discriminator.borrowed = generator.layers[0]
    with pytest.raises(InputError, match="are one variable: each player needs its own"):
        GAN(generator, discriminator, latent_size=4)
