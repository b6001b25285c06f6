"""The other side of `cargo xtask bench-peers`: does one piece of work several times and prints the seconds.

theirs.py resample METHOD ROWSxFEATURES FILE REPEATS JOBS
theirs.py train NET EPOCHS SEEDS REPEATS THREADS
theirs.py refresh ROWS CLASSES REPEATS
"""

import json
import resource
import sys
import time

import numpy as np


def timed(repeats, work):
    """Seconds of each of `repeats` runs, after one that is not counted."""
    if repeats > 1:
        work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def report(seconds, result):
    """One line of JSON; the memory is that of the largest process."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(process).ru_maxrss for process in who)
    print(json.dumps({"seconds": seconds, "peak_kib": peak, "result": result}))


def read_data(shape, file):
    rows, features = map(int, shape.split("x"))
    x = np.fromfile(file, dtype="<f4", count=rows * features).reshape(rows, features)
    y = np.fromfile(file, dtype="<u4", offset=4 * rows * features)
    return x, y


def resample(method, shape, file, repeats, jobs):
    from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE
    from imblearn.under_sampling import EditedNearestNeighbours, NearMiss, TomekLinks
    from sklearn.neighbors import NearestNeighbors

    def neighbors(n):
        return NearestNeighbors(n_neighbors=n, n_jobs=jobs)

    x, y = read_data(shape, file)
    if method == "smote":
        sampler = SMOTE(random_state=7, k_neighbors=neighbors(6))
    elif method == "borderline-smote":
        sampler = BorderlineSMOTE(
            random_state=7, k_neighbors=neighbors(6), m_neighbors=neighbors(11)
        )
    elif method == "adasyn":
        sampler = ADASYN(random_state=7, n_neighbors=neighbors(6))
    elif method == "tomek":
        sampler = TomekLinks(n_jobs=jobs)
    elif method == "enn":
        sampler = EditedNearestNeighbours(n_neighbors=3, n_jobs=jobs)
    else:
        sampler = NearMiss(version=int(method[-1]), n_jobs=jobs)
    rows = []
    seconds = timed(repeats, lambda: rows.append(len(sampler.fit_resample(x, y)[1])))
    return seconds, rows[-1]


def network(net):
    from torch import nn

    if net == "mlp-8-64-64-2":
        sizes = [8, 64, 64, 2]
    elif net == "mlp-384-128-2":
        sizes = [384, 128, 2]
    else:
        return nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(1568, 64),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(64, 10),
        )
    layers = []
    for inputs, outputs in zip(sizes[:-2], sizes[1:-1]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, nn.Linear(*sizes[-2:]))


def train_one(net, epochs, seed):
    """One training as ours: shuffled batches, cross-entropy, AdamW, cosine, a validation loss an epoch."""
    import torch
    from torch.nn.functional import cross_entropy

    rows, features, classes, batch = {
        "mlp-8-64-64-2": (537, 8, 2, 32),
        "mlp-384-128-2": (5_000, 384, 2, 64),
        "cnn-16-32-fc64": (2_604, 784, 10, 64),
    }[net]
    generator = torch.Generator().manual_seed(1)

    def data(n):
        n = n // classes * classes
        y = torch.arange(classes).repeat(n // classes)
        return torch.randn(n, features, generator=generator) + y[:, None] / classes, y

    x, y = data(rows)
    valid_x, valid_y = data(rows * 15 // 70)
    torch.manual_seed(seed)
    model = network(net)
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": 1e-2}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        model.train()
        for chosen in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad(set_to_none=True)
            loss = cross_entropy(model(x[chosen]), y[chosen])
            loss.backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            cross_entropy(model(valid_x), valid_y).item()
    return len(x)


def train_in_process(net, epochs, seed, threads, repeats, barrier, queue):
    import torch

    torch.set_num_threads(threads)
    train_one(net, 2, seed)
    for _ in range(repeats):
        barrier.wait()
        start = time.perf_counter()
        train_one(net, epochs, seed)
        barrier.wait()
        queue.put(time.perf_counter() - start)


def train(net, epochs, seeds, repeats, threads):
    """Seconds per epoch and seed of `seeds` trainings at once, each in a process of its own."""
    import multiprocessing

    spawn = multiprocessing.get_context("spawn")
    barrier, queue = spawn.Barrier(seeds), spawn.Queue()
    workers = [
        spawn.Process(
            target=train_in_process,
            args=(net, epochs, seed, threads, repeats, barrier, queue),
        )
        for seed in range(seeds)
    ]
    for worker in workers:
        worker.start()
    # All workers measure the same span, from one barrier to the next.
    seconds = [queue.get() for _ in range(repeats * seeds)][::seeds]
    for worker in workers:
        worker.join()
    return [value / (epochs * seeds) for value in seconds]


def refresh(rows, classes, repeats):
    """From validation predictions to the next data set, eight features a row."""
    from art_resampling import ARTDataset
    from art_resampling.metrics import art_weights_from_f1, per_class_f1

    y = np.arange(rows) % classes
    x = np.zeros((rows, 8), dtype=np.float32)
    truth = np.arange(100 * classes) % classes
    predicted = np.where(np.arange(len(truth)) % 3 == 0, (truth + 1) % classes, truth)
    uniform = np.full(classes, 1 / classes)
    data = ARTDataset(x, y, c=0.3, cls_weights=uniform, seed=1, enable_art=True)

    def work():
        data.refresh(art_weights_from_f1(per_class_f1(truth, predicted, classes)))

    return timed(repeats, work)


def main():
    what, *words = sys.argv[1:]
    if what == "resample":
        method, shape, file, repeats, jobs = words
        report(*resample(method, shape, file, int(repeats), int(jobs)))
    elif what == "train":
        net, *numbers = words
        report(train(net, *map(int, numbers)), 0)
    elif what == "refresh":
        report(refresh(*map(int, words)), 0)
    else:
        sys.exit(f"unknown work {what!r}")


if __name__ == "__main__":
    main()
