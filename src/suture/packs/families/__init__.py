"""Families of models: what a model's settings mean, and how its tensors are named, in both formats."""
