"""The C loader, compiled once."""

from tests.serving.conftest import loader_program  # noqa: F401
