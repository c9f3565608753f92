"""The trained network as a GGUF file.

    python -m lab.writer.export GGUF KEPT.json PTH OUT [--layers TYPE] [--table TYPE]

GGUF is the file that training began with: what is not trained, and what describes the network, is taken from
it; the vocabulary is cut to KEPT. The types are those that the `gguf` package can make (Q8_0, Q5_0, Q4_0, …).
The chat template is of one turn, without instructions (`lab.writer.form`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, quants

from lab.data import whole
from lab.writer.form import CLOSE, OPEN
from lab.writer.model import Gemma, read, vocabulary

TEMPLATE = (
    "{{ bos_token }}"
    + OPEN
    + "user\n{% for message in messages %}{{ message['content'] }}{% endfor %}"
    + CLOSE
    # As an expression, since Jinja drops a line break at the end.
    + "{{ '\\n"
    + OPEN
    + "model\\n' }}"
)
"""One turn, whatever the messages are."""
TOKENS = "tokenizer.ggml."
LEFT_OUT = ("tokens", "scores", "token_type")


def described(out: Path, gguf: Path, kept: Sequence[int]) -> GGUFWriter:
    """A writer of a file with all that describes the network, and the cut vocabulary; no arrays yet."""
    reader, own = GGUFReader(gguf), vocabulary(gguf)
    writer = GGUFWriter(out, "gemma3")
    for field in reader.fields.values():
        name = field.name
        if (
            name.startswith("GGUF.")
            or name == "general.architecture"
            or name.removeprefix(TOKENS) in LEFT_OUT
        ):
            continue
        if name.endswith("_token_id"):
            writer.add_uint32(name, kept.index(field.contents()))
            continue
        sub = field.types[1] if len(field.types) > 1 else None
        writer.add_key_value(name, field.contents(), field.types[0], sub)
    writer.add_token_list([own.tokens[old] for old in kept])
    writer.add_token_scores([own.scores[old] for old in kept])
    writer.add_token_types([own.types[old] for old in kept])
    # A reply ends where the turn does.
    writer.add_uint32(f"{TOKENS}eot_token_id", kept.index(own.tokens.index(CLOSE)))
    writer.add_chat_template(TEMPLATE)
    return writer


def close(writer: GGUFWriter) -> None:
    """Writes the file."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("gguf", "kept", "pth", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--layers", default="Q8_0")
    parser.add_argument("--table", default="Q8_0")
    given = parser.parse_args()
    kept = json.loads(given.kept.read_text(encoding="utf-8"))
    arrays = read(given.gguf)
    arrays["token_embd.weight"] = arrays["token_embd.weight"][kept].clone()
    model = Gemma(arrays)
    model.load_state_dict(torch.load(given.pth, weights_only=True)["model"])
    arrays |= model.arrays()
    with whole(given.out) as part:
        writer = described(part, given.gguf, kept)
        for name, value in arrays.items():
            data = value.numpy().astype(np.float32)
            if data.ndim < 2:
                writer.add_tensor(name, data)
                continue
            wanted = GGMLQuantizationType[given.table if name == "token_embd.weight" else given.layers]
            writer.add_tensor(name, quants.quantize(data, wanted), raw_dtype=wanted)
        close(writer)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB, {len(kept)} tokens")


if __name__ == "__main__":
    main()
