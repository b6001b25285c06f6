"""imbalanced-learn's own checks of samplers."""

import pytest

pytest.importorskip("imblearn")
pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

from imblearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from imbalanced_art import resample  # noqa: E402

ALL = [
    resample.RandomOverSampler(random_state=0),
    resample.SMOTE(random_state=0),
    resample.SMOTENC([0], random_state=0),
    resample.BorderlineSMOTE(random_state=0),
    resample.ADASYN(random_state=0),
    resample.SafeLevelSMOTE(random_state=0),
    resample.MSMOTE(random_state=0),
    resample.MSYN(random_state=0),
    resample.KMeansSMOTE(random_state=0),
    resample.RandomUnderSampler(random_state=0),
    resample.NearMiss(),
    resample.ClusterUnderSampler(random_state=0),
    resample.TomekLinks(),
    resample.EditedNearestNeighbours(),
    resample.RepeatedEditedNearestNeighbours(),
    resample.CondensedNearestNeighbour(random_state=0),
    resample.OneSidedSelection(random_state=0),
    resample.SMOTEENN(random_state=0),
    resample.SMOTETomek(random_state=0),
]


@parametrize_with_checks(ALL)
def test_the_check_passes(estimator, check):
    check(estimator)
