"""Pictures: long-tailed digits, 1,500 zeros down to 15 nines, a small network with the sampler in its loop.

    python examples/images.py [--quick]

The data are the first 1,500 of each digit of MNIST (LeCun and Cortes, CC BY-SA 3.0), in this repository; classes, network and split are
those of `cargo xtask bench-all --matrix beyond`, whose stored means are told beside.
"""

import csv
import gzip
import sys

import numpy as np
import torch
from results import REPOSITORY, Runs, macro_f1
from sklearn.model_selection import train_test_split
from torch import nn

from imbalanced_art import decisions
from imbalanced_art.torch import ArtSampler, BreakEvenSampler, PowerSampler, ShuffleSampler

COUNTS, EPOCHS, BATCH, SEEDS = [int(1500 * 0.01 ** (digit / 9)) for digit in range(10)], 12, 64, 5
SAMPLERS = [ShuffleSampler, PowerSampler, ArtSampler, BreakEvenSampler]
STORED = ["Baseline", "Square-root sampling", "ART, c 0.5, bf 5", "Break-even feedback"]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def read(name):
    with gzip.open(REPOSITORY / "data" / name) as file:
        content = file.read()
    return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3])


def stored_means():
    """What the project's own trainer reached over 40 seeds."""
    with open(REPOSITORY / "docs/results/beyond/tables/macro_f1.csv") as file:
        rows = {row["method"]: 100 * float(row["mnist_lt_mean"]) for row in csv.DictReader(file)}
    return "; ".join(f"{name} {rows[name]:.1f}" for name in STORED)


def parts(y, seed):
    """70 % training, 15 % validation and 15 % test rows, long-tailed all three."""
    random = np.random.default_rng(seed)
    rows = np.concatenate([random.permutation(np.flatnonzero(y == digit))[:n] for digit, n in enumerate(COUNTS)])
    train, rest = train_test_split(rows, test_size=0.3, stratify=y[rows], random_state=seed)
    return train, *train_test_split(rest, test_size=0.5, stratify=y[rest], random_state=seed)


def network():
    def pooled(channels_in, channels):
        return [nn.Conv2d(channels_in, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]

    head = [nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10)]
    return nn.Sequential(*pooled(1, 16), *pooled(16, 32), *head).to(DEVICE)


def scores(X, y, rows, sampler_of, seed, epochs):
    """Macro F1 on test rows at the best validation loss, of the largest logit and of a decision that is moved."""
    torch.manual_seed(seed)
    model = network()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    X_train, X_valid, X_test = (X[part].to(DEVICE) for part in rows)
    y_train, y_valid, y_test = (y[part].to(DEVICE) for part in rows)
    sampler = sampler_of(y_train, num_replicas=1, rank=0, seed=seed)
    best = (np.inf,)
    for _ in range(epochs):
        drawn = sampler.distribution
        model.train()
        for batch in torch.tensor(list(sampler), device=DEVICE).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(X_train[batch]), y_train[batch]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            of_valid, of_test = model(X_valid), model(X_test)
        sampler.observe(y_valid, of_valid.argmax(1))
        loss = nn.functional.cross_entropy(of_valid, y_valid).item()
        if loss < best[0]:
            best = (loss, of_valid, of_test, drawn)
    _, of_valid, of_test, drawn = best
    rule = decisions.tau_e(y_valid, of_valid, class_prior=COUNTS, model_prior=drawn, from_logits=True)
    return macro_f1(y_test.cpu(), of_test.cpu(), rule)


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    y = torch.from_numpy(read("mnist-pool-labels-idx1-ubyte.gz").astype(np.int64))
    X = torch.from_numpy(read("mnist-pool-images-idx3-ubyte.gz").astype(np.float32)).reshape(-1, 1, 28, 28) / 255
    settings = {"counts": COUNTS, "epochs": EPOCHS, "batch": BATCH, "test_over_train": 0.176}
    about = f"digits, MNIST-LT, 1,500 zeros to 15 nines; a small convolutional network, {EPOCHS} epochs. "
    about += f"The project's own trainer in up to 50 epochs, 40 seeds: {stored_means()}."
    runs = Runs("images", about, settings, keep=not quick)
    for seed in range(2 if quick else SEEDS):
        rows = parts(y.numpy(), seed)
        for sampler in SAMPLERS:
            runs.do(sampler.__name__, seed, scores, X, y, rows, sampler, seed, 1 if quick else EPOCHS)
    print(runs.table())
