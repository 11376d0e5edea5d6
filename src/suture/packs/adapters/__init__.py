"""LoRA adapters: read, taken in, scaled, written for llama.cpp, and the check of a merge."""
