"""Prepares a base: from a GGUF file or a Hugging Face directory to one directory that is trained on and packed from."""
