"""Times our side and the Python side on the same work, in turn, and writes docs/performance.md.

`cargo xtask bench-peers` makes the environment (benches/peers/requirements.txt) and calls this. Every
piece of work is done by a fresh process of each side, in turn, ROUNDS times; a process does the work once
unmeasured, then several times, and reports the seconds. A round's ratio is the median of the Python side
over the median of ours; the table shows the median ratio and the smallest and largest one. Where the
Python side can be run in several ways, all are tried in the first round and the fastest is kept.

Only the standard library is used here.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "target" / "release" / "examples" / ("peer.exe" if os.name == "nt" else "peer")
THEIRS = [sys.executable, "-W", "ignore", str(ROOT / "benches" / "peers" / "theirs.py")]
SECTIONS = ROOT / "docs" / "performance"


def run(command, environment=None):
    """The last line that a process prints, as JSON; None when it fails, for example for want of memory."""
    done = subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        check=False,
    )
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def one_thread():
    return {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


class Work:
    """A row of a table: how each side does it, and the ratio that it is meant to reach."""

    def __init__(self, name, ours, theirs, target=None, ours_environment=None):
        self.name = name
        self.ours = ours
        self.theirs = theirs  # name of the way -> (command, environment)
        self.target = target
        self.ours_environment = ours_environment

    def measure(self, rounds):
        ours, theirs, ratios = [], [], []
        way = None
        for _ in range(rounds):
            mine = run([OURS, *self.ours], self.ours_environment)
            if mine is None:
                sys.exit(f"our side failed at {self.name}")
            ours.append(mine)
            if way is None and self.theirs:
                tried = {
                    name: run([*THEIRS, *command], environment)
                    for name, (command, environment) in self.theirs.items()
                }
                finished = {name: result for name, result in tried.items() if result}
                if not finished:
                    self.theirs = {}
                    continue
                way = min(finished, key=lambda name: median_of(finished[name]))
                other = finished[way]
            elif self.theirs:
                command, environment = self.theirs[way]
                other = run([*THEIRS, *command], environment)
            else:
                continue
            theirs.append(other)
            ratios.append(median_of(other) / median_of(mine))
        return {
            "work": self.name,
            "target": self.target,
            "way": way,
            "ours": statistics.median(map(median_of, ours)),
            "ours_peak_kib": max(result["peak_kib"] or 0 for result in ours),
            "theirs": statistics.median(map(median_of, theirs)) if theirs else None,
            "theirs_peak_kib": max(result["peak_kib"] for result in theirs) if theirs else None,
            "ratios": sorted(ratios),
        }


def median_of(result):
    return statistics.median(result["seconds"])


def seconds(value):
    if value is None:
        return "failed"
    if value < 1e-3:
        return f"{1e6 * value:.1f} µs"
    if value < 1:
        return f"{1e3 * value:.2f} ms"
    return f"{value:.2f} s"


def mebibytes(kib):
    return "" if kib is None else f"{kib / 1024:.0f} MiB"


def row(result):
    ratios = result["ratios"]
    if ratios:
        ratio = f"{statistics.median(ratios):.1f} [{ratios[0]:.1f}, {ratios[-1]:.1f}]"
        target = result["target"]
        if target is None:
            met = ""
        else:
            met = f"{target:g}" + ("" if statistics.median(ratios) >= target else ", **missed**")
    else:
        ratio, met = "", ""
    cells = [
        result["work"],
        seconds(result["ours"]),
        seconds(result["theirs"]),
        result["way"] or "",
        ratio,
        met,
        mebibytes(result["ours_peak_kib"]),
        mebibytes(result["theirs_peak_kib"]),
    ]
    return "| " + " | ".join(cells) + " |"


HEADER = """\
| work | ours | Python | its fastest way | ratio [smallest, largest] | at least | our peak memory | its peak memory |
|---|---|---|---|---|---|---|---|"""


def resampling(folder):
    """Resamplers beside imbalanced-learn."""
    data = {}

    def file(shape):
        if shape not in data:
            data[shape] = folder / f"{shape}.bin"
            run_plain([OURS, "data", shape, data[shape]])
        return data[shape]

    works = []
    for rows in (10_000, 100_000):
        for features in (8, 32, 128):
            for method in ("smote", "nearmiss-1", "nearmiss-3"):
                shape = f"{rows}x{features}"
                words = ["resample", method, shape, file(shape), 15 if rows == 10_000 else 3]
                ways = {"n_jobs=1": ([*words, 1], None), "n_jobs=2": ([*words, 2], None)}
                works.append(Work(f"{method}, {rows:,} × {features}", words, ways, target=4))
    for method, shape, rows in (
        ("nearmiss-2", "100000x32", "100,000 × 32"),
        ("smote", "1000000x32", "1,000,000 × 32"),
    ):
        words = ["resample", method, shape, file(shape), 1]
        # NearMiss-2 of imbalanced-learn needs more memory than most machines have at this size.
        ways = {} if method == "nearmiss-2" else {"n_jobs=2": ([*words, 2], None)}
        works.append(Work(f"{method}, {rows}", words, ways))
    return works


def run_plain(command):
    subprocess.run(list(map(str, command)), check=True, cwd=ROOT)


SUITES = {
    "resampling": (resampling, "Resampling at an imbalance ratio of 10, two classes, f32."),
}


def versions():
    code = (
        "import importlib.metadata as m\n"
        "for n in ('torch','imbalanced-learn','scikit-learn','numpy','art-resampling'):\n"
        "    print(n, m.version(n))"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split("\n")[:-1]


def machine():
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].split(":")[1].strip() if names else cpu
    rustc = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, check=True)
    return [
        f"{cpu}, {os.cpu_count()} cores",
        rustc.stdout.decode().strip(),
        f"Python {platform.python_version()}",
        *versions(),
    ]


def write(name, title, results, rounds):
    SECTIONS.mkdir(parents=True, exist_ok=True)
    lines = [
        f"# {title}",
        "",
        f"`cargo xtask bench-peers {name}`, {rounds} rounds. Written by the command; do not edit.",
        "",
        "; ".join(machine()) + ".",
        "",
        HEADER,
        *map(row, results),
        "",
    ]
    (SECTIONS / f"{name}.md").write_text("\n".join(lines))
    (SECTIONS / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", help=f"which to run: {', '.join(SUITES)}; all if none")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    unknown = [name for name in arguments.suites if name not in SUITES]
    if unknown:
        parser.error(f"unknown suite {unknown[0]!r}; known are {', '.join(SUITES)}")
    for name in arguments.suites or SUITES:
        works, title = SUITES[name]
        with tempfile.TemporaryDirectory() as folder:
            results = []
            for work in works(Path(folder)):
                result = work.measure(arguments.rounds)
                print(row(result), flush=True)
                results.append(result)
        write(name, title, results, arguments.rounds)


if __name__ == "__main__":
    main()
