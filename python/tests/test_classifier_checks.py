"""scikit-learn's own checks of classifiers."""

import pytest

pytest.importorskip("sklearn")
pytestmark = pytest.mark.filterwarnings("ignore")

from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from imbalanced_art.sklearn import ArtClassifier  # noqa: E402

ALL = [
    # What `art train` recommends.
    ArtClassifier(random_state=0),
    ArtClassifier("baseline", folds=1, epochs=60, handle_unknown="ignore", random_state=0),
]


def expected_failures(estimator):
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "the check shuffles the weighted rows, and batches follow the order of rows"
        )
    }


@parametrize_with_checks(ALL, expected_failed_checks=expected_failures)
def test_the_check_passes(estimator, check):
    check(estimator)
