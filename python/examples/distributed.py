"""Two processes with ``DistributedDataParallel``; each draws its half of one epoch, and validates on its half of the rows.

python examples/distributed.py [PROCESSES]
"""

import os
import socket
import sys

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from plain_loop import macro_f1, rings
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset

from imbalanced_art.torch import BreakEvenSampler


def work(rank, n, port):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=n)
    train(rank, n)
    # A process that left early would take the connection from the others. The wrapped model is gone by now: it would hold the group.
    dist.barrier()
    dist.destroy_process_group()


def train(rank, n):
    torch.manual_seed(0)
    (X, y), (X_valid, y_valid) = rings(2000, 0), rings(2000, 1)
    sampler = BreakEvenSampler(y, seed=1)
    loader = DataLoader(TensorDataset(X, y), batch_size=64 // n, sampler=sampler)
    model = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))
    model = DistributedDataParallel(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    own = slice(rank, None, n)
    for epoch in range(20):
        sampler.set_epoch(epoch)
        for features, labels in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(features), labels).backward()
            optimizer.step()
        with torch.no_grad():
            sampler.observe(y_valid[own], model.module(X_valid[own]).argmax(1))
    sampler.check_agreement()
    if rank == 0:
        with torch.no_grad():
            score = macro_f1(sampler.sampler.confusion(y_valid, model.module(X_valid).argmax(1)))
        print(f"{n} processes, macro F1 {100 * score:.1f} on validation, one state on all of them")


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    mp.spawn(work, (n, port), nprocs=n)
