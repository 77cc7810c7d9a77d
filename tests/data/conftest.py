"""What the tests of caches share."""

import pytest

from tfgan.data import fingerprints


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache that is not there yet, and files that are old enough for it at once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fingerprints, "SETTLED_SECONDS", 0)
    return tmp_path / "cache" / "tfgan"
