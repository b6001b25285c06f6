"""Sound: speakers told apart by a vowel, most of them seldom heard. A small recurrent network, with the sampler in its loop.

    pip download --no-deps aeon==1.6.0
    python examples/sound.py aeon-1.6.0-py3-none-any.whl [--quick]

The data are JapaneseVowels (Kudo, Toyama and Shimbo, 1999), UCI Machine Learning Repository, CC BY 4.0, in aeon's wheel.
"""

import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from results import Runs, macro_f1

from imbalanced_art import decisions
from imbalanced_art.torch import ArtSampler, BreakEvenSampler, PowerSampler, ShuffleSampler

FILES = "aeon/datasets/data/JapaneseVowels/JapaneseVowels_"
CLASSES, TEST, VALID, MOST, FACTOR, EPOCHS, SEEDS = 9, 15, 6, 33, 0.09, 40, 10


def utterances(wheel):
    """12 cepstra at 29 times at most, 0 after the end; the length and the speaker of each."""
    with zipfile.ZipFile(wheel) as files:
        train, test = (files.read(f"{FILES}{part}.ts").decode().split("@data")[1].split() for part in ("TRAIN", "TEST"))
    sounds, speakers = [], []
    for line in train + test:
        *columns, speaker = line.split(":")
        sound = np.array([column.split(",") for column in columns], dtype=np.float32)
        sounds.append(np.pad(sound, ((0, 0), (0, 29 - sound.shape[1]))).T)
        speakers.append(int(speaker) - 1)
    return torch.from_numpy(np.stack(sounds)), torch.tensor(speakers)


def parts(y, seed):
    """Training rows from 33 down to 3 of a speaker, and as many of each to validate and to test; the seed says who is rare."""
    random = np.random.default_rng(seed)
    train, valid, test = [], [], []
    for rank, speaker in enumerate(random.permutation(CLASSES)):
        rows, n = random.permutation(np.flatnonzero(y == speaker)), round(MOST * FACTOR ** (rank / (CLASSES - 1)))
        test, valid = [*test, *rows[:TEST]], [*valid, *rows[TEST:][:VALID]]
        train += [*rows[TEST + VALID :][:n]]
    return train, valid, test


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = torch.nn.GRU(12, 32, batch_first=True, bidirectional=True)
        self.out = torch.nn.Linear(64, CLASSES)

    def forward(self, sounds):
        states, is_heard = self.recurrent(sounds)[0], (sounds != 0).any(2, keepdim=True)
        return self.out((states * is_heard).sum(1) / is_heard.sum(1))


def scores(X, y, rows, sampler_of, seed, epochs):
    """Macro F1 on test rows at the best validation loss; to equal classes tauE corrects the drawn shares and no more."""
    train, valid, test = rows
    torch.manual_seed(seed)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    sampler = sampler_of(y[train], num_replicas=1, rank=0, seed=seed)
    X_train, y_train, best = X[train], y[train], (np.inf,)
    for _ in range(epochs):
        drawn = sampler.distribution
        network.train()
        for batch in torch.tensor(list(sampler)).split(16):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(X_train[batch]), y_train[batch]).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            of_valid, of_test = network(X[valid]), network(X[test])
        sampler.observe(y[valid], of_valid.argmax(1))
        loss = torch.nn.functional.cross_entropy(of_valid, y[valid]).item()
        if loss < best[0]:
            best = (loss, of_valid, of_test, drawn)
    _, of_valid, of_test, drawn = best
    rule = decisions.tau_e(y[valid], of_valid, class_prior="balanced", model_prior=drawn, from_logits=True)
    return macro_f1(y[test], of_test, rule)


if __name__ == "__main__":
    torch.set_num_threads(1)  # small steps
    wheel, quick = Path(*sys.argv[1:2]), "--quick" in sys.argv
    if not wheel.is_file():
        sys.exit(f"skipped: the wheel of aeon is not here.\n{__doc__}")
    X, y = utterances(wheel)
    settings = {"train": [MOST, FACTOR], "valid": VALID, "test": TEST, "epochs": EPOCHS, "test_over_train": 0.79}
    about = "speakers told apart by a vowel (JapaneseVowels), 33 to 3 training rows of each, equal test classes; a GRU."
    runs = Runs("sound", about, settings, keep=not quick)
    for seed in range(2 if quick else SEEDS):
        rows = parts(y, seed)
        for sampler in (ShuffleSampler, PowerSampler, ArtSampler, BreakEvenSampler):
            runs.do(sampler.__name__, seed, scores, X, y, rows, sampler, seed, 10 if quick else EPOCHS)
    print(runs.table())
