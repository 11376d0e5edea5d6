"""How a model is named, for help texts."""

MODEL_HELP = (
    "A GGUF file, a Hugging Face directory or hub id, package:NAME for a GGUF inside an installed package, or NAME or "
    "NAME@ALIAS for a model of the registry (champion where no alias is written)."
)
