"""Samplers without a framework."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import imbalanced_art as ia

LABELS = np.repeat([0, 1, 2], [80, 15, 5])
MATRIX = [[70, 6, 4], [5, 9, 1], [3, 0, 2]]


def samplers():
    return [
        ia.ArtSampler(LABELS, seed=3, boost_frequency=1),
        ia.ArtSampler(LABELS, seed=3, boost_frequency=1, memory=0.5, shrinkage=4, max_copies=5),
        ia.ArtSampler(LABELS, seed=3, boost_frequency=1, mode="iid", bounds=(0.25, 10, 2)),
        ia.StaticBlendSampler(LABELS, seed=3),
        ia.BreakEvenSampler(LABELS, seed=3),
        ia.PowerSampler(LABELS, seed=3),
        ia.PowerSampler(LABELS, seed=3, schedule="progressive", n_epochs=10),
        ia.ClassBalancedSampler(LABELS, seed=3),
        ia.ShuffleSampler(LABELS, seed=3),
    ]


@pytest.mark.parametrize("sampler", samplers(), ids=repr)
def test_shards_of_an_epoch_are_the_epoch(sampler):
    whole = sampler.draw(2)
    assert whole.dtype == np.int64 and len(whole) == len(LABELS)
    for count in (1, 2, 3, 7):
        for index in range(count):
            assert (sampler.draw(2, shard=(index, count)) == whole[index::count]).all()


@pytest.mark.parametrize("made", range(len(samplers())))
def test_a_state_gives_the_same_rows_as_never_stopping(made):
    sampler, other = samplers()[made], samplers()[made]
    for epoch in (1, 2, 3):
        sampler.observe(epoch, confusion=MATRIX)
    state = json.loads(json.dumps(sampler.state_dict()))
    other.load_state_dict(state)
    assert other.digest() == sampler.digest()
    assert (other.draw(4) == sampler.draw(4)).all()
    assert (other.distribution == sampler.distribution).all()


def test_feedback_in_every_form_is_the_same():
    truth = np.repeat([0, 1, 2], 4)
    predicted = np.array([0, 0, 0, 1, 1, 1, 0, 0, 2, 0, 0, 0])
    by_labels, by_counts, by_f1 = (ia.ArtSampler(LABELS, boost_frequency=1) for _ in range(3))
    matrix = by_labels.confusion(truth, predicted)
    one = by_labels.observe(1, truth, predicted)
    two = by_counts.observe(1, confusion=matrix)
    hits = np.diag(matrix).astype(float)
    f1 = 2 * hits / (matrix.sum(0) + matrix.sum(1))
    three = by_f1.observe(1, f1=dict(enumerate(f1)))
    assert (one.distribution == two.distribution).all()
    assert np.allclose(one.distribution, three.distribution)
    assert one.number == 1 and one.epoch == 1
    assert np.allclose(one.difficulty, 1 - f1)


def test_a_class_without_validation_rows_is_the_same_by_f1_as_by_counts():
    by_counts, by_f1 = (ia.ArtSampler(LABELS, boost_frequency=1) for _ in range(2))
    matrix = np.array([[70, 6, 4], [5, 9, 1], [0, 0, 0]])
    f1 = 2 * np.diag(matrix) / (matrix.sum(0) + matrix.sum(1))
    f1[2] = np.nan
    for sampler, given in ((by_counts, {"confusion": matrix}), (by_f1, {"f1": f1})):
        with pytest.warns(UserWarning, match="no validation row is of class 2"):
            sampler.observe(1, **given)
    assert np.allclose(by_counts.distribution, by_f1.distribution, rtol=1e-12)


@pytest.mark.parametrize("setting", [{"difficulty": "recall"}, {"memory": 0.5}, {"shrinkage": 4}], ids=str)
def test_settings_that_f1_says_too_little_for_are_named(setting):
    [(name, value)] = setting.items()
    with pytest.raises(ValueError, match=f"{name}={value!r} cannot go by it: give y_true and y_pred, or confusion"):
        ia.ArtSampler(LABELS, **setting).observe(1, f1=[0.9, 0.5, 0.1])


def test_labels_of_any_kind_are_the_same_classes():
    words = np.array(["cat", "dog", "elk"])[LABELS]
    expected = ia.ArtSampler(LABELS).draw(1)
    for labels in [
        LABELS.tolist(),
        LABELS.astype(np.uint8),
        LABELS.astype(float),
        LABELS * 1000 - 7,
        (LABELS * 10)[:, None],
        np.repeat(LABELS, 2)[::2],
        words,
        words.astype(object),
        words.tolist(),
    ]:
        assert (ia.ArtSampler(labels).draw(1) == expected).all()
    named = ia.ArtSampler(words)
    assert named.classes_.tolist() == ["cat", "dog", "elk"]
    assert named.observe(5, words, words).distribution.sum() == pytest.approx(1)


def test_classes_without_rows_can_be_declared():
    sampler = ia.ArtSampler([0, 0, 2], classes=[0, 1, 2])
    assert sampler.class_counts.tolist() == [2, 0, 1]
    assert sampler.distribution[1] == 0


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ia.ArtSampler([]), "no row"),
        (lambda: ia.ArtSampler([0.5, 1]), "not measurements"),
        (lambda: ia.ArtSampler([0, np.nan]), "row 1 is nan"),
        (lambda: ia.ArtSampler(["a", None]), "row 1 is None"),
        (lambda: ia.ArtSampler([[0, 1], [1, 0]]), "argmax"),
        (lambda: ia.ArtSampler([0, 3], classes=[0, 1]), "row 1 is"),
        (lambda: ia.ArtSampler([0, 1], classes=[0, 0, 1]), "twice"),
        (lambda: ia.ArtSampler([0, 1], blend_constant=2), "blend_constant is 2"),
        (lambda: ia.ArtSampler([0, 1], seed=-1), "seed is -1"),
        (lambda: ia.ArtSampler([0, 1], mode="x"), "mode is"),
        (lambda: ia.ArtSampler([0, 1]).draw(0), "epoch is 0"),
        (lambda: ia.ArtSampler([0, 1]).draw(1, shard=(2, 2)), "2/2"),
        (lambda: ia.ArtSampler([0, 1]).observe(0, [0, 1], [0, 1]), "counted from 1"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, [0, 1], [0]), "2 rows"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, [0], [5]), "row 0 is 5, which is none of the classes"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, np.array([0, 5]), [0, 0]), "row 1 is 5, which"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, [[0, 1], [1]], [0, 1, 1]), "join them first"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, [0]), "belong together"),
        (lambda: ia.ArtSampler([0, 1]).observe(1), "give y_true"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, confusion=[[1.5, 0], [0, 1]]), "counts"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, confusion=[[1, 0]]), "shape"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, f1=[0.5, 2]), "0 to 1"),
        (lambda: ia.ArtSampler([0, 1]).observe(1, f1=[np.nan, np.nan]), "no class has a validation row"),
        (lambda: ia.BreakEvenSampler([0, 1]).observe(1, f1=[0.5, 1]), "cannot learn"),
        (lambda: ia.PowerSampler([0, 1], schedule="linear"), "n_epochs"),
    ],
)
def test_bad_input_is_refused_with_what_and_where(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_values_of_the_wrong_type_are_type_errors():
    for call in [
        lambda: ia.ArtSampler(["a", 1]).draw(1.5),
        lambda: ia.ArtSampler([0, 1], seed="x"),
        lambda: ia.ArtSampler(np.array(["a", 1], dtype=object)),
        lambda: ia.ArtSampler([0, 1], blend_constant="x"),
        lambda: ia.Sampler([0, 1]),
        lambda: ia.ArtSampler([0, 1]).observe([0, 1], [0, 1]),
        lambda: ia.ShuffleSampler([0, 1], blend=1),
    ]:
        with pytest.raises(TypeError):
            call()


def test_an_epoch_is_observed_once_and_in_order():
    sampler = ia.ArtSampler(LABELS)
    sampler.observe(2, confusion=MATRIX)
    for epoch in (1, 2):
        with pytest.raises(ia.ArtError, match="observed once"):
            sampler.observe(epoch, confusion=MATRIX)


def test_a_state_of_something_else_is_refused_and_changes_nothing():
    sampler = ia.ArtSampler(LABELS, seed=1)
    before = sampler.digest()
    newer = sampler.state_dict() | {"version": 99}
    inner = sampler.state_dict()
    inner["sampler"]["version"] = 99
    others = [
        ia.ArtSampler(LABELS, seed=2).state_dict(),
        ia.ArtSampler(LABELS, blend_constant=0.1, seed=1).state_dict(),
        ia.BreakEvenSampler(LABELS, seed=1).state_dict(),
        ia.ArtSampler(LABELS[:-1], seed=1).state_dict(),
        # The same classes and counts.
        ia.ArtSampler(LABELS[::-1], seed=1).state_dict(),
        newer,
        inner,
        {},
    ]
    for state in others:
        with pytest.raises(ia.StateError):
            sampler.load_state_dict(state)
    with pytest.raises(ia.StateError, match="labels are in another order"):
        sampler.load_state_dict(ia.ArtSampler(LABELS[::-1], seed=1).state_dict())
    with pytest.raises(ValueError, match="no sampler state"):
        sampler.load_state_dict({"version": 1, "sampler": {}})
    assert sampler.digest() == before


def test_a_state_without_what_came_later_is_taken_up():
    sampler, other = (ia.ArtSampler(LABELS, boost_frequency=1) for _ in range(2))
    sampler.observe(1, confusion=MATRIX)
    state = sampler.state_dict()
    other.load_state_dict({name: state[name] for name in ("version", "sampler")})
    assert (other.draw(2) == sampler.draw(2)).all()


def test_an_epoch_is_observed_once_also_after_a_state():
    sampler, other = (ia.ArtSampler(LABELS, boost_frequency=1) for _ in range(2))
    sampler.observe(2, confusion=MATRIX)
    other.load_state_dict(sampler.state_dict())
    with pytest.raises(ia.ArtError, match="epoch 2 cannot be observed after epoch 2"):
        other.observe(2, confusion=MATRIX)
    assert other.observe(3, confusion=MATRIX).epoch == 3


def test_classes_that_validation_lacks_are_named_once():
    sampler = ia.ArtSampler(LABELS, boost_frequency=1)
    with pytest.warns(UserWarning, match="no validation row is of class 0, 2"):
        sampler.observe(1, [1, 1], [0, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sampler.observe(2, [1, 1], [0, 1])
        # Without feedback it does not matter.
        ia.PowerSampler(LABELS).observe(1, [1, 1], [0, 1])


def test_importing_is_quick_and_loads_no_framework():
    program = (
        "import sys, time; start = time.perf_counter(); import imbalanced_art;"
        "took = time.perf_counter() - start;"
        "assert not {'torch', 'sklearn', 'imblearn', 'numpy', 'pandas'} & set(sys.modules), sys.modules;"
        "imbalanced_art.ArtSampler([0, 1]).draw(1);"
        "assert not {'torch', 'sklearn', 'imblearn', 'pandas'} & set(sys.modules);"
        "print(took)"
    )
    command = [sys.executable, "-P", "-c", program]
    # The best of three: others may use the machine.
    took = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(3)]
    assert min(map(float, took)) < 0.1


GOLDEN = json.loads((Path(__file__).parent / "golden/epochs.json").read_text())
GOLDEN_SAMPLERS = {
    "art": lambda **s: ia.ArtSampler(boost_frequency=1, **s),
    "art-shrunk": lambda **s: ia.ArtSampler(boost_frequency=1, memory=0.5, shrinkage=4, **s),
    "static-blend": lambda **s: ia.StaticBlendSampler(blend_constant=0.3, **s),
    "break-even": ia.BreakEvenSampler,
    "power": ia.PowerSampler,
    "progressive": lambda **s: ia.PowerSampler(schedule="progressive", n_epochs=10, **s),
    "class-balanced": ia.ClassBalancedSampler,
    "shuffle": ia.ShuffleSampler,
}


@pytest.mark.parametrize("name", GOLDEN["rows"])
def test_rows_are_those_of_the_library(name):
    """Written by ``cargo run --package art-core --example epoch_rows``."""
    make = GOLDEN_SAMPLERS[name]
    sampler = make(labels=GOLDEN["labels"], seed=GOLDEN["seed"], classes=range(4))
    matrix = [[18, 2, 0, 0], [3, 3, 0, 0], [0, 0, 0, 0], [1, 1, 0, 1]]
    for epoch, rows in enumerate(GOLDEN["rows"][name], start=1):
        assert sampler.draw(epoch).tolist() == rows
        sampler.observe(epoch, confusion=matrix)


def test_whoever_validates_every_fifth_epoch_from_0_on_misses_no_refresh():
    labels = [0] * 90 + [1] * 10
    sampler = ia.ArtSampler(labels, seed=1)
    refreshed = [epoch for epoch in (1, 6, 11) if sampler.observe(epoch, labels, [0] * 100) is not None]
    assert refreshed == [6, 11]
