"""After the warm-up file was replayed, no request is the first one to need anything.

How fast that is is measured, not tested: `test_latency_table` prints it.
"""

from collections import Counter

import numpy as np
import pytest

from tests.serving import rig
from tfgan.cli import flags
from tfgan.serving import warm_up as warm_ups

SIGNATURES = ("serving_default", "sample", "discriminate")


def make_requests(served, sizes):
    """Returns a value for each (signature, batch size)."""
    rng = np.random.RandomState(0)
    requests = {}
    for size in sizes:
        latents = rng.uniform(-1, 1, [size, served.config.latent_size]).astype(np.float32)
        examples = rng.uniform(-1, 1, [size, *served.shape]).astype(np.float32)
        requests["serving_default", size] = latents
        requests["sample", size] = rng.randint(0, 2**62, [size])
        requests["discriminate", size] = examples
    return requests


def set_up(loader_program, version, served, work, warm_up):
    """Returns what the first request had to set up, by (signature, batch size), after a warm-up."""
    loader = rig.Loader(loader_program, version, work)
    for request in warm_up:
        loader.ask(*request)
    requests = make_requests(served, warm_ups.BATCH_SIZES)
    for (signature, _), value in requests.items():
        loader.ask(signature, value)
    answers = loader.answers(threads=1, show_set_up=True)  # as the README starts the server
    assert not [answer for answer in answers if isinstance(answer, str)]
    return dict(zip(requests, loader.set_up[len(warm_up) :], strict=True))


@pytest.mark.parametrize("family", ["mlp", "dcgan"])
def test_the_first_request_is_warm(family, exported, loader_program, tmp_path):
    version, served = exported(family)
    warm_up = rig.warm_up(version)
    assert Counter((signature, len(value)) for signature, value in warm_up) == {
        (signature, size): warm_ups.REPEATS
        for signature in SIGNATURES
        for size in warm_ups.BATCH_SIZES
    }
    found = set_up(loader_program, version, served, tmp_path, warm_up)
    assert not any(found.values()), found


@pytest.mark.parametrize("family", ["mlp", "dcgan"])
def test_without_the_warm_up_it_is_not(family, exported, loader_program, tmp_path):
    version, served = exported(family)
    found = set_up(loader_program, version, served, tmp_path, [])
    assert all(found[signature, warm_ups.BATCH_SIZES[0]] for signature in SIGNATURES), found


@pytest.mark.parametrize("left_out", SIGNATURES)
def test_a_signature_that_is_not_warmed_up_is_seen(left_out, exported, loader_program, tmp_path):
    version, served = exported("dcgan")
    warm_up = [request for request in rig.warm_up(version) if request[0] != left_out]
    found = set_up(loader_program, version, served, tmp_path, warm_up)
    assert {signature for (signature, _), lines in found.items() if lines} == {left_out}


def first_and_steady(loader_program, version, served, work, sizes, rounds=60):
    """Returns (seconds of the first request, of the later ones) by (signature, batch size).

    Every round asks each signature at each size once: the first round finds the process as the
    later ones do, but for what the warm-up has to do.
    """
    loader = rig.Loader(loader_program, version, work)
    warm_up = rig.warm_up(version)
    for request in warm_up:
        loader.ask(*request)
    requests = make_requests(served, sizes)
    for _ in range(rounds):
        for (signature, _), value in requests.items():
            loader.ask(signature, value)
    answers = loader.answers(threads=1)  # as the README starts the server
    assert not [answer for answer in answers if isinstance(answer, str)]
    seconds = np.array(loader.seconds[len(warm_up) :]).reshape(rounds, len(requests))
    return {key: (taken[0], taken[1:]) for key, taken in zip(requests, seconds.T, strict=True)}


@pytest.mark.slow
def test_latency_table(loader_program, tmp_path, capsys):
    """Prints the README's table: the players of the digits recipe."""
    config, _ = flags.parse(["--flagfile=tfgan/recipes/digits.flags"])
    version, served = rig.export(tmp_path, config, (8, 8, 1))
    sizes = warm_ups.BATCH_SIZES
    rounds = [first_and_steady(loader_program, version, served, tmp_path, sizes) for _ in range(3)]

    def figures(signature, size):
        """First, p50, p99 in milliseconds."""
        seen = [(one[signature, size][0], one[signature, size][1]) for one in rounds]
        each = [(first, *np.percentile(later, (50, 99))) for first, later in seen]
        return 1e3 * np.median(each, axis=0)

    with capsys.disabled():
        print("\n| rows |", " | ".join(f"{name}: first, p50, p99" for name in SIGNATURES), "|")
        print("|" + "---:|" * 4)
        for size in sizes:
            row = [figures(signature, size) for signature in SIGNATURES]
            cells = [", ".join(map("{:.2f}".format, cell)) for cell in row]
            print("|", " | ".join([str(size), *cells]), "|")
