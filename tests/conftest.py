"""Every test runs under the compiler settings that training runs under, and with its own cache."""

import os

import pytest
import tensorflow as tf

from tfgan.core import runtime

runtime.configure()
# Two logical devices on one CPU, so that a strategy has replicas to keep in step.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory):
    """Keeps the user's own cache out of the tests and the commands that they start."""
    users = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    with pytest.MonkeyPatch.context() as patch:
        if "MPLCONFIGDIR" not in os.environ:  # Matplotlib takes seconds to list the fonts anew
            patch.setenv("MPLCONFIGDIR", os.path.join(users, "matplotlib"))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def small_config():
    """Makes small configs: the few fields a test is about, and sizes that run in a moment."""
    from tfgan.config import Config

    def make(**fields):
        small = dict(
            data="digits",
            network="mlp",
            latent_size=8,
            hidden_size=16,
            base_channels=4,
            batch_size=16,
            num_steps=12,
            num_samples=4,
        )
        return Config(**(small | fields))

    return make


@pytest.fixture(scope="session")
def loader_program(tmp_path_factory):
    """The C program that loads exports as a server does."""
    from tests.serving import rig

    return rig.compile_loader(tmp_path_factory.mktemp("loader"))
