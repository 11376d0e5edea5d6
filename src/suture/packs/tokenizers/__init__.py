"""Kinds of tokenizers, as llama.cpp names them and as a ``tokenizer.json`` spells them out."""
