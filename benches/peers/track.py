"""The main ratios of the benches over revisions: measures them now, adds them to docs/performance/track.json and draws them.

    cargo xtask bench-track [--rounds 3] [--draw]

Each ratio is of the Python side over ours on the same work in the same round, so that machines can be compared where seconds cannot. It says so
where a median is below everything that was measured on the same machine at the revision before.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_peers as peers

FILE = peers.SECTIONS / "track.json"
PAGE = peers.SECTIONS / "track.md"
FIGURE = peers.ROOT / "docs/figures/track.svg"
#: What is followed, by suite: the beginning of the work's name.
TRACKED = {
    "resampling": ["smote, 100,000 × 32", "nearmiss-1, 100,000 × 8"],
    "related": ["tomek, 100,000 × 8", "borderline-smote, 100,000 × 8"],
    "training": ["MLP 384-128-2, 5,000 rows, batch 64, one alone", "CNN 16-32-fc64, 2,604 images, batch 64, one alone"],
    "refresh": ["1,000,000 rows, 10 classes"],
}


def measured(rounds):
    """The ratios of now, each as (median, least, most)."""
    ratios = {}
    for suite, names in TRACKED.items():
        works, _ = peers.SUITES[suite]
        with tempfile.TemporaryDirectory() as folder:
            for work in works(Path(folder)):
                if work.name in names:
                    found = work.measure(rounds)["ratios"]
                    if not found:
                        sys.exit(f"{work.name} has no ratio: the Python side failed")
                    ratios[work.name] = [round(x, 3) for x in (statistics.median(found), found[0], found[-1])]
                    print(work.name, ratios[work.name], flush=True)
    return ratios


def git(*arguments):
    done = subprocess.run(["git", *arguments], stdout=subprocess.PIPE, cwd=peers.ROOT, check=True)
    return done.stdout.decode().strip()


def slower(entries):
    """What the last entry says of work that is slower than at the revision before it, on the same machine."""
    last = entries[-1]
    before = [entry for entry in entries[:-1] if entry["machine"] == last["machine"]]
    if not before:
        return []
    old = before[-1]["ratios"]
    return [
        f"{work}: {ratio[0]:.2f} now, {old[work][1]:.2f} to {old[work][2]:.2f} at {before[-1]['revision']}"
        for work, ratio in last["ratios"].items()
        if work in old and ratio[0] < old[work][1]
    ]


def page(entries):
    works = list(dict.fromkeys(work for entry in entries for work in entry["ratios"]))
    lines = [
        "# Over revisions",
        "",
        "`cargo xtask bench-track`, written by it; do not edit. How many times as fast as Python the same work is in the same run: the median of",
        "the rounds with the smallest and the largest.",
        "",
        "![The ratios over revisions](../figures/track.svg)",
        "",
        "| revision | day | machine | " + " | ".join(works) + " |",
        "|---" * (3 + len(works)) + "|",
    ]
    for entry in entries:
        cells = [entry["revision"], entry["day"], entry["machine"].split(";")[0]]
        for work in works:
            ratio = entry["ratios"].get(work)
            cells.append(f"{ratio[0]:.1f} [{ratio[1]:.1f}, {ratio[2]:.1f}]" if ratio else "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def figure(entries):
    """One small panel for each work, its ratios from left to right on a scale from 0."""
    works = list(dict.fromkeys(work for entry in entries for work in entry["ratios"]))
    width, height, gap, columns = 300, 120, 46, 2
    parts = []
    for place, work in enumerate(works):
        left, top = 50 + (place % columns) * (width + gap), 30 + (place // columns) * (height + gap)
        known = [(n, entry["ratios"][work]) for n, entry in enumerate(entries) if work in entry["ratios"]]
        most = 1.15 * max(ratio[2] for _, ratio in known)
        x = lambda n: left + width * (n + 0.5) / len(entries)
        y = lambda value: top + height * (1 - value / most)
        parts.append(f'<text x="{left}" y="{top - 8}" class="t">{work}</text>')
        parts.append(f'<path d="M{left},{top}v{height}h{width}" class="a"/>')
        for value in (0, most / 1.15):
            parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" class="n">{value:.1f}</text>')
        line = " ".join(f"{x(n):.1f},{y(ratio[0]):.1f}" for n, ratio in known)
        parts.append(f'<polyline points="{line}" class="l"/>')
        for n, (median, least, greatest) in known:
            parts.append(f'<path d="M{x(n):.1f},{y(least):.1f}V{y(greatest):.1f}" class="s"/>')
            parts.append(f'<circle cx="{x(n):.1f}" cy="{y(median):.1f}" r="3.5"><title>{entries[n]["revision"]}: {median:.2f}</title></circle>')
    rows = -(-len(works) // columns)
    style = (
        "text{font:12px system-ui,sans-serif;fill:#222}.n{text-anchor:end;font-size:10px}.a{fill:none;stroke:#999}"
        ".l{fill:none;stroke:#0b62a4;stroke-width:1.5}.s{stroke:#0b62a4;opacity:.45}circle{fill:#0b62a4}"
    )
    size = f"{60 + columns * (width + gap)} {30 + rows * (height + gap)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="Times as fast as Python, by revision">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--draw", action="store_true", help="measure nothing, write page and figure anew")
    arguments = parser.parse_args()
    entries = json.loads(FILE.read_text()) if FILE.exists() else []
    if not arguments.draw:
        entries.append(
            {
                "revision": git("rev-parse", "--short=12", "HEAD"),
                "day": git("log", "-1", "--format=%cs"),
                "machine": "; ".join(peers.machine()),
                "rounds": arguments.rounds,
                "ratios": measured(arguments.rounds),
            }
        )
        FILE.write_text(json.dumps(entries, indent=1) + "\n")
        for line in slower(entries):
            print(f"slower: {line}")
    if not entries:
        sys.exit("nothing was measured yet")
    PAGE.write_text(page(entries))
    FIGURE.write_text(figure(entries))


if __name__ == "__main__":
    main()
