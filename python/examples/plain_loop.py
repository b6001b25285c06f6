"""A plain PyTorch loop: the class sampler in place of ``shuffle=True``, and one line after validation.

python examples/plain_loop.py
"""

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from imbalanced_art.torch import ArtSampler, ShuffleSampler


def rings(n, seed):
    """Four rings around one another, each with a quarter of the rows of the one inside it."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), [n, n // 4, n // 16, n // 64])
    angle = generator.uniform(0, 2 * np.pi, len(labels))
    radius = 1 + 0.7 * labels + generator.normal(0, 0.3, len(labels))
    features = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return torch.tensor(features, dtype=torch.float32), torch.from_numpy(labels)


def macro_f1(counts):
    hits = np.diag(counts)
    return float(np.mean(2 * hits / np.maximum(counts.sum(0) + counts.sum(1), 1)))


def train(make_sampler, n_epochs=30):
    torch.manual_seed(0)
    (X, y), (X_valid, y_valid), (X_test, y_test) = (rings(2000, seed) for seed in range(3))
    sampler = make_sampler(y, seed=1)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, sampler=sampler)
    model = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for epoch in range(n_epochs):
        sampler.set_epoch(epoch)
        for features, labels in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(features), labels).backward()
            optimizer.step()
        with torch.no_grad():
            sampler.observe(y_valid, model(X_valid).argmax(1))
    with torch.no_grad():
        predicted = model(X_test).argmax(1)
    return macro_f1(sampler.sampler.confusion(y_test, predicted)), sampler.distribution


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, sampler in [("every row once", ShuffleSampler), ("ART", ArtSampler)]:
        score, shares = train(sampler)
        print(f"{name:15} macro F1 {100 * score:.1f}, class shares {np.round(shares, 2).tolist()}")
