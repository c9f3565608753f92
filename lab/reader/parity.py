"""Checks the GGUF against the training framework: token ids on awkward strings, scores on 200 inputs."""

from __future__ import annotations

import argparse
import random
import unicodedata
from pathlib import Path

import llama_cpp
import numpy as np
import torch

from lab.data import WORK, news, parallel, questions
from lab.reader import encoder, export, vocabulary
from rag.reading.llama import TokenEncoder
from rag.text.wordpiece import CLS, SEP, WordPiece

AWKWARD = [
    "22/10/2025 pukul 14.30 WIB",
    "Rp1.250.000,50 (US$ 80)",
    "1.800 anggota, 3,5% dan 10^6",
    "Sergei Shoigu–Matsegora di Pyongyang…",
    "Čížek, Müller, Nguyễn Văn Thiệu, São Paulo, Ångström, İstanbul, ﬁnal, ½ ²",
    "e\u0301cole cafe\u0301 n\u0303",
    "🙂👍🏽 hebat!!! 👨‍👩‍👧",
    "東京は日本の首都 北京 한국어 日本",
    "Москва العربية हिन्दी ไทย",
    "`code` $5 <b>x</b> ~a^b|c = d + e",
    "zero\u200bwidth\u00adsoft\ufeff bom \u2028 line\u00a0nbsp\u3000wide",
    "KOMPAS.com - “Kami” ‘siap’, kata-kata—nya",
    "123456789012345678901234567890",
    "a" * 300,
    "",
    "   ",
    "\x00\x07 control\tchars\r\n",
    "[CLS] [MASK] [SEP] [UNK]",
]


def tokens(llama: llama_cpp.Llama, text: str) -> list[int]:
    """llama.cpp's own tokens, without those of its start and end."""
    return list(llama.tokenize(text.encode(), add_bos=False, special=False))


def strings(count: int) -> list[str]:
    chance = random.Random(0)
    found = [
        text for _, english, indonesian in parallel("parallel_en_id_dev") for text in (english, indonesian)
    ]
    found += [str(article["title"]) for article in news()]
    found += [row.context for row in questions() if row.part == "test"][:500]
    drawn = chance.sample(found, count)
    drawn += ["".join(chr(chance.choice(RANGE)) for _ in range(20)) for _ in range(300)]
    return AWKWARD + drawn


RANGE = [
    code
    for code in [
        *range(0x20, 0x250),
        *range(0x370, 0x530),
        *range(0x5D0, 0x5EB),
        *range(0x1E00, 0x2070),
        *range(0x20A0, 0x20C0),
    ]
    if unicodedata.category(chr(code)) != "Cn"
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, default=export.MODELS / "reader.gguf")
    parser.add_argument("--checkpoint", type=Path, default=WORK / "reader" / "reader.pt")
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--strings", type=int, default=3000)
    given = parser.parse_args()
    product = TokenEncoder(given.gguf, threads=1)
    with np.load(given.gguf.with_suffix(".npz")) as arrays:
        head, bias = arrays["weight"], arrays["bias"]
    llama = llama_cpp.Llama(str(given.gguf), vocab_only=True, verbose=False)
    words = vocabulary.load()
    assert product.vocabulary() == words, "the GGUF holds another vocabulary"
    pieces = WordPiece(words)
    texts = strings(given.strings)
    unlike = [t for t in texts if pieces.encode(t).ids != tokens(llama, t)]
    print(f"tokens agree on {len(texts) - len(unlike)} of {len(texts)} strings")
    for text in unlike[:8]:
        print("  ", repr(text)[:160])
        print("   ", pieces.encode(text).ids[:24], tokens(llama, text)[:24])

    torch.set_num_threads(1)
    trained = encoder.restored(torch.load(given.checkpoint, map_location="cpu", weights_only=True)).eval()
    chance = random.Random(1)
    rows = chance.sample([row for row in questions() if row.part == "dev"], given.inputs)
    inputs = [
        [CLS, *pieces.encode(row.question).ids[:40], SEP, *pieces.encode(row.context).ids[:150], SEP]
        for row in rows
    ]
    with torch.no_grad():
        wanted = [trained(torch.tensor([ids]))[0].numpy() for ids in inputs]
    got = [vectors @ head.T + bias for vectors in product.encode(inputs)]
    gaps = np.concatenate([np.abs(a - b).ravel() for a, b in zip(wanted, got, strict=True)])
    spread = float(np.std(np.concatenate(wanted)))
    same = np.mean([(a.argmax(0) == b.argmax(0)).all() for a, b in zip(wanted, got, strict=True)])
    print(
        f"scores of {given.inputs} inputs, spread {spread:.2f}: mean gap {gaps.mean():.4f}, "
        f"99% {np.quantile(gaps, 0.99):.4f}, largest {gaps.max():.4f}; best start and end alike {same:.3f}"
    )


if __name__ == "__main__":
    main()
