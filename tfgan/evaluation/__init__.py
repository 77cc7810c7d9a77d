"""How good samples are: examples, extractors, the metrics of a run against real examples."""
