"""Measures of examples: arrays in, a number out; each agrees with an exact oracle."""
