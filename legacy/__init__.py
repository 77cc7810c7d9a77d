"""The document's TF1 script, kept running."""
