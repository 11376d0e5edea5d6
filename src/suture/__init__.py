"""Suture repairs small language models without losing what they already do well, and proves it."""

__version__ = "0.1.0"
