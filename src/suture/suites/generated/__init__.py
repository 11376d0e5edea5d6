"""Suites that are made from a seed: the same bytes in every process and every version of Python."""
