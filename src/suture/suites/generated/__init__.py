"""Suites that are made from a seed, not read from a file: the same bytes in every process and every version of Python."""
