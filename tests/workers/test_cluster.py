"""TF_CONFIG, as users write it."""

import json

import pytest

from tfgan.core.checks import InputError
from tfgan.workers import cluster

TWO = ["10.0.0.1:2222", "10.0.0.2:2222"]


def read(tasks, kind="worker", index=0):
    text = json.dumps({"cluster": tasks, "task": {"type": kind, "index": index}})
    return cluster.from_environment({"TF_CONFIG": text})


def test_the_first_worker_is_the_chief():
    first, second = (read({"worker": TWO}, index=i) for i in range(2))
    assert (first.is_chief, second.is_chief) == (True, False)
    assert first.names == second.names == ("worker 0", "worker 1")
    assert second.called(1) == "worker 1 at 10.0.0.2:2222"
    assert second.place(0) == ("10.0.0.1", 2222)


def test_a_chief_comes_first():
    tasks = {"worker": TWO, "chief": ["boss:1"]}
    second = read(tasks, index=1)
    assert second.addresses == ("boss:1", *TWO)
    assert (second.name, second.index) == ("worker 1", 2)
    assert read(tasks, "chief").is_chief


def test_an_address_of_ipv6():
    assert read({"worker": ["[::1]:5"]}).place(0) == ("::1", 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "TF_CONFIG, which is not set: set it on each, for instance to .* `tfgan launch"),
        ("{", "which is no cluster with a task: write it as"),
        ("[]", "which is no cluster with a task"),
        ('{"cluster": {"worker": ["a:1"]}}', "which is no cluster with a task"),
        ('{"cluster": {"worker": 3}, "task": {"type": "worker", "index": 0}}', "no cluster"),
    ],
)
def test_what_is_no_cluster_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        cluster.from_environment({"TF_CONFIG": text})


@pytest.mark.parametrize(
    ("tasks", "kind", "index", "message"),
    [
        ({"worker": TWO, "ps": ["c:1"]}, "worker", 0, "tasks of type ps, and a run has a chief"),
        ({"worker": TWO}, "worker", 2, "this task is worker 2, and the cluster has 2 of type wor"),
        ({"worker": TWO}, "worker", "0", "this task is worker 0, and the cluster has 2"),
        ({"worker": TWO}, "chief", 0, "this task is chief 0, and the cluster has 0 of type chief"),
        ({"chief": TWO}, "chief", 0, "more than one chief"),
        ({"worker": ["a:1", "a:1"]}, "worker", 0, "two tasks have the same address"),
        ({"worker": ["a"]}, "worker", 0, "the address 'a' is not host:port"),
        ({"worker": ["a:0"]}, "worker", 0, "the address 'a:0' is not host:port"),
        ({"worker": ["a:٣"]}, "worker", 0, "is not host:port"),
        ({"worker": [":1"]}, "worker", 0, "is not host:port"),
        ({"worker": [7]}, "worker", 0, "the address 7 is not host:port"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused(tasks, kind, index, message):
    with pytest.raises(InputError, match=f"TF_CONFIG: .*{message}"):
        read(tasks, kind, index)
