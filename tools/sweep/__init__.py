"""Sweeps: one promise tried a thousand times or a million, counted, and written down."""
