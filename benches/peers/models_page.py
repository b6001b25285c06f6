"""Trains trees and our networks on the same splits and writes docs/performance/models.md.

`cargo xtask bench-peers models` makes the environment (benches/peers/requirements.txt), builds our side
(crates/art-bench/examples/models) and calls this. What is below --work already is not trained again; --page-only --rounds 0 writes
the document from what is there. Another --page than that one shows the recipes that the first tables chose there.

Only the standard library is used here.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from bench_peers import ROOT, SECTIONS, Work, machine, mebibytes, revision, seconds

OURS = ROOT / "target" / "release" / "examples" / ("models.exe" if os.name == "nt" else "models")
THEIRS = [sys.executable, "-W", "ignore", ROOT / "benches" / "peers" / "models.py"]

SETS = "pima,yeast,wine,ecoli,glass,page-blocks,satimage"
# Recipes are chosen by their mean over these. The other tables of the folder are looked at once, when all is chosen.
FIRST = (
    "automobile",
    "bands",
    "car",
    "contraceptive",
    "german",
    "hepatitis",
    "led7digit",
    "marketing",
    "saheart",
    "tic-tac-toe",
)
FURTHER = (
    "balance",
    "breast",
    "cleveland",
    "dermatology",
    "haberman",
    "kc1",
    "magic",
    "mushroom",
    "splice",
    "wisconsin",
)
# What is otherwise with these sets.
NOTES = {
    "imdb": "IMDb-Custom: sentence embeddings of 384 numbers, not scaled; ten positive to one negative review.",
    "mnist-lt": "MNIST-LT: pixels from 0 to 1. Ours sees them as images, by the convolutional network of the paper's matrix.",
}
METHODS = "baseline,baseline+tau-e,power-sampling+tau-e,break-even"
HOLD_OUT = "hold-out={}"
FIRST_SEED = 101
# As in crates/art-bench/examples/models/export.rs.
MANY_ROWS = 5_000
# Where the recipes of all pages are chosen.
CHOOSING_PAGE = "models"
# A small table and a larger one.
TIMED = "pima,page-blocks"

NAMES = {
    "lightgbm": "LightGBM",
    "hist-gradient-boosting": "HistGradientBoosting",
    "forest": "random forest",
    "forest-leaf-1": "random forest, leaves of 1",
}
OWN = "ours"
FAMILIES = (OWN, "LightGBM", "HistGradientBoosting", "random forest")


def family(recipe):
    name = NAMES.get(recipe[0])
    return OWN if name is None else name.split(",")[0]


def recipe_text(recipe):
    model, weights, scheme, rule = recipe
    return ", ".join(word for word in (NAMES.get(model, model), weights, scheme, rule) if word)


def call(command, **options):
    done = subprocess.run(list(map(str, command)), cwd=ROOT, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{Path(command[0]).name} {command[1]} failed")
    return done


def options():
    parser = argparse.ArgumentParser(
        prog="cargo xtask bench-peers models", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--sets", default=SETS, help="data sets of the project")
    parser.add_argument("--tables", metavar="DIR", help="a folder of tables; their target is the column class")
    parser.add_argument("--further", action="store_true", help="the tables that were held back as well")
    parser.add_argument("--also", nargs="*", default=[], metavar="FILE", help="tables besides")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--large-seeds", type=int, default=5, help="seeds of tables of more than 5,000 rows")
    parser.add_argument("--methods", default=METHODS, help="our methods")
    parser.add_argument(
        "--training", action="append", metavar="NAME=JSON", help="how ours are trained: what differs from the defaults"
    )
    parser.add_argument("--rules", help="decision rules for the other side [default: argmax, tau-e and plug-in]")
    parser.add_argument("--work", default="results/models", help="where splits and answers are kept")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page", default=CHOOSING_PAGE, metavar="NAME", help="the document below docs/performance")
    parser.add_argument("--timed", default=TIMED, help="tables whose training is timed by the clock")
    parser.add_argument("--rounds", type=int, default=3, help="of the timing; 0 leaves the last ones as they are")
    parser.add_argument("--repeats", type=int, default=3, help="trainings of a round")
    parser.add_argument("--threads", default="1,2", help="of which the other side's timing takes the fastest")
    parser.add_argument("--page-only", action="store_true", help="train nothing for scores")
    arguments = parser.parse_args()
    arguments.work = ROOT / arguments.work
    arguments.training = arguments.training or [HOLD_OUT]
    return arguments


def tables_of(arguments):
    """The group of each table by its name, and what exports it."""
    groups, sources = {}, []
    for name in filter(None, arguments.sets.split(",")):
        groups[name] = "project"
        sources.append(name)
    if arguments.tables:
        folder = Path(arguments.tables).resolve()
        for group, names in (("first", FIRST), ("further", FURTHER if arguments.further else ())):
            for name in names:
                groups[name] = group
                sources.append(folder / f"{name}.csv")
    for file in arguments.also:
        groups[Path(file).stem] = "besides"
        sources.append(Path(file).resolve())
    return groups, sources


def train(arguments, groups, sources):
    names = ",".join(groups)
    export = ["--first-seed", FIRST_SEED, "--seeds", arguments.seeds, "--large-seeds", arguments.large_seeds]
    call([OURS, "export", "--out", arguments.work, *export, *sources])
    call([*THEIRS, "train", arguments.work, "--jobs", arguments.jobs, "--tables", names])
    ours = ["--methods", arguments.methods, "--jobs", arguments.jobs, "--tables", names]
    for training in arguments.training:
        ours += ["--training", training]
    call([OURS, "ours", arguments.work, *ours])


class Scores:
    """Every line, by table, recipe and seed."""

    def __init__(self, arguments, groups):
        self.groups, self.n_seeds = groups, {}
        self.lines = defaultdict(dict)
        rules = ["--rules", arguments.rules] if arguments.rules else []
        done = call([OURS, "score", arguments.work, *rules], stdout=subprocess.PIPE)
        own = arguments.work / "ours.jsonl"
        schemes = {training.split("=", 1)[0] for training in arguments.training}
        for line in map(json.loads, done.stdout.decode().splitlines()):
            self.add(line, arguments)
        for line in map(json.loads, own.read_text().splitlines() if own.exists() else []):
            if line["method"] in arguments.methods.split(",") and line["scheme"] in schemes:
                self.add(line, arguments)
        self.tables = [name for name in groups if any(table == name for table, _ in self.lines)]
        self.recipes = self.complete()

    def add(self, line, arguments):
        """Takes a line that was asked for."""
        table = line["table"]
        if table not in self.groups:
            return
        if table not in self.n_seeds:
            many = rows_of(shape_of(arguments, table)) > MANY_ROWS
            self.n_seeds[table] = arguments.large_seeds if many else arguments.seeds
        if line["seed"] < FIRST_SEED + self.n_seeds[table]:
            recipe = (line["model"], line["weights"], line["scheme"], line["rule"])
            self.lines[line["table"], recipe][line["seed"]] = line

    def complete(self):
        """Recipes that every table has on at least half of its seeds, with the seeds that all of them have."""
        kept = sorted({recipe for _, recipe in self.lines})
        for table in self.tables:
            most = max(len(self.lines.get((table, recipe), ())) for recipe in kept)
            lacking = [recipe for recipe in kept if 2 * len(self.lines.get((table, recipe), ())) < most]
            for recipe in lacking:
                print(f"note: {recipe_text(recipe)} is left out; it lacks runs on {table}", file=sys.stderr)
            kept = [recipe for recipe in kept if recipe not in lacking]
        for table in self.tables:
            common = set.intersection(*(set(self.lines[table, recipe]) for recipe in kept))
            for recipe in kept:
                lines = self.lines[table, recipe]
                self.lines[table, recipe] = {seed: lines[seed] for seed in common}
        return kept

    def values(self, table, recipe, key="macro_f1", factor=100.0):
        lines = self.lines[table, recipe]
        return [factor * lines[seed][key] for seed in sorted(lines)]

    def mean(self, table, recipe):
        return statistics.mean(self.values(table, recipe))

    def of_group(self, group):
        return [table for table in self.tables if self.groups[table] == group]

    def mean_over(self, tables, recipe):
        return statistics.mean(self.mean(table, recipe) for table in tables)

    def seconds(self, table, recipe, key):
        return statistics.mean(self.values(table, recipe, key, 1.0))


def shape_of(arguments, table):
    folder = next((arguments.work / table).glob("*/split.json"))
    return json.loads(folder.read_text())


def rows_of(shape):
    return shape["n_train"] + shape["n_valid"] + shape["n_test"]


def spread(values):
    return statistics.stdev(values) if len(values) > 1 else 0.0


def is_in_folds(recipe):
    """Whether several models of the recipe answer together; of ours the method's name says so."""
    return ":folds=" in recipe[0] or recipe[2] == "folds"


def chosen_recipes(scores, only=lambda recipe: True):
    """The recipe of each family with the highest mean over the first tables, or over all where there are none of those.

    Of those alone for which `only` holds.
    """
    tables = scores.of_group("first") or scores.tables
    best = {}
    for name in FAMILIES:
        own = [recipe for recipe in scores.recipes if family(recipe) == name and only(recipe)]
        if own:
            best[name] = max(own, key=lambda recipe: scores.mean_over(tables, recipe))
    return best


def recipes_of_page(scores):
    """The recipes that the page of all tables shows."""
    chosen = json.loads((SECTIONS / f"{CHOOSING_PAGE}.json").read_text())["chosen"]
    by_text = {recipe_text(recipe): recipe for recipe in scores.recipes}
    return {name: by_text[text] for name, text in chosen.items() if text in by_text}


GROUPS = {
    "project": "the project's data sets",
    "first": "the first tables",
    "further": "the further tables",
    "besides": "other tables",
}


def difference(scores, tables, first, second):
    """Mean over tables of the mean difference, its error between tables, and on how many the first is ahead."""
    means = [scores.mean(table, first) - scores.mean(table, second) for table in tables]
    error = spread(means) / len(means) ** 0.5
    text = f"{statistics.mean(means):+.2f}" + (f" ± {error:.2f}" if len(means) > 1 else "")
    return text, sum(mean > 0 for mean in means)


def over_tables(arguments, scores, best):
    lines = [
        "## Over tables",
        "",
        "Mean test macro F1 × 100. Behind each rival: ours less it, with the standard error between tables, and on how many",
        "tables ours is ahead.",
        "",
        *differences(scores, best),
    ]
    if arguments.page != CHOOSING_PAGE:
        return lines
    alike = chosen_recipes(scores, lambda recipe: not is_in_folds(recipe))
    if OWN in alike and len(alike) > 1 and alike != best:
        lines += [
            "The same where all are trained by hold-out, each at its best recipe of those:",
            "",
            *listed(alike),
            "",
            *differences(scores, alike),
        ]
    return lines


def listed(best):
    return [f"- {'ours: ' if name == OWN else ''}{recipe_text(recipe)}" for name, recipe in best.items()]


def differences(scores, best):
    others = [name for name in best if name != OWN]
    lines = [
        "| tables | n | ours | " + " | ".join(f"{name} | ours less it | ahead" for name in others) + " |",
        "|---|---|---|" + "---|---|---|" * len(others),
    ]
    groups = [(title, scores.of_group(group)) for group, title in GROUPS.items()]
    if len([tables for _, tables in groups if tables]) > 1:
        groups.append(("all", scores.tables))
    for title, tables in groups:
        if not tables:
            continue
        cells = [title, str(len(tables)), f"{scores.mean_over(tables, best[OWN]):.2f}"]
        for name in others:
            text, ahead = difference(scores, tables, best[OWN], best[name])
            cells += [f"{scores.mean_over(tables, best[name]):.2f}", text, str(ahead)]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def by_table(arguments, scores, best):
    lines = [
        "## Table by table",
        "",
        "Mean test macro F1 × 100 ± standard deviation over seeds, each rival at the one recipe that is named above. Seeds",
        "are those that every recipe has there.",
        "",
        "| table | rows | classes | seeds | " + " | ".join(best) + " |",
        "|---|---|---|---|" + "---|" * len(best),
    ]
    for table in scores.tables:
        shape = shape_of(arguments, table)
        rows = rows_of(shape)
        n_seeds = len(scores.values(table, best[OWN]))
        cells = [table, f"{rows:,}", str(shape["n_classes"]), str(n_seeds)]
        highest = max(best.values(), key=lambda recipe: scores.mean(table, recipe))
        for recipe in best.values():
            values = scores.values(table, recipe)
            text = f"{statistics.mean(values):.2f} ± {spread(values):.2f}"
            cells.append(f"**{text}**" if recipe == highest else text)
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def all_recipes(scores):
    groups = [(title, scores.of_group(group)) for group, title in GROUPS.items() if scores.of_group(group)]
    order = scores.of_group("first") or scores.tables
    ranked = sorted(scores.recipes, key=lambda recipe: -scores.mean_over(order, recipe))
    lines = [
        "## Every recipe",
        "",
        "Mean test macro F1 × 100 over tables, and seconds of one core for training, as a mean over tables and seeds.",
        "",
        "| recipe | " + " | ".join(title for title, _ in groups) + " | training |",
        "|---|" + "---|" * (len(groups) + 1),
    ]
    for recipe in ranked:
        means = [f"{scores.mean_over(tables, recipe):.2f}" for _, tables in groups]
        time = statistics.mean(scores.seconds(table, recipe, "train_seconds") for table in scores.tables)
        lines.append(f"| {recipe_text(recipe)} | {' | '.join([*means, seconds(time)])} |")
    return [*lines, ""]


def cost_by_table(scores, best):
    lines = [
        "## Seconds by table",
        "",
        "Seconds of one core for training at the recipe above, all folds together: mean [smallest, largest] over seeds. Other",
        "work on the machine does not count.",
        "",
        "| table | " + " | ".join(best) + " |",
        "|---|" + "---|" * len(best),
    ]
    for table in scores.tables:
        cells = [table]
        for recipe in best.values():
            values = scores.values(table, recipe, "train_seconds", 1.0)
            low, high = min(values), max(values)
            cells.append(f"{seconds(statistics.mean(values))} [{seconds(low)}, {seconds(high)}]")
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def own_command(recipe):
    model, _, scheme, rule = recipe
    return (model if rule == "argmax" else f"{model}+{rule}"), scheme


def measure(arguments, scores, best):
    """Both sides by the clock, in turn."""
    method, scheme = own_command(best[OWN])
    training = next(text for text in arguments.training if text.split("=", 1)[0] == scheme)
    results = []
    for table in arguments.timed.split(","):
        if table not in scores.tables:
            continue
        split = arguments.work / table / str(FIRST_SEED)
        for name, recipe in best.items():
            if name == OWN:
                continue
            model, weights, its_scheme, _ = recipe
            words = [*THEIRS, "time", split, model, weights, its_scheme, arguments.repeats]
            ways = {f"threads={threads}": [*words, threads] for threads in arguments.threads.split(",")}
            work = Work(f"{table}: {name}", [], ways)
            work.ours = [OURS, "time", split, method, "--training", training, "--repeats", arguments.repeats]
            result = work.measure(arguments.rounds) | {"revision": revision()}
            print(f"{result['work']}: {result['ours']:.4f} s, {result['theirs']:.4f} s", flush=True)
            results.append(result)
    return results


def timing(results):
    if not results:
        return []
    lines = [
        "## By the clock",
        "",
        "Training and answers on one split, a fresh process of each side in turn; medians, and the ratio of the other side over",
        "ours with the smallest and largest of the rounds. Other work on the machine counts here. Memory is the most that a",
        "process had.",
        "",
        "| table and rival | ours | rival | its fastest way | ratio [smallest, largest] | our peak memory | its peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        ratios = result["ratios"]
        ratio = f"{statistics.median(ratios):.1f} [{ratios[0]:.1f}, {ratios[-1]:.1f}]" if ratios else ""
        cells = [
            result["work"],
            seconds(result["ours"]),
            seconds(result["theirs"]),
            result["way"] or "",
            ratio,
            mebibytes(result["ours_peak_kib"]),
            mebibytes(result["theirs_peak_kib"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


BASE = ("power-sampling", "", "hold-out", "tau-e")


def among_ours(scores):
    """What folds, the network and the rule are worth."""
    own = [recipe for recipe in scores.recipes if family(recipe) == OWN and recipe != BASE]
    if BASE not in scores.recipes or not own:
        return []
    own.sort(key=lambda recipe: -scores.mean_over(scores.tables, recipe))
    lines = [
        "## Ours among themselves",
        "",
        f"Points over {recipe_text(BASE)}, over all tables, with the standard error between them.",
        "",
        "| recipe | over it | ahead on |",
        "|---|---|---|",
    ]
    for recipe in own:
        text, ahead = difference(scores, scores.tables, recipe, BASE)
        lines.append(f"| {recipe_text(recipe)} | {text} | {ahead} of {len(scores.tables)} |")
    return [*lines, ""]


def training_text(changes):
    """What the changes to a training mean."""
    if changes == "{}":
        return "the network and training of the paper's matrix; validation rows, or the folds of the method's name, steer it."
    if json.loads(changes) == {"rule": True}:
        return "the network and training that follow from the table ([networks.md](../networks.md))."
    return f"the same as hold-out but for `{changes}`."


def chosen_text(arguments, scores):
    """What chose the recipes."""
    if arguments.page != CHOOSING_PAGE:
        return [
            "Each rival, and ours, is shown at the one recipe that [the page of all tables](models.md) shows. What is here chose",
            "nothing.",
        ]
    chosen = scores.of_group("first")
    over = f"the {len(chosen)} first tables" if chosen else "all tables"
    lines = [f"Each rival is shown at one recipe for all tables: the one with the highest mean over {over}. So are ours."]
    if chosen:
        kind = "These tables are therefore kind to all of them, most to whoever has most recipes."
        lines.append("The further tables chose nothing." if scores.of_group("further") else kind)
    return lines


def introduction(arguments, scores, best):
    trainings = dict(text.split("=", 1) for text in arguments.training)
    chosen = scores.of_group("first")
    noted = [name for name in scores.tables if name in NOTES]
    words = ["cargo xtask bench-peers models", f"--seeds {arguments.seeds}", f"--large-seeds {arguments.large_seeds}"]
    if arguments.sets != SETS:
        words.append(f"--sets {arguments.sets}")
    if arguments.tables:
        words.append("--tables DIR" + (" --further" if arguments.further else ""))
    if arguments.methods != METHODS:
        words.append(f"--methods {arguments.methods}")
    words += [f"--training '{text}'" for text in arguments.training if text != HOLD_OUT]
    if arguments.page != CHOOSING_PAGE:
        words.append(f"--page {arguments.page}")
    lines = [
        "# Networks beside trees" + ("" if arguments.page == CHOOSING_PAGE else f" on {' and '.join(scores.tables)}"),
        "",
        f"`{' '.join(words)}`. Written by the command; do not edit.",
        "",
        "; ".join(machine(("lightgbm", "scikit-learn", "numpy"))) + ".",
        "",
        "Every model has the same splits: 70 % of the rows train, 15 % validate, 15 % test, a seed each. Every model has the same",
        *(
            [
                "features, as our encoder makes them from the training rows: scaled numbers, a column for each word, a flag for each",
                "missing value. The same code decides from probabilities, so that only the models differ.",
            ]
            if noted != scores.tables
            else ["features, and the same code decides from probabilities, so that only the models differ."]
        ),
        *(["", *(f"- {NOTES[name]}" for name in noted)] if noted else []),
        "",
        "- *hold-out*: training rows train. Validation rows end boosting and choose the decision.",
        "- *folds*: training and validation rows are five folds. Each is held out once, ends boosting there, and is answered by",
        "  the model that has not seen it; these answers choose the decision. Test rows get the mean of the five probabilities.",
        "- *balanced*: rows weigh so that classes weigh the same.",
        f"- Boosting has up to 1,000 rounds at rate 0.05 with 31 leaves and ends 30 rounds after the best one. A leaf has at least",
        "  20 rows, or a tenth of the mean class where that is fewer. Forests have 300 trees with at least 2 rows in a leaf, or 1.",
        *(
            f"- Ours, {name}: {training_text(changes)}"
            for name, changes in trainings.items()
        ),
        "",
        *(
            [
                "Tables besides the project's are of UCI and KEEL and are not in the repository. The first ones were there while",
                "methods were chosen; the further ones are looked at once, after that.",
                "",
            ]
            if chosen
            else []
        ),
        *chosen_text(arguments, scores),
        "",
        *listed(best),
        "",
    ]
    return lines


def as_json(arguments, scores, best, timed):
    def entry(table, recipe):
        values = scores.values(table, recipe)
        numbers = [statistics.mean(values), spread(values), scores.seconds(table, recipe, "train_seconds")]
        return [float(f"{number:.5g}") for number in numbers]

    tables = {}
    for table in scores.tables:
        shape = shape_of(arguments, table)
        tables[table] = {
            "group": scores.groups[table],
            "rows": rows_of(shape),
            "features": shape["n_features"],
            "classes": shape["n_classes"],
            "seeds": len(scores.values(table, best[OWN])),
            "scores": {recipe_text(recipe): entry(table, recipe) for recipe in scores.recipes},
        }
    return {
        "revision": revision(),
        "columns": ["mean macro F1 x 100", "standard deviation", "training seconds"],
        "chosen": {name: recipe_text(recipe) for name, recipe in best.items()},
        "tables": tables,
        "timing": timed,
    }


def compact(value, depth=0):
    """JSON with a line for each list of numbers."""
    pad = " " * (depth + 1)
    if isinstance(value, dict) and value:
        inner = (f"{pad}{json.dumps(key)}: {compact(item, depth + 1)}" for key, item in value.items())
        return "{\n" + ",\n".join(inner) + "\n" + " " * depth + "}"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "[\n" + ",\n".join(pad + compact(item, depth + 1) for item in value) + "\n" + " " * depth + "]"
    return json.dumps(value)


def main():
    arguments = options()
    groups, sources = tables_of(arguments)
    if not arguments.page_only:
        train(arguments, groups, sources)
    scores = Scores(arguments, groups)
    best = chosen_recipes(scores) if arguments.page == CHOOSING_PAGE else recipes_of_page(scores)
    if OWN not in best:
        sys.exit("ours have no recipe that every table has")
    path = SECTIONS / f"{arguments.page}.json"
    timed = json.loads(path.read_text())["timing"] if path.exists() else []
    if arguments.rounds:
        timed = measure(arguments, scores, best)
    lines = [
        *introduction(arguments, scores, best),
        *over_tables(arguments, scores, best),
        *among_ours(scores),
        *by_table(arguments, scores, best),
        *all_recipes(scores),
        *cost_by_table(scores, best),
        *timing(timed),
    ]
    SECTIONS.mkdir(parents=True, exist_ok=True)
    (SECTIONS / f"{arguments.page}.md").write_text("\n".join(lines))
    path.write_text(compact(as_json(arguments, scores, best, timed)) + "\n")


if __name__ == "__main__":
    main()
