"""Hugging Face directories: weights, settings, tokenizer and chat template, as transformers reads them."""
