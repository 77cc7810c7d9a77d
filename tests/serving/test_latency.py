"""After the warm-up file was replayed, the first request takes no longer than the others."""

import numpy as np
import pytest

from tests.serving import rig
from tfgan.cli import flags
from tfgan.serving import warm_up as warm_ups


def first_and_steady(loader_program, version, served, work, *, warm, sizes, rounds=60):
    """Returns (seconds of the first request, of the later ones) by (signature, batch size).

    Every round asks each signature at each size once: the first round finds the process as the
    later ones do, but for what the warm-up has to do.
    """
    loader = rig.Loader(loader_program, version, work)
    warm_up = rig.warm_up(version) if warm else []
    for request in warm_up:
        loader.ask(*request)
    rng = np.random.RandomState(0)
    requests = {}
    for size in sizes:
        latents = rng.uniform(-1, 1, [size, served.config.latent_size]).astype(np.float32)
        examples = rng.uniform(-1, 1, [size, *served.shape]).astype(np.float32)
        requests["serving_default", size] = latents
        requests["sample", size] = rng.randint(0, 2**62, [size])
        requests["discriminate", size] = examples
    for _ in range(rounds):
        for (signature, _), value in requests.items():
            loader.ask(signature, value)
    answers = loader.answers(threads=1)  # as the README starts the server
    assert not [answer for answer in answers if isinstance(answer, str)]
    seconds = np.array(loader.seconds[len(warm_up) :]).reshape(rounds, len(requests))
    return {key: (taken[0], taken[1:]) for key, taken in zip(requests, seconds.T, strict=True)}


def ratios(loader_program, version, served, work, *, warm, sizes, rounds=3):
    """Returns the median over fresh processes of first / p99, by (signature, batch size)."""
    seen = [
        first_and_steady(loader_program, version, served, work, warm=warm, sizes=sizes)
        for _ in range(rounds)
    ]
    return {
        key: np.median([one[key][0] / np.percentile(one[key][1], 99) for one in seen])
        for key in seen[0]
    }


@pytest.mark.parametrize("family", ["mlp", "dcgan"])
def test_the_first_request_is_warm(family, exported, loader_program, tmp_path):
    version, served = exported(family)
    found = ratios(loader_program, version, served, tmp_path, warm=True, sizes=(1, 8))
    assert max(found.values()) <= 1.5, found


def test_without_the_warm_up_it_is_not(exported, loader_program, tmp_path):
    version, served = exported("dcgan")
    found = ratios(loader_program, version, served, tmp_path, warm=False, sizes=(1,), rounds=1)
    assert max(found.values()) > 1.5


@pytest.mark.slow
def test_latency_table(loader_program, tmp_path, capsys):
    """Prints the README's table: the players of the digits recipe."""
    config, _ = flags.parse(["--flagfile=tfgan/recipes/digits.flags"])
    version, served = rig.export(tmp_path, config, (8, 8, 1))
    sizes = warm_ups.BATCH_SIZES
    rounds = [
        first_and_steady(loader_program, version, served, tmp_path, warm=True, sizes=sizes)
        for _ in range(3)
    ]

    def figures(signature, size):
        """First, p50, p99 in milliseconds."""
        seen = [(one[signature, size][0], one[signature, size][1]) for one in rounds]
        each = [(first, *np.percentile(later, (50, 99))) for first, later in seen]
        return 1e3 * np.median(each, axis=0)

    signatures = ("serving_default", "sample", "discriminate")
    with capsys.disabled():
        print("\n| rows |", " | ".join(f"{name}: first, p50, p99" for name in signatures), "|")
        print("|" + "---:|" * 4)
        for size in sizes:
            row = [figures(signature, size) for signature in signatures]
            cells = [", ".join(map("{:.2f}".format, cell)) for cell in row]
            print("|", " | ".join([str(size), *cells]), "|")
            for first, _, most in row:
                assert first <= 1.5 * most, row
