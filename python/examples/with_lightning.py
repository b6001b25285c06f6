"""Lightning: it leaves the sampler alone, since it is a ``DistributedSampler``, and tells it the epoch.

python examples/with_lightning.py
"""

import logging
import warnings

import lightning
import torch
from plain_loop import macro_f1, rings
from torch.utils.data import DataLoader, TensorDataset

from imbalanced_art.torch import BreakEvenSampler


class Classifier(lightning.LightningModule):
    def __init__(self, sampler):
        super().__init__()
        self.class_sampler = sampler
        self.net = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))
        self.first_epoch, self.counts = [], 0

    def training_step(self, batch, _):
        features, labels, rows = batch
        if self.current_epoch == 0:
            self.first_epoch += rows.tolist()
        return torch.nn.functional.cross_entropy(self.net(features), labels)

    def validation_step(self, batch, _):
        features, labels = batch
        self.counts = self.counts + self.class_sampler.sampler.confusion(labels, self.net(features).argmax(1))

    def on_validation_epoch_end(self):
        # Before training a few batches are validated to see whether it works: that is no epoch.
        if not self.trainer.sanity_checking:
            self.class_sampler.observe(confusion=self.counts)
            self.score = macro_f1(self.counts)
        self.counts = 0

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=3e-3)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    lightning.seed_everything(0, verbose=False)
    (X, y), valid = rings(1000, 0), rings(1000, 1)
    sampler = BreakEvenSampler(y, seed=1)
    model = Classifier(sampler)
    trainer = lightning.Trainer(
        max_epochs=15,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    rows = TensorDataset(X, y, torch.arange(len(y)))
    trainer.fit(
        model, DataLoader(rows, batch_size=64, sampler=sampler), DataLoader(TensorDataset(*valid), batch_size=256)
    )
    assert model.first_epoch == list(BreakEvenSampler(y, seed=1))
    assert sampler.sampler.refreshes == 15
    print(f"Lightning: {trainer.current_epoch} epochs, macro F1 {100 * model.score:.1f} on validation")
