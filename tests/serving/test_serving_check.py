"""The client of tfgan.serving_check: against a real server where there is one, else a stand-in.

The stand-in speaks the official messages over gRPC and REST and answers from the export through
`tf.saved_model.load`. It shows that the client asks and judges rightly; of the server's own code it
shows nothing: that is what TFSERVING_ADDR is for.
"""

import base64
import http.server
import importlib.util
import json
import os
import threading
from concurrent import futures

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance import entries
from tests.serving import rig
from tfgan import serving_check
from tfgan.core.checks import InputError
from tfgan.serving import publish
from tfgan.serving.model import Served

if importlib.util.find_spec("tensorflow_serving") is None:  # one that is broken is an error
    pytest.skip("tensorflow-serving-api is not installed", allow_module_level=True)
import grpc  # noqa: E402
from tensorflow_serving.apis import (  # noqa: E402
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)


class StandIn(
    prediction_service_pb2_grpc.PredictionServiceServicer,
    model_service_pb2_grpc.ModelServiceServicer,
):
    """Answers as a server would."""

    def __init__(self, version):
        self.version = version
        self.signatures = tf.saved_model.load(str(version)).signatures
        self.spoil = lambda signature, outputs: outputs

    def run(self, signature, inputs):
        outputs = self.signatures[signature](**{n: tf.constant(v) for n, v in inputs.items()})
        return self.spoil(signature, {name: value.numpy() for name, value in outputs.items()})

    def GetModelStatus(self, request, context):  # noqa: N802
        answer = get_model_status_pb2.GetModelStatusResponse()
        answer.model_version_status.add(version=int(self.version.name), state=30)
        return answer

    def GetModelMetadata(self, request, context):  # noqa: N802
        found = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in rig.meta_graph(self.version).signature_def.items():
            found.signature_def[name].CopyFrom(signature)
        answer = get_model_metadata_pb2.GetModelMetadataResponse()
        answer.metadata["signature_def"].Pack(found)
        return answer

    def Predict(self, request, context):  # noqa: N802
        inputs = {name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()}
        try:
            outputs = self.run(request.model_spec.signature_name, inputs)
        except Exception as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        answer = predict_pb2.PredictResponse()
        for name, value in outputs.items():
            answer.outputs[name].CopyFrom(tf.make_tensor_proto(value))
        return answer


def with_labels(folder):
    """Exports a GAN whose signatures take labels too; returns the directory of its version."""
    model, source = entries.labelled()
    about = {"step": 1, "checkpoint_sha256": "1"}
    return publish.export(Served(model, source.kind), about, folder / "labels")


@pytest.fixture
def stand_in(exported, request, tmp_path):
    """Starts one; returns it and its two addresses."""
    labels = getattr(request, "param", "") == "labels"
    made = StandIn(with_labels(tmp_path) if labels else exported("dcgan")[0])
    server = grpc.server(futures.ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(made, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(made, server)
    port = server.add_insecure_port("localhost:0")
    server.start()

    class Rest(http.server.BaseHTTPRequestHandler):
        def answer(self, content):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def do_GET(self):  # noqa: N802
            self.answer({"model_version_status": [{"state": "AVAILABLE"}]})

        def do_POST(self):  # noqa: N802
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            types = {"seed": np.int64, "label": np.int32}
            columns = {
                name: np.array([instance[name] for instance in asked["instances"]], types[name])
                for name in asked["instances"][0]
            }
            rows = made.run("sample", columns)["png_bytes"]
            encoded = [{"png_bytes": {"b64": base64.b64encode(png).decode()}} for png in rows]
            self.answer({"predictions": encoded})

        def log_message(self, *_):
            pass

    rest = http.server.ThreadingHTTPServer(("localhost", 0), Rest)
    threading.Thread(target=rest.serve_forever, daemon=True).start()
    yield made, f"localhost:{port}", f"localhost:{rest.server_port}"
    rest.shutdown()
    rest.server_close()
    server.stop(0)


@pytest.mark.parametrize("stand_in", ["latents", "labels"], indirect=True)
def test_a_good_server_passes(stand_in, capsys):
    _, address, rest = stand_in
    assert serving_check.main(address, rest, "digits", 3, 30.0) == 0
    said = capsys.readouterr().out
    assert "FAIL" not in said
    assert "ok   REST picture is gRPC's" in said
    assert "sample, 257 rows: p50" in said
    assert said.count(", label -1: INVALID_ARGUMENT") == (3 if "label" in asked_by(stand_in) else 0)


def asked_by(stand_in):
    """Names of what "sample" takes."""
    return stand_in[0].signatures["sample"].structured_input_signature[1]


@pytest.mark.parametrize("stand_in", ["labels"], indirect=True)
def test_a_label_of_no_class_that_is_answered_is_seen(stand_in, capsys):
    made, address, rest = stand_in
    run = made.run
    made.run = lambda signature, inputs: run(
        signature, {name: v % 3 if name == "label" else v for name, v in inputs.items()}
    )
    assert serving_check.main(address, rest, "digits", 1, 30.0) == 1
    said = capsys.readouterr().out
    failed = [line for line in said.splitlines() if line.startswith("FAIL")]
    assert len([line for line in failed if line.endswith(": was answered")]) >= 6
    assert "FAIL sample, label -1: was answered" in failed


def test_a_row_that_changes_with_its_neighbours_is_seen(stand_in, capsys):
    made, address, rest = stand_in

    def spoil(signature, outputs):
        name = {"sample": "images", "discriminate": "logits"}.get(signature)
        if name and len(outputs[name]) == 5:
            outputs[name] = outputs[name] + np.ones([], outputs[name].dtype)
        return outputs

    made.spoil = spoil
    assert serving_check.main(address, rest, "digits", 1, 30.0) == 1
    said = capsys.readouterr().out
    failed = [line.partition(":")[0] for line in said.splitlines() if line.startswith("FAIL")]
    assert failed == ["FAIL discriminate, 5 rows", "FAIL sample, 5 rows"]


def test_no_server_is_one_line():
    with pytest.raises(InputError, match="localhost:1: .*UNAVAILABLE"):
        serving_check.main("localhost:1", "", "digits", 1, 5.0)


@pytest.mark.skipif("TFSERVING_ADDR" not in os.environ, reason="no TFSERVING_ADDR: no real server")
def test_a_real_server():
    """TFSERVING_ADDR=host:8500, and TFSERVING_REST_ADDR and TFSERVING_MODEL where they are set."""
    rest = os.environ.get("TFSERVING_REST_ADDR", "")
    model = os.environ.get("TFSERVING_MODEL", "digits")
    assert serving_check.main(os.environ["TFSERVING_ADDR"], rest, model, 50, 30.0) == 0
