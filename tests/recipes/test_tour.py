"""The notebook runs from its first cell to its last, and shows what it says."""

import json

import pytest

from tfgan.cli import flags

TOUR = flags.RECIPES / "tour.ipynb"


def test_it_is_committed_without_outputs():
    cells = json.loads(TOUR.read_text())["cells"]
    assert all(not cell["outputs"] for cell in cells if cell["cell_type"] == "code")


@pytest.mark.slow
def test_it_runs(tmp_path):
    import nbclient
    import nbformat

    notebook = nbformat.read(TOUR, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    said = [o for cell in notebook.cells for o in cell.get("outputs", ())]
    texts = "".join(o.get("text", "") for o in said)
    assert "V = -1.3863, -log 4 = -1.3863" in texts
    assert "['discriminate', 'sample', 'serving_default']" in texts
    pictures = [o for o in said if "image/png" in o.get("data", {})]
    assert len(pictures) == 2
    assert list(tmp_path.iterdir()) == []  # whatever it leaves goes where it says
