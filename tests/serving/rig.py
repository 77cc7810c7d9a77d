"""The C loader, compiled once, and what it says of an export."""

import os
import subprocess
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from tfgan import build
from tfgan.config import Config
from tfgan.core.interfaces import Mode
from tfgan.data import kinds
from tfgan.models.gan import GAN
from tfgan.serving import publish
from tfgan.serving.model import Served

HERE = Path(__file__).parent

FAMILIES = {
    "mlp": (dict(network="mlp", hidden_size=64), (8, 8, 1)),
    "mlp_28": (dict(network="mlp", latent_size=100), (28, 28, 1)),
    "mlp_bfloat16": (dict(network="mlp", compute_dtype="bfloat16"), (8, 8, 1)),
    "points": (
        dict(data="ring", network="mlp", latent_size=2, latent_distribution="normal"),
        (2,),
    ),
    "wasserstein": (dict(network="mlp", objective="wasserstein"), (8, 8, 1)),
    "dcgan": (dict(network="dcgan", base_channels=8), (8, 8, 1)),
    "dcgan_norm": (
        dict(network="dcgan", base_channels=8, generator_norm="batch", discriminator_norm="batch"),
        (32, 32, 3),
    ),
    "dcgan_bfloat16": (
        dict(
            network="dcgan",
            base_channels=8,
            generator_norm="batch",
            discriminator_norm="batch",
            compute_dtype="bfloat16",
        ),
        (16, 16, 3),
    ),
}
"""Every network family, and what changes its arithmetic: fields of the config, shape of data."""


SHOW_SET_UP = {
    "TF_CPP_MIN_LOG_LEVEL": "0",
    "TF_CPP_VMODULE": "graph_execution_state=1",
    "ONEDNN_VERBOSE": "2",
}
"""Environment under which TensorFlow and oneDNN say what they make at its first use."""

SET_UP = ("] BuildGraph", ",create:cache_miss,")
"""How they say it: the graph of a signature; a kernel compiled for the sizes of a batch."""


def compile_loader(folder: Path) -> Path:
    """Compiles loader.c with the machine's gcc against the headers and libraries of the wheel."""
    library = tf.sysconfig.get_lib()
    command = ["gcc", "-O1", "-Wall", "-Werror", "-o", folder / "loader", HERE / "loader.c"]
    command += [f"-I{tf.sysconfig.get_include()}", f"-L{library}", f"-Wl,-rpath,{library}"]
    command += ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"]
    subprocess.run(command, check=True)
    return folder / "loader"


def model(config: Config, shape) -> GAN:
    """Makes a model whose every variable, moving statistics included, is as if trained."""
    made = build.build_model(config, {"real": tf.TensorSpec(shape)})
    rng = np.random.RandomState(0)
    for variable in (*made.generator.by_place.values(), *made.discriminator.by_place.values()):
        noise = 0.05 * rng.normal(size=variable.shape)
        variable.assign(variable + noise.astype(np.float32))
    return made


def record(config: Config, shape, step=1000) -> dict:
    """Returns what a run would write on the card."""
    return {
        "step": step,
        "config": config.to_dict(),
        "data": {"shape": list(shape)},
        "checkpoint_sha256": f"{step}",
    }


class Exported:
    """A model that is exported, and what it computes here.

    Args:
      config: of the model.
      shape: of one example.
    """

    def __init__(self, config: Config, shape):
        self.config, self.shape, self.kind = config, tuple(shape), kinds.of_shape(shape)
        self.model = model(config, shape)
        self.served = Served(self.model, self.kind)

    def generate(self, latents) -> np.ndarray:
        """Returns the examples of latents [B, Z]."""
        return self.model.sample({"latents": tf.constant(latents)}).numpy()

    def logits(self, examples) -> np.ndarray:
        """Returns the logits of examples [B, *shape]."""
        return self.model.logits(tf.constant(examples), Mode.INFERENCE, None).numpy()

    def write(self, folder: Path, step: int):
        """Exports it as version `step`."""
        return publish.export(self.served, record(self.config, self.shape, step), folder)


def export(folder: Path, config: Config, shape, step=1000) -> tuple[Path, Exported]:
    """Exports such a model; returns the directory of its version, and the model."""
    made = Exported(config, shape)
    return made.write(folder, step), made


def meta_graph(version: Path):
    """Reads the graph of a version."""
    (graph,) = SavedModel.FromString((version / "saved_model.pb").read_bytes()).meta_graphs
    return graph


def warm_up(version: Path) -> list[tuple[str, np.ndarray]]:
    """Reads the warm-up file: (signature, value of its one input) of each record."""
    requests = []
    for record in tf.data.TFRecordDataset(str(version / publish.WARM_UP)).as_numpy_iterator():
        request = fields(fields(fields(record)[6])[1])
        tensor = TensorProto.FromString(fields(request[2])[2])
        requests.append((fields(request[1])[3].decode(), tf.make_ndarray(tensor)))
    return requests


def fields(message: bytes) -> dict[int, bytes]:
    """Reads a protobuf message, all of whose fields hold bytes; the last of each number counts."""
    found = {}
    while message:
        number, size, shift, at = message[0] >> 3, 0, 0, 1
        while True:
            size |= (message[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if message[at - 1] < 128:
                break
        found[number], message = message[at : at + size], message[at + size :]
    return found


class Loader:
    """Asks the loader about one version.

    Args:
      program: the compiled loader.
      version: the folder of the version.
      work: a folder for tensors on their way.
    """

    def __init__(self, program: Path, version: Path, work: Path):
        self.program, self.version, self.work = program, version, work
        self.signatures = meta_graph(version).signature_def
        self._lines, self._fetched = [], []

    def ask(self, signature: str, values, times: int = 1) -> None:
        """Notes a request: a signature by name, the value of its one input, or values by name."""
        number = len(self._fetched)
        definition = self.signatures[signature]
        if not isinstance(values, dict):
            values = dict.fromkeys(definition.inputs, values)
        for name, value in values.items():
            self.ask_tensor(definition.inputs[name].name, value, f"in{number}_{name}")
        fetched = {}
        for name, output in definition.outputs.items():
            fetched[name] = self.work / f"out{number}_{name}"
            self._lines.append(f"fetch {output.name} {fetched[name]}")
        self._lines.append(f"run {times}")
        self._fetched.append(fetched)

    def ask_tensor(self, tensor: str, value: np.ndarray, file: str) -> None:
        """Notes a tensor to feed."""
        value.tofile(self.work / file)
        dims = ",".join(map(str, value.shape)) or "-"
        dtype = tf.as_dtype(value.dtype).as_datatype_enum
        self._lines.append(f"feed {tensor} {dtype} {dims} {self.work / file}")

    def answers(
        self, threads: int = 0, show_set_up: bool = False
    ) -> list[dict[str, np.ndarray] | str | None]:
        """Runs what was noted in one process; returns outputs by name, or an error's text, each.

        The times are in `seconds` then, a list for each request. With `show_set_up`, `set_up` has
        the lines about what each request was the first one to need.
        """
        lines, fetched = self._lines, self._fetched
        self._lines, self._fetched = [], []
        done = subprocess.run(
            [self.program, "run", self.version, str(threads)],
            input="".join(f"{line}\n" for line in lines),
            stdout=subprocess.PIPE,
            # In one stream, in which each line stands before the end of the request it is about.
            stderr=subprocess.STDOUT if show_set_up else subprocess.PIPE,
            env=os.environ | (SHOW_SET_UP if show_set_up else {}),
            text=True,
        )
        assert done.returncode == 0, done.stderr or done.stdout
        said, self.set_up, lines = [], [], []
        _, _, after_loading = done.stdout.partition("loaded ")
        for line in after_loading.splitlines()[1:]:
            if line.startswith(("run ", "error ")):
                said.append(line)
                self.set_up.append(lines)
                lines = []
            elif any(sign in line for sign in SET_UP):
                lines.append(line)
        assert len(said) == len(fetched)
        self.seconds = [
            [float(micros) / 1e6 for micros in line.split()[1:]] if line[:3] == "run" else None
            for line in said
        ]
        return [
            {name: read(path) for name, path in paths.items()} if line[:3] == "run" else line
            for line, paths in zip(said, fetched, strict=True)
        ]


def read(path: Path) -> np.ndarray:
    """Reads a tensor that the loader has written."""
    header, _, data = path.read_bytes().partition(b"\n")
    number, dims = header.decode().split(" ")
    dtype, shape = tf.as_dtype(int(number)), [int(size) for size in dims.split(",") if size]
    if dtype != tf.string:
        return np.frombuffer(data, dtype.as_numpy_dtype).reshape(shape)
    strings = []
    while data:
        end = 8 + int.from_bytes(data[:8], "little")
        strings.append(data[8:end])
        data = data[end:]
    return np.array(strings, object).reshape(shape)


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    """Says whether two arrays agree in dtype, shape and every bit."""
    return (one.dtype, one.shape) == (other.dtype, other.shape) and (
        one.tobytes() == other.tobytes() if one.dtype != object else one.tolist() == other.tolist()
    )
