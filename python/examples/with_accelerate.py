"""Accelerate divides the stream itself: the sampler is made unsharded, on every process alike.

python examples/with_accelerate.py [PROCESSES]
"""

import os
import socket
import sys

import torch
import torch.multiprocessing as mp
from plain_loop import macro_f1, rings
from torch.utils.data import DataLoader, TensorDataset

from imbalanced_art.torch import BreakEvenSampler


def work(rank, n, port):
    os.environ.update(
        MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), RANK=str(rank), WORLD_SIZE=str(n), LOCAL_RANK=str(rank)
    )
    torch.set_num_threads(1)
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    torch.manual_seed(0)
    (X, y), (X_valid, y_valid) = rings(1000, 0), rings(1000, 1)
    sampler = BreakEvenSampler(y, seed=1, num_replicas=1, rank=0)
    rows = TensorDataset(X, y, torch.arange(len(y)))
    loader = DataLoader(rows, batch_size=64 // n, sampler=sampler)
    model = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    own = slice(rank, None, n)
    for epoch in range(15):
        loader.set_epoch(epoch)
        seen = []
        for features, labels, numbers in loader:
            optimizer.zero_grad()
            accelerator.backward(torch.nn.functional.cross_entropy(model(features), labels))
            optimizer.step()
            seen.append(accelerator.gather(numbers))
        drawn = torch.from_numpy(sampler.sampler.draw(epoch + 1))
        assert (torch.cat(seen)[: len(drawn)] == drawn).all()
        with torch.no_grad():
            plain = accelerator.unwrap_model(model)
            sampler.observe(y_valid[own], plain(X_valid[own]).argmax(1))
    sampler.check_agreement()
    with torch.no_grad():
        score = macro_f1(sampler.sampler.confusion(y_valid, plain(X_valid).argmax(1)))
    accelerator.print(f"Accelerate, {n} processes: macro F1 {100 * score:.1f} on validation")
    accelerator.wait_for_everyone()
    accelerator.end_training()


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    mp.spawn(work, (n, port), nprocs=n)
