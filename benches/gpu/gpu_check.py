"""Runs the GPU check and writes docs/performance/gpu.md.

gpu_check.py --program PATH [--out FOLDER] [--epochs N]

Needs one NVIDIA GPU and a Python with PyTorch, and nothing else: the program is built beforehand
(docs/gpu.md). Four parts, in turn: the program's parity checks, epochs of ours, the same epochs in
PyTorch as written (eager) and compiled, and what the card is.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

NETS = {
    "cnn-16-32-fc64": {"rows": 60_000, "features": 784, "classes": 10, "name": "CNN 16-32-fc64"},
    "mlp-384-1024-1024-2": {
        "rows": 131_072,
        "features": 384,
        "classes": 2,
        "name": "MLP 384-1024-1024-2",
    },
}
# Network, rows of a batch, epochs of ours, epochs of theirs.
WORKS = [
    ("cnn-16-32-fc64", 64, 4, 4),
    ("cnn-16-32-fc64", 1024, 6, 6),
    ("mlp-384-1024-1024-2", 1024, 8, 8),
]
WAYS = ("eager", "compiled", "compiled, graphs")


def libraries():
    """Folders of the CUDA libraries that PyTorch brings: the program is linked against the same."""
    import torch

    site = Path(torch.__file__).resolve().parents[1]
    return [str(folder) for folder in site.glob("nvidia/**/lib") if folder.is_dir()]


def run_ours(program, words):
    environment = dict(os.environ)
    known = environment.get("LD_LIBRARY_PATH", "")
    environment["LD_LIBRARY_PATH"] = ":".join([*libraries(), *([known] if known else [])])
    command = [str(program), *map(str, words)]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False, text=True
    )


def network(net):
    from torch import nn

    if net == "cnn-16-32-fc64":
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
    for inputs, outputs in [(384, 1024), (1024, 1024)]:
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, nn.Linear(1024, 2))


def train_theirs(net, batch, epochs, way):
    """Seconds of each epoch's steps: rows on the card, AdamW, f32, one look at the loss an epoch."""
    import torch
    from torch.nn.functional import cross_entropy

    # As ours: no product is rounded to fewer bits.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(0)
    shape = NETS[net]
    device = torch.device("cuda")
    y = torch.arange(shape["classes"], device=device).repeat(shape["rows"] // shape["classes"])
    x = torch.randn(len(y), shape["features"], device=device) + y[:, None] / shape["classes"]
    model = network(net).to(device)
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": 1e-2}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, fused=True)

    def loss_of(x, y):
        return cross_entropy(model(x), y)

    if way == "compiled":
        loss_of = torch.compile(loss_of)
    elif way == "compiled, graphs":
        loss_of = torch.compile(loss_of, mode="reduce-overhead")
    seconds = []
    for _ in range(epochs):
        torch.cuda.synchronize()
        start = time.perf_counter()
        total = torch.zeros((), device=device)
        for chosen in torch.randperm(len(x), device=device).split(batch):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(x[chosen], y[chosen])
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(chosen)
        mean = total.item() / len(x)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "train_loss": mean}


def card():
    import torch

    properties = torch.cuda.get_device_properties(0)
    driver = subprocess.run(
        ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"],
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    ).stdout.strip()
    return (
        f"{properties.name}, {properties.multi_processor_count} multiprocessors, driver {driver}; "
        f"PyTorch {torch.__version__}; {os.cpu_count()} cores"
    )


def steady(seconds):
    """The median of all epochs but the first two, which compile and warm up."""
    return statistics.median(seconds[2:] or seconds[-1:])


def parity(program):
    done = run_ours(program, ["parity"])
    checks = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {"checks": checks, "code": done.returncode, "errors": done.stderr[-4000:]}


def measure(program, ways):
    results = []
    for net, batch, ours, theirs in WORKS:
        done = run_ours(program, ["train", net, batch, ours])
        result = {"net": net, "batch": batch, "ours": None, "errors": done.stderr[-2000:], "theirs": {}}
        if done.returncode == 0:
            result["ours"] = json.loads(done.stdout.splitlines()[-1])
        done = run_ours(program, ["tensors", net, batch, 3])
        result["tensors"] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
        for way in ways:
            # A process each: what one compiles or caches is not the other's.
            command = [sys.executable, __file__, "--theirs", net, str(batch), str(theirs), way]
            one = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
            if one.returncode == 0:
                result["theirs"][way] = json.loads(one.stdout.splitlines()[-1])
            else:
                print(one.stderr[-1500:], file=sys.stderr)
        results.append(result)
        print(json.dumps(result), flush=True)
    return results


def milliseconds(value):
    return f"{1e3 * value:.1f} ms"


def page(found):
    lines = [
        "# Training on a graphics card",
        "",
        "`cargo xtask gpu-check`. Written by the command; do not edit. How it is built and run: [gpu.md](../gpu.md).",
        "",
        f"{found['card']}.",
        "",
        "## Is it the same?",
        "",
        "Losses, gradients and weights on the card beside those on the processor: the length of the difference over the",
        "length of the processor's. The processor's ten steps are those of its own form of a network. The largest of each",
        "network over all losses:",
        "",
        "| network | what | largest difference | with | at most | agrees |",
        "|---|---|---|---|---|---|",
    ]
    checks = found["parity"]["checks"]
    largest = {}
    for check in checks:
        key = (check["network"], check["what"])
        if key not in largest or not check["difference"] <= largest[key]["difference"]:
            largest[key] = check
    for (net, what), check in largest.items():
        agrees = "yes" if check["agrees"] else "**no**"
        difference = f"{check['difference']:.1e}"
        lines.append(f"| {net} | {what} | {difference} | {check['loss']} | {check['at_most']:.0e} | {agrees} |")
    agreeing = sum(check["agrees"] for check in checks)
    lines += ["", f"{agreeing} of {len(checks)} checks agree.", "", "## How fast is it?", ""]
    lines += [
        "Time of an epoch's steps, f32 without reduced precision on both sides, rows on the card: the median of the epochs",
        "after the second. Behind each way of PyTorch: its time over ours.",
        "",
        "| network | rows | batch | ours | our tensor operations | " + " | ".join(f"PyTorch, {way}" for way in WAYS) + " | ART's refresh |",
        "|---|---|---|---|---|" + "---|" * len(WAYS) + "---|",
    ]
    for result in found["speed"]:
        shape = NETS[result["net"]]
        ours = result["ours"]
        if ours is None:
            lines.append(f"| {shape['name']} | {shape['rows']:,} | {result['batch']} | failed |")
            continue
        mine = steady(ours["train"])
        cells = [shape["name"], f"{ours['rows']:,}", str(result["batch"]), milliseconds(mine)]
        tensors = result["tensors"]
        cells.append(milliseconds(steady(tensors["train"])) if tensors else "failed")
        for way in WAYS:
            other = result["theirs"].get(way)
            if other is None:
                cells.append("failed")
                continue
            cells.append(f"{milliseconds(steady(other['seconds']))} ({steady(other['seconds']) / mine:.2f})")
        whole = sum(steady(ours[part]) for part in ("draw", "train", "validation", "refresh"))
        cells.append(f"{100 * steady(ours['refresh']) / whole:.3f} %")
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    return "\n".join(lines)


def main():
    if sys.argv[1:2] == ["--theirs"]:
        net, batch, epochs, way = sys.argv[2:]
        print(json.dumps(train_theirs(net, int(batch), int(epochs), way)))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/performance"))
    parser.add_argument("--ours-only", action="store_true", help="leave PyTorch out")
    chosen = parser.parse_args()
    found = {"card": card(), "parity": parity(chosen.program)}
    agreeing = sum(check["agrees"] for check in found["parity"]["checks"])
    print(f"parity: {agreeing} of {len(found['parity']['checks'])} agree", flush=True)
    if found["parity"]["errors"]:
        print(found["parity"]["errors"], file=sys.stderr)
    found["speed"] = measure(chosen.program, () if chosen.ours_only else WAYS)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "gpu.json").write_text(json.dumps(found, indent=1) + "\n")
    (chosen.out / "gpu.md").write_text(page(found))
    print(page(found))
    sys.exit(0 if found["parity"]["code"] == 0 else 1)


if __name__ == "__main__":
    main()
