"""Reviews a second of sentence-transformers: embed.py MODEL SAMPLE [REPEATS] [--threads N] [--batch N].

The counterpart of `cargo run --release -p art-embed --features model --example rate`, on the same texts and
with the same model folder. Prints one line of JSON. Needs `pip install sentence-transformers==6.2.0`.
"""

import argparse
import json
import time
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("sample", type=Path)
    parser.add_argument("repeats", nargs="?", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    arguments = parser.parse_args()

    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(arguments.threads)
    lines = arguments.sample.read_text(encoding="utf-8").split("\n")
    texts = [json.loads(line)["text"] for line in lines if line]
    model = SentenceTransformer(arguments.model, device="cpu")
    assert model.max_seq_length == 256, model.max_seq_length

    def embed(some):
        return model.encode(some, batch_size=arguments.batch)

    embed(texts[:16])
    start = time.perf_counter()
    for _ in range(arguments.repeats):
        embed(texts)
    seconds = time.perf_counter() - start
    rate = arguments.repeats * len(texts) / seconds
    print(json.dumps({"reviews_per_second": rate, "seconds": seconds}))


if __name__ == "__main__":
    main()
