"""Statistics on lists, arrays and frames."""

import numpy as np
import pytest

from imbalanced_art import stats

A = [0.80, 0.71, 0.90, 0.74, 0.66]
B = [0.70, 0.72, 0.80, 0.70, 0.61]


def test_t_tests_have_the_textbook_values():
    plain = stats.paired_t_test(A, B)
    difference = np.subtract(A, B)
    t = difference.mean() / (difference.std(ddof=1) / np.sqrt(5))
    assert plain.n == 5 and plain.statistic == pytest.approx(t)
    corrected = stats.corrected_t_test(np.array(A), tuple(B), test_over_train=0.25)
    expected = difference.mean() / (difference.std(ddof=1) * np.sqrt(1 / 5 + 0.25))
    assert corrected.statistic == pytest.approx(expected)
    assert corrected.p_value > plain.p_value
    low, high = stats.mean_interval(A, B, test_over_train=0.25)
    assert low < difference.mean() < high


def test_differences_that_do_not_vary_have_no_p_value():
    assert stats.paired_t_test([1, 2, 3], [0, 1, 2]).p_value is None
    assert stats.mean_interval([1, 2, 3], [0, 1, 2]) is None


def test_wilcoxon_is_exact_with_ties():
    # Differences 1, 1, 2, -1: of 16 assignments of signs to the ranks 2, 2, 4, 2, eight are at least as uneven.
    outcome = stats.wilcoxon([1, 1, 2, 0], [0, 0, 0, 1])
    assert (outcome.n, outcome.w_plus, outcome.w_minus) == (4, 8, 2)
    assert outcome.p_value == pytest.approx(0.5)
    assert outcome.rank_biserial == pytest.approx(0.6)


def test_tables_of_any_kind_are_the_same():
    scores = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4], [0.5, 0.6, 0.3], [0.9, 0.7, 0.8]])
    names = ["x", "y", "z"]
    expected = stats.friedman(scores, names)
    assert expected.mean_ranks == {"x": 1.25, "y": 2.0, "z": 2.75}
    tables = [dict(zip(names, scores.T, strict=True))]
    for module in ("pandas", "polars"):
        try:
            library = __import__(module)
        except ImportError:
            continue
        tables.append(library.DataFrame(dict(zip(names, scores.T, strict=True))))
    for table in tables:
        assert stats.friedman(table) == expected


def test_corrections_for_how_many_there_are():
    assert stats.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert stats.benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: stats.paired_t_test([1, 2], [1]), "equal length"),
        (lambda: stats.paired_t_test([1], [1]), "at least 2"),
        (lambda: stats.paired_t_test([1, np.nan], [1, 2]), "finite"),
        (lambda: stats.corrected_t_test(A, B, test_over_train=0), "test_over_train"),
        (lambda: stats.wilcoxon(A, B, zeros="x"), "zeros"),
        (lambda: stats.holm([1.5]), "1.5"),
        (lambda: stats.friedman({"a": [1, 2], "b": [1]}), "different numbers"),
        (lambda: stats.friedman([[1, 2]]), "at least 2"),
        (lambda: stats.holm([[0.1]]), "shape"),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
