"""Golden values for the comparisons over data sets, written to across.json.

pip install scipy==1.17.1 numpy==2.4.6
Run in this folder: python across.py
"""

import json
from importlib.metadata import version

import numpy as np
from scipy import stats

LEVEL = 0.95
MARGINS = [0.002, 0.005, 0.02]

NOTE = {
    "cases": "Data sets of paired scores drawn here. these_sets: the error of the seeds, by the formula, with "
    "Satterthwaite's degrees of freedom. like_these: scipy's one-sample t-test of the sets' means. non_inferiority: "
    "margin and one-sided p, of these sets and of sets like these.",
    "welch": "Welch's test of two samples of scipy, d and -e, asks whether d + e differs from 0: that is these_sets of "
    "the two data sets d and e without overlap.",
    "one_set": "scipy's one-sided t-test of differences against -margin; corrected: its t with the widened error.",
    "power": "sd, n, test_over_train, alpha, power, and the difference by scipy's points of t (normal's for n = null).",
}


def draw(seed, sets):
    """Scores of data sets with (seeds, mean difference, deviation, ratio)."""
    rng = np.random.default_rng(seed)
    drawn = []
    for n, mean, sd, ratio in sets:
        second = rng.normal(0.7, 0.05, n).round(4)
        first = (second + rng.normal(mean, sd, n)).round(4)
        drawn.append({"first": first.tolist(), "second": second.tolist(), "test_over_train": ratio})
    return drawn


def differences(data):
    return np.array(data["first"]) - np.array(data["second"])


def outcome(mean, error, df):
    half = stats.t.ppf(0.5 + LEVEL / 2, df) * error
    return {
        "error": error,
        "degrees_of_freedom": df,
        "statistic": mean / error,
        "p_value": 2 * stats.t.sf(abs(mean / error), df),
        "interval": [mean - half, mean + half],
        "non_inferiority": [[margin, stats.t.sf((mean + margin) / error, df)] for margin in MARGINS],
    }


def case(name, sets):
    d = [differences(data) for data in sets]
    n = np.array([len(x) for x in d])
    ratio = np.array([data["test_over_train"] for data in sets])
    variances = np.array([x.var(ddof=1) for x in d])
    means = np.array([x.mean() for x in d])
    squares = variances * (1 / n + ratio)
    df = squares.sum() ** 2 / (squares**2 / (n - 1)).sum()
    like_these = None
    if len(sets) > 1:
        test = stats.ttest_1samp(means, 0)
        interval = test.confidence_interval(LEVEL)
        like_these = {
            "error": stats.sem(means),
            "degrees_of_freedom": test.df,
            "statistic": test.statistic,
            "p_value": test.pvalue,
            "interval": [interval.low, interval.high],
            "non_inferiority": [
                [margin, stats.ttest_1samp(means, -margin, alternative="greater").pvalue] for margin in MARGINS
            ],
        }
    return {
        "name": name,
        "sets": sets,
        "mean_difference": means.mean(),
        "n_ahead": int((means > 0).sum()),
        "plain_seed_error": np.sqrt((variances / n).sum()) / len(sets),
        "these_sets": outcome(means.mean(), np.sqrt(squares.sum()) / len(sets), df),
        "like_these": like_these,
    }


SPLIT = 0.15 / 0.70
CASES = [
    case("five", draw(1, [(20, 0.02, 0.02, SPLIT), (20, 0.01, 0.07, SPLIT), (20, -0.01, 0.03, SPLIT),
                          (20, 0.015, 0.004, 0.0), (20, 0.005, 0.01, 0.0)])),
    case("uneven", draw(2, [(2, 0.01, 0.02, 0.1), (7, -0.02, 0.05, 0.0), (30, -0.01, 0.01, 0.5)])),
    case("two", draw(3, [(6, 0.03, 0.02, 0.0), (9, 0.02, 0.04, 0.0)])),
    case("one", draw(4, [(12, 0.01, 0.02, SPLIT)])),
]

d, e = (differences(data) for data in CASES[2]["sets"])
welch = stats.ttest_ind(d, -e, equal_var=False)
half = [bound / 2 for bound in welch.confidence_interval(LEVEL)]

single = CASES[3]["sets"][0]
d = differences(single)
widened = d.std(ddof=1) * np.sqrt(1 / len(d) + SPLIT)
one_set = [
    {
        "margin": margin,
        "plain": stats.ttest_1samp(d, -margin, alternative="greater").pvalue,
        "corrected": stats.t.sf((d.mean() + margin) / widened, len(d) - 1),
    }
    for margin in MARGINS
]


def detectable(sd, n, ratio, alpha, power):
    points = stats.norm if n is None else stats.t(n - 1)
    spread = np.sqrt((0 if n is None else 1 / n) + ratio)
    difference = (points.ppf(1 - alpha / 2) + points.ppf(power)) * sd * spread
    if n is not None and alpha == 0.05 and power in (0.8, 0.9):
        t, shift = points.ppf(1 - alpha / 2), difference / (sd * spread)
        exact = stats.nct.sf(t, n - 1, shift) + stats.nct.cdf(-t, n - 1, shift)
        assert abs(exact - power) < (0.002 if n >= 10 else 0.05), (n, exact)
    return [sd, n, ratio, alpha, power, difference]


json.dump(
    {
        "produced_by": f"scipy {version('scipy')} + numpy {version('numpy')}",
        "note": NOTE,
        "cases": CASES,
        "welch": {"statistic": welch.statistic, "degrees_of_freedom": welch.df, "p_value": welch.pvalue,
                  "interval": half},
        "one_set": one_set,
        "power": [
            detectable(sd, n, ratio, alpha, power)
            for sd, ratio in [(0.024, 0.0), (0.024, SPLIT), (0.072, SPLIT)]
            for n in (3, 5, 10, 20, 50, None)
            for alpha, power in [(0.05, 0.8), (0.05, 0.9), (0.01, 0.4)]
        ],
    },
    open("across.json", "w"),
    default=float,
    indent=1,
)
