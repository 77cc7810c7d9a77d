"""Checks a running TensorFlow Serving: it asks for all that an export offers, as a client would.

    python -m tfgan.serving_check --address=host:8500 --model=digits
    python -m tfgan.serving_check --address=host:8500 --rest_address=host:8501 --model=digits

Over gRPC, with the official messages (pip install 'tensorflow-serving-api>=2.21,<2.22'): model
status, metadata, each signature at batch sizes from 1 to 257 (each row against the single call),
malformed requests, labels of no class. Over REST: status and a picture, which must be gRPC's. Then
latency and throughput. Exit status: 0 all is as it should be, 1 not, 2 bad input.
"""

from tfgan.cli import flags

EXTRA = {
    "address": flags.Flag(str, "localhost:8500", "Host and port of the server's gRPC."),
    "rest_address": flags.Flag(str, "", "Host and port of its REST. Empty: REST is not asked."),
    "model": flags.Flag(str, "digits", "Name of the model, as the server's --model_name."),
    "requests": flags.Flag(int, 50, "Timed requests for each signature and batch size."),
    "timeout_seconds": flags.Flag(float, 30.0, "How long a response may take."),
}


def main(address: str, rest_address: str, model: str, requests: int, timeout_seconds: float) -> int:
    """Checks all and prints a line for each; returns the exit status."""
    from tfgan.serving import check

    client = check.Client(address, model, timeout_seconds)
    versions = client.versions()
    failures = check.report("a version is ready", bool(versions), f"{versions}")
    signatures = client.signatures()
    failures += check.report(
        "metadata", "serving_default" in signatures, ", ".join(sorted(signatures))
    )
    for name, signature in sorted(signatures.items()):
        failures += check.check_batches(client, name, signature)
        failures += check.check_malformed(client, name, signature)
        failures += check.check_labels(client, name, signature)
    if rest_address:
        failures += check.check_rest(client, rest_address, signatures["sample"])
    for name, signature in sorted(signatures.items()):
        check.measure(client, name, signature, requests)
    print(f"{failures} failures" if failures else "all is as it should be")
    return 1 if failures else 0


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
