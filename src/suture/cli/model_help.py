"""How a model is named, for help texts."""

MODEL_HELP = "A GGUF file, a Hugging Face directory or hub id, or package:NAME for a GGUF inside an installed package."
