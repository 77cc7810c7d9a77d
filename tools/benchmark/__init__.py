"""Session, port, PyTorch and JAX side by side: `python -m tools.benchmark`."""
