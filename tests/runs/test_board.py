"""What TensorBoard is told of a run, read by TensorBoard's own readers."""

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.util import tensor_util

from tests.models import autoencoder
from tests.survival.rig import Rig
from tfgan.core.checks import NonFiniteError
from tfgan.data.arrays import Arrays
from tfgan.models import gan_health
from tfgan.run import Run
from tfgan.runs import board, health, identity, logs
from tfgan.runs.events import EVENTS
from tfgan.runs.folder import RunFolder

FIELDS = dict(
    **dict(data="ring", network="mlp", hidden_size=8, batch_size=8, num_steps=40),
    **dict(log_every_steps=10, sample_every_steps=20, average_decay=0.9),
)


@pytest.fixture(scope="module")
def rig():
    """A rig whose verdict changes twice."""
    from tfgan.config import Config

    tested = Rig(Config(**FIELDS))
    verdicts = {10: "training", 20: "diverging", 30: "diverging", 40: "training"}
    tested.run.model.verdict = lambda rows: verdicts[int(rows[-1]["step"])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "finish", lambda self: None)
        yield tested


@pytest.fixture(scope="module")
def whole(rig, tmp_path_factory):
    """An uninterrupted run."""
    path = tmp_path_factory.mktemp("board") / "whole"
    rig.train(path)
    return path


def accumulated(path):
    events = EventAccumulator(str(path / EVENTS))
    events.Reload()
    return events


def session(events, tag, parse):
    return parse(events.SummaryMetadata(tag).plugin_data.content)


def started(path):
    """The hyper-parameters of a run."""
    info = session(
        accumulated(path),
        metadata.SESSION_START_INFO_TAG,
        metadata.parse_session_start_info_plugin_data,
    )
    return {name: getattr(v, v.WhichOneof("kind")) for name, v in info.hparams.items()}


def ended(path):
    """How a run has ended, and when; None: that is not known."""
    events = accumulated(path)
    if metadata.SESSION_END_INFO_TAG not in events.Tags()["tensors"]:
        return None
    info = session(
        events, metadata.SESSION_END_INFO_TAG, metadata.parse_session_end_info_plugin_data
    )
    return info.status, info.end_time_secs


def test_a_point_of_a_loss_is_the_mean_since_the_point_before(whole):
    losses, events = logs.read_table(whole / "losses.csv"), accumulated(whole)
    for name in ("g_loss", "d_loss"):
        values = losses[name].astype(np.float32).reshape(4, 10)
        points = events.Tensors(f"losses/{name}")
        assert [point.step for point in points] == [10, 20, 30, 40]
        expected = values.mean(axis=1, dtype=np.float64)
        shown = [tensor_util.make_ndarray(point.tensor_proto) for point in points]
        np.testing.assert_allclose(shown, expected, rtol=1e-7)
        last = logs.read_table(whole / "health.csv")[name]
        assert (last.astype(np.float32) == values[:, -1]).all()  # the table keeps the last step's


class Told:
    """Events that remember the points."""

    def __init__(self):
        self.points = []

    def scalars(self, step, points, descriptions):
        self.points.append({"step": step} | points)

    def text(self, *_):
        pass


@pytest.fixture
def shown():
    """A board of an autoencoder, and what it has told."""
    events = Told()
    model = autoencoder.Autoencoder([2], seed=0)
    return board.Board(events, model, health.names(model)), events.points


def row(step):
    return dict.fromkeys(("error", "code_spread", "diversity", "coverage"), 0.0) | {"step": step}


def test_the_speed_counts_steps_by_the_clock(monkeypatch, shown):
    now = [100.0]
    monkeypatch.setattr(board.time, "monotonic", lambda: now[0])
    tested, told = shown
    tested.go_on([], {})
    tested.start_clock(30)
    for step, seconds in ((40, 2.0), (100, 3.0), (101, 0.0)):
        now[0] += seconds
        tested.add({"error": np.float32([1.0])})
        tested.show(row(step), "training")
    assert [point[board.SPEED] for point in told[:2]] == [5.0, 20.0]
    assert np.isfinite(told[2][board.SPEED])


def test_losses_from_the_table_and_from_any_windows_have_one_mean(shown):
    tested, told = shown
    values = np.random.RandomState(0).uniform(0, 3, 1000).astype(np.float32)
    as_text = np.array([float(str(value)) for value in values])
    for start, cuts in ((0, [1, 500]), (700, [900]), (1000, []), (0, [])):
        tested.go_on([], {"error": as_text[:start]})
        tested.start_clock(0)
        for part in np.split(values[start:], cuts):
            tested.add({"error": part})
        tested.show(row(1000), "training")
    means = {point["losses/error"] for point in told}
    assert means == {sum(values.tolist()) / 1000}


def test_every_curve_says_what_it_means(whole):
    events = accumulated(whole)
    curves = events.PluginTagToContent("scalars")
    for tag in curves:
        description = events.SummaryMetadata(tag).summary_description
        name = tag.partition("/")[2]
        known = gan_health.DESCRIPTIONS | health.DESCRIPTIONS | {"steps_per_second": "of the clock"}
        assert known[name] in description, tag
    assert len(curves) == 2 + 4 + 4 + 1
    loss = events.SummaryMetadata("losses/g_loss").summary_description
    assert loss.startswith("Mean over the steps since the point before, in nats.")
    # With the first point alone: the same text again would only make the file larger.
    text = gan_health.DESCRIPTIONS["d_real"].encode()
    assert (whole / EVENTS).read_bytes().count(text) == 1


def test_the_verdict_is_told_where_it_changes(whole):
    told = [
        (event.step, tensor_util.make_ndarray(event.tensor_proto).item().decode())
        for event in accumulated(whole).Tensors(board.VERDICT)
    ]
    assert told == [(10, "training"), (20, "diverging"), (40, "training")]


def test_histograms_are_folded_by_player_and_layer(whole):
    tags = accumulated(whole).Tags()["histograms"]
    assert {"generator/dense_0/kernel", "discriminator/dense_1/bias"} < set(tags)
    assert {tag.partition("/")[0] for tag in tags} == {"generator", "discriminator", "average"}


def test_the_hyper_parameters_are_what_the_numbers_depend_on(whole):
    shown = started(whole)
    assert (shown["data"], shown["hidden_size"], shown["average_decay"]) == ("ring", 8, 0.9)
    assert shown["mirror"] is False
    assert not {"num_steps", "log_every_steps", "run_dir", "image_dir"} & shown.keys()


def test_the_hyper_parameters_of_a_model_that_the_config_does_not_describe(tmp_path):
    source = Arrays({"real": np.zeros([8, 2], np.float32)}, batch_size=4, name="zeros")
    run = Run(autoencoder.Autoencoder([2], seed=0), source, tmp_path, seed=3)
    run.train(num_steps=1, shows_progress=False)
    shown = started(tmp_path)
    assert (shown["data"], shown["batch_size"], shown["seed"]) == ("zeros", 4, 3)
    assert shown["code_size"] == autoencoder.Autoencoder.code_size
    assert shown["optimizer/learning_rate"] == 0.01
    assert "network" not in shown


def test_a_directory_of_images_is_the_data(small_config):
    config = small_config(image_dir="photos").to_dict()
    made = {"config": config, "model": {"made_by": identity.FROM_CONFIG, "settings": {}}}
    assert identity.hyper_parameters(made)["data"] == "photos"


def test_a_run_that_is_done_says_so_and_stays_done(whole, rig):
    status, seconds = ended(whole)
    assert status == api_pb2.STATUS_SUCCESS
    start = session(
        accumulated(whole),
        metadata.SESSION_START_INFO_TAG,
        metadata.parse_session_start_info_plugin_data,
    ).start_time_secs
    assert 0 <= seconds - start < 3600
    before = (whole / EVENTS).read_bytes()
    rig.train(whole)
    assert (whole / EVENTS).read_bytes() == before


def test_a_run_that_was_stopped_has_not_ended_and_a_sick_one_has_failed(rig, tmp_path, monkeypatch):
    rig.train_to(tmp_path / "stopped", 13, monkeypatch)
    assert ended(tmp_path / "stopped") is None

    run_steps = rig.traced.run_steps

    def sick(first, number):
        losses = run_steps(first, number)
        return losses if first < 20 else {name: v * np.nan for name, v in losses.items()}

    monkeypatch.setattr(rig, "traced", rig.traced._replace(run_steps=sick))
    with pytest.raises(NonFiniteError):
        rig.train(tmp_path / "sick", checkpoint_every_steps=10)
    assert ended(tmp_path / "sick")[0] == api_pb2.STATUS_FAILURE
    monkeypatch.undo()
    monkeypatch.setattr(RunFolder, "finish", lambda self: None)
    rig.train(tmp_path / "sick")
    assert ended(tmp_path / "sick")[0] == api_pb2.STATUS_SUCCESS


def told(path):
    """All that a file of events says but the time of day, the speed, and the flags of the start."""
    found = []
    for event in EventFileLoader(str(path / EVENTS)).Load():
        event.wall_time = 0.0
        for value in event.summary.value:
            if value.tag == board.SPEED:
                assert tensor_util.make_ndarray(value.tensor) > 0
                value.ClearField("tensor")
            if value.tag == "config":
                value.ClearField("tensor")
            plugin = value.metadata.plugin_data
            if plugin.plugin_name == metadata.PLUGIN_NAME:
                plugin.content = timeless(plugin.content)
        found.append(event.SerializeToString(deterministic=True))
    return found


def timeless(content):
    """What the plugin of hyper-parameters reads, without the time."""
    data = plugin_data_pb2.HParamsPluginData.FromString(content)
    if data.HasField("session_start_info"):
        data.session_start_info.ClearField("start_time_secs")
    if data.HasField("session_end_info"):
        data.session_end_info.ClearField("end_time_secs")
    return data.SerializeToString(deterministic=True)


@pytest.mark.parametrize("stops", [(5,), (10,), (13, 27), (1, 19, 20, 21, 39)])
def test_a_resumed_run_tells_what_an_uninterrupted_one_tells(
    stops, rig, whole, tmp_path, monkeypatch
):
    for step in stops:
        rig.train_to(tmp_path, step, monkeypatch)
    rig.train(tmp_path)
    assert len(told(whole)) == 18
    assert told(tmp_path) == told(whole)
