"""Moved: ``prepare_base`` needs no torch and lives in ``suture.packs.prepare``.

This name stays only until the command line imports it from there; looked up when run, because packs and training are
siblings that must not import each other.
"""

from importlib import import_module

prepare_base = import_module("suture.packs.prepare").prepare_base
