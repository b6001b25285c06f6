"""The Hugging Face ``Trainer``: one hook gives it the sampler, ``compute_metrics`` shows the sampler what came out.

python examples/with_trainer.py
"""

import tempfile

import torch
from plain_loop import macro_f1, rings
from transformers import Trainer, TrainingArguments

from imbalanced_art.torch import BreakEvenSampler


class SampledTrainer(Trainer):
    """A trainer whose rows a class sampler chooses; it divides the stream among processes itself."""

    def __init__(self, *args, class_sampler, **kwargs):
        self.class_sampler = class_sampler
        super().__init__(*args, **kwargs)

    def _get_train_sampler(self, train_dataset=None):
        return self.class_sampler


class Rows(torch.utils.data.Dataset):
    def __init__(self, features, labels):
        self.features, self.labels, self.asked = features, labels, []

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, row):
        self.asked.append(row)
        return {"features": self.features[row], "labels": self.labels[row]}


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))

    def forward(self, features, labels=None):
        logits = self.net(features)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


if __name__ == "__main__":
    train, valid = Rows(*rings(1000, 0)), Rows(*rings(1000, 1))
    sampler = BreakEvenSampler(train.labels, seed=1, num_replicas=1, rank=0)

    def compute_metrics(prediction):
        # Every process has all rows here.
        counts = sampler.sampler.confusion(prediction.label_ids, prediction.predictions.argmax(1))
        sampler.observe(confusion=counts, reduce=False)
        return {"macro_f1": macro_f1(counts)}

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            num_train_epochs=10,
            per_device_train_batch_size=64,
            per_device_eval_batch_size=256,
            learning_rate=3e-3,
            eval_strategy="epoch",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            logging_strategy="no",
            use_cpu=True,
            seed=0,
        )
        trainer = SampledTrainer(
            Classifier(),
            arguments,
            train_dataset=train,
            eval_dataset=valid,
            compute_metrics=compute_metrics,
            class_sampler=sampler,
        )
        trainer.train()
    assert train.asked[: len(train)] == list(BreakEvenSampler(train.labels, seed=1))
    assert sampler.sampler.refreshes == 10
    scores = [entry["eval_macro_f1"] for entry in trainer.state.log_history if "eval_macro_f1" in entry]
    print(f"Trainer: {len(train.asked) // len(train)} epochs, macro F1 {100 * scores[-1]:.1f} on validation")
