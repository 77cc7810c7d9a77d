"""Mutants: the bugs that GAN code bases are known for, each planted, and the test that sees it."""
