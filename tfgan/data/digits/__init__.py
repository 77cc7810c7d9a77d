"""The embedded default: handwritten digits that need no download, as a TFDS builder."""
