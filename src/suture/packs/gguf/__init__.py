"""GGUF files: read, written, compared, and the number formats in them."""
