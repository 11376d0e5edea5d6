"""Training: rows into a LoRA adapter, and adapters into merged weights. The only package that imports torch."""

from suture.core.moved import keep_old_names

keep_old_names()
