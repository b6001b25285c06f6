"""Stops in the middle of an epoch and goes on exactly there, workers and all: torchdata's ``StatefulDataLoader``.

python examples/resume.py
"""

import io

import torch
from torch.utils.data import TensorDataset
from torchdata.stateful_dataloader import StatefulDataLoader

from imbalanced_art.torch import ArtSampler

LABELS = torch.tensor([0] * 900 + [1] * 90 + [2] * 10)
DATA = TensorDataset(torch.arange(len(LABELS)))
COUNTS = [[880, 15, 5], [30, 55, 5], [4, 3, 3]]


def made():
    sampler = ArtSampler(LABELS, seed=1, boost_frequency=1)
    return sampler, StatefulDataLoader(DATA, batch_size=50, sampler=sampler, num_workers=2)


def rows_of(loader):
    return [batch[0].tolist() for batch in loader]


if __name__ == "__main__":
    sampler, loader = made()
    first = rows_of(loader)
    sampler.observe(confusion=COUNTS)
    uninterrupted = rows_of(loader)

    sampler, loader = made()
    rows_of(loader)
    sampler.observe(confusion=COUNTS)
    batches = iter(loader)
    before = [next(batches)[0].tolist() for _ in range(7)]
    file = io.BytesIO()
    torch.save(loader.state_dict(), file)
    print(f"stopped after {len(before)} of {len(uninterrupted)} batches of the second epoch")

    # Another process, made in the same way.
    sampler, loader = made()
    file.seek(0)
    loader.load_state_dict(torch.load(file, weights_only=False))
    after = rows_of(loader)
    assert before + after == uninterrupted
    print(f"the {len(after)} batches after it are those of the run that was not stopped")
