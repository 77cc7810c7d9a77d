"""A client of TensorFlow Serving, and what has to hold of an export that a server has loaded.

Each check prints a line for what it sees, and returns the number of failures.
"""

import base64
import json
import time
import urllib.error
import urllib.request

from tfgan.core.checks import InputError

LABEL = "label"  # of `serving.model`, which a client need not import

SIZES = (1, 2, 3, 5, 17, 64, 257)


class Refused(Exception):  # noqa: N818 (not an error)
    """The server answered by an error: its code and message."""


class Client:
    """A client of one model.

    Args:
      address: host:port of gRPC.
      model: its name.
      timeout_seconds: how long a response may take.

    Raises:
      InputError: the package of the messages is not installed.
    """

    def __init__(self, address: str, model: str, timeout_seconds: float):
        try:
            import grpc
            from tensorflow_serving.apis import (
                get_model_metadata_pb2,
                get_model_status_pb2,
                model_service_pb2_grpc,
                predict_pb2,
                prediction_service_pb2_grpc,
            )
        except ImportError as error:
            raise InputError(f"{error}; pip install 'tensorflow-serving-api>=2.21,<2.22'") from None
        channel = grpc.insecure_channel(address, [("grpc.max_receive_message_length", -1)])
        self._failure = grpc.RpcError
        self._status = get_model_status_pb2
        self._metadata = get_model_metadata_pb2
        self._predict = predict_pb2
        self._models = model_service_pb2_grpc.ModelServiceStub(channel)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        self.address, self.model, self.timeout_seconds = address, model, timeout_seconds

    def versions(self) -> list[int]:
        """Returns the versions that the server has ready."""
        request = self._status.GetModelStatusRequest()
        request.model_spec.name = self.model
        try:
            answer = self._models.GetModelStatus(request, timeout=self.timeout_seconds)
        except self._failure as error:
            raise InputError(f"{self.address}: {error.details()} ({error.code().name})") from None
        ready = self._status.ModelVersionStatus.AVAILABLE
        return [each.version for each in answer.model_version_status if each.state == ready]

    def signatures(self):
        """Returns the SignatureDefs by name."""
        request = self._metadata.GetModelMetadataRequest(metadata_field=["signature_def"])
        request.model_spec.name = self.model
        try:
            answer = self._predictions.GetModelMetadata(request, timeout=self.timeout_seconds)
        except self._failure as error:
            raise InputError(f"{self.address}: {error.details()} ({error.code().name})") from None
        found = self._metadata.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(found)
        return {n: s for n, s in found.signature_def.items() if s.inputs}

    def predict(self, signature: str, inputs):
        """Returns the outputs by name for inputs, arrays by name.

        Raises:
          Refused: the server responds with an error.
        """
        import tensorflow as tf

        request = self._predict.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = self.model, signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        try:
            answer = self._predictions.Predict(request, timeout=self.timeout_seconds)
        except self._failure as error:
            raise Refused(f"{error.code().name}: {error.details()}") from None
        return {output: tf.make_ndarray(tensor) for output, tensor in answer.outputs.items()}


def report(what: str, good: bool, detail: str = "") -> int:
    """Prints a line; returns the number of failures, 0 or 1."""
    print(f"{'ok  ' if good else 'FAIL'} {what}{': ' if detail else ''}{detail}", flush=True)
    return 0 if good else 1


def batch(signature, size: int):
    """Returns a batch for a signature: arrays [size, ...] by the names of its inputs."""
    import numpy as np
    import tensorflow as tf

    rng = np.random.RandomState(0)
    inputs = {}
    for name, info in sorted(signature.inputs.items()):
        shape = [size, *(dim.size for dim in info.tensor_shape.dim[1:])]
        dtype = tf.as_dtype(info.dtype).as_numpy_dtype
        if dtype is np.int64:  # seeds
            inputs[name] = rng.randint(-(2**63), 2**63 - 1, size=shape, dtype=dtype)
        elif np.issubdtype(dtype, np.integer):  # labels: every model with classes has the first
            inputs[name] = np.zeros(shape, dtype)
        else:
            inputs[name] = rng.uniform(-1, 1, size=shape).astype(dtype)
    return inputs


def rows(inputs, start: int, stop: int):
    """Returns some rows of a batch."""
    return {name: values[start:stop] for name, values in inputs.items()}


def check_batches(client: Client, name: str, signature) -> int:
    """Checks each row of each batch against the single call; returns the number of failures."""
    import numpy as np

    failures = 0
    inputs = batch(signature, max(SIZES))
    singles = [client.predict(name, rows(inputs, i, i + 1)) for i in range(17)]
    for size in SIZES:
        try:
            got = client.predict(name, rows(inputs, 0, size))
        except Refused as error:
            # With --enable_batching, the batching file says how large a request may be.
            failures += report(
                f"{name}, {size} rows", "larger than maximum" in str(error), f"{error}"
            )
            continue
        good = got.keys() == signature.outputs.keys()
        for output, found in got.items():
            good &= len(found) == size
            alone = np.concatenate([single[output] for single in singles])[:size]
            if name == "sample":
                good &= found[:17].tolist() == alone.tolist()
            else:
                scale = max(1.0, float(np.abs(alone).max()))
                good &= bool(np.allclose(found[:17], alone, rtol=0, atol=1e-6 * scale))
        failures += report(f"{name}, {size} rows", good, ", ".join(sorted(got)))
    return failures


def check_malformed(client: Client, name: str, signature) -> int:
    """Checks that nonsense is refused and that the server lives; returns the number of failures."""
    import numpy as np

    inputs = batch(signature, 2)
    spoilt, value = next(iter(inputs.items()))
    nonsense = {
        "another dtype": value.astype(np.float64),
        "another rank": value[None, None],
        "another width": np.concatenate([value, value], axis=-1)
        if value.ndim > 1
        else value[:, None],
        "a scalar": value.reshape(-1)[0],
    }
    failures = 0
    for what, bad in nonsense.items():
        try:
            client.predict(name, inputs | {spoilt: bad})
            failures += report(f"{name}, {what}", False, "was answered")
        except Refused as error:
            good = str(error).startswith("INVALID_ARGUMENT")
            failures += report(f"{name}, {what}", good, " ".join(str(error).split())[:100])
    client.predict(name, inputs)
    return failures


def check_labels(client: Client, name: str, signature) -> int:
    """Checks that a number of no class is refused, with what there is; returns the failures."""
    import numpy as np

    failures, inputs = 0, batch(signature, 2)
    for label in (-1, 2**31 - 1) if LABEL in inputs else ():
        try:
            client.predict(name, inputs | {LABEL: np.array([0, label], np.int32)})
            failures += report(f"{name}, label {label}", False, "was answered")
        except Refused as error:
            good = str(error).startswith("INVALID_ARGUMENT") and "classes 0 to" in str(error)
            failures += report(f"{name}, label {label}", good, " ".join(str(error).split())[:100])
    return failures


def check_rest(client: Client, address: str, signature) -> int:
    """Checks status and one picture over REST; returns the number of failures."""
    url = f"http://{address}/v1/models/{client.model}"
    instance = {"seed": 7} | ({LABEL: 0} if LABEL in signature.inputs else {})
    question = json.dumps({"signature_name": "sample", "instances": [instance]}).encode()
    try:
        with urllib.request.urlopen(url, timeout=client.timeout_seconds) as answer:
            states = [each["state"] for each in json.load(answer)["model_version_status"]]
        with urllib.request.urlopen(f"{url}:predict", question, client.timeout_seconds) as answer:
            (row,) = json.load(answer)["predictions"]
    except (urllib.error.URLError, ValueError, KeyError) as error:
        return report("REST", False, str(error))
    failures = report("REST status", "AVAILABLE" in states, ", ".join(states))
    if "png_bytes" in signature.outputs:
        import numpy as np

        asked = {name: np.array([value]) for name, value in instance.items()}
        asked |= {LABEL: asked[LABEL].astype(np.int32)} if LABEL in asked else {}
        expected = client.predict("sample", asked)["png_bytes"][0]
        same = base64.b64decode(row["png_bytes"]["b64"]) == expected
        failures += report("REST picture is gRPC's", same, f"{len(expected)} bytes")
    return failures


def measure(client: Client, name: str, signature, requests: int) -> None:
    """Prints the latency of one client that asks again and again."""
    import numpy as np

    for size in SIZES:
        inputs = batch(signature, size)
        seconds = []
        try:
            for _ in range(requests):
                start = time.perf_counter()
                client.predict(name, inputs)
                seconds.append(time.perf_counter() - start)
        except Refused:
            continue
        p50, p90, p99 = 1e3 * np.percentile(seconds, [50, 90, 99])
        print(
            f"     {name}, {size} rows: p50 {p50:.2f} ms, p90 {p90:.2f} ms, p99 {p99:.2f} ms, "
            f"{size * requests / sum(seconds):.0f} rows/s"
        )
