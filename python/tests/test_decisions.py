"""Decisions for arrays of probabilities or logits."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imbalanced_art import decisions

GOLDEN = json.loads((Path(__file__).parent / "golden/decisions.json").read_text())
RULES = {
    "tau-e": decisions.tau_e,
    "plug-in": decisions.plug_in,
    "thresholds": decisions.thresholds,
    "temperature": decisions.temperature,
}


def three_classes(n=600, seed=0):
    """Labels with the shares 0.8, 0.15 and 0.05, and their right probabilities."""
    random = np.random.default_rng(seed)
    shares = np.array([0.8, 0.15, 0.05])
    y = random.choice(3, n, p=shares)
    x = random.normal(size=(n, 3)) + 1.5 * np.eye(3)[y]
    z = 1.5 * x + np.log(shares)
    return y, np.exp(z) / np.exp(z).sum(1, keepdims=True)


def macro_f1(y, decided, k=3):
    confusion = np.zeros((k, k))
    np.add.at(confusion, (y, decided), 1)
    return (2 * np.diag(confusion) / np.maximum(confusion.sum(0) + confusion.sum(1), 1)).mean()


@pytest.mark.parametrize("world", GOLDEN)
@pytest.mark.parametrize("name", RULES)
def test_logits_are_decided_as_by_the_rust_library(world, name):
    y = np.array(world["labels"])
    z = np.array(world["logits"], dtype=np.float32).reshape(len(y), -1)
    rule = RULES[name](y, z, model_prior=world["prior"], from_logits=True)
    expected = world["rules"][name]
    assert rule.offsets.tolist() == expected["offsets"]
    assert rule.temperature == expected["temperature"]
    assert rule.predict(z).tolist() == expected["classes"]


@pytest.mark.parametrize("world", GOLDEN)
def test_costs_are_decided_as_by_the_rust_library(world):
    y = np.array(world["labels"])
    z = np.array(world["logits"], dtype=np.float32).reshape(len(y), -1)
    k = z.shape[1]
    costs = (1 + 3.0 * np.arange(k))[:, None] * (1 - np.eye(k))
    rule = decisions.by_costs(y, z, costs, model_prior=world["prior"], from_logits=True)
    assert rule.predict(z).tolist() == world["rules"]["costs"]["classes"]
    assert rule.predict_proba(z)[0] == pytest.approx(world["rules"]["costs"]["probabilities"], abs=1e-12)
    by_class = dict(enumerate(1 + 3.0 * np.arange(k)))
    for same in (by_class, list(by_class.values())):
        other = decisions.by_costs(y, z, same, model_prior=world["prior"], from_logits=True)
        assert other.costs.tolist() == costs.tolist()


@pytest.mark.parametrize("name", RULES)
def test_probabilities_are_decided_as_their_logits_are(name):
    y, p = three_classes()
    p = np.maximum(p, 1e-5)
    p /= p.sum(1, keepdims=True)
    of_p = RULES[name](y, p)
    of_z = RULES[name](y, np.log(p) + 3, from_logits=True)
    assert np.mean(of_p.predict(p) != of_z.predict(np.log(p) + 3)) < 0.005


def test_rules_for_macro_f1_find_rare_classes():
    y, p = three_classes()
    y_new, p_new = three_classes(5000, seed=1)
    plain = macro_f1(y_new, p_new.argmax(1))
    for name in ("tau-e", "plug-in"):
        assert macro_f1(y_new, RULES[name](y, p).predict(p_new)) > plain + 0.02, name


def test_a_balanced_models_probabilities_are_corrected():
    y, p = three_classes(5000)
    shares = np.bincount(y) / len(y)
    balanced = p / shares / (p / shares).sum(1, keepdims=True)
    rule = decisions.temperature(y, balanced, model_prior="balanced")
    assert rule.temperature == pytest.approx(1.0, abs=0.11)
    assert np.abs(rule.predict_proba(balanced) - p).mean() < 0.02
    # What the rule decides does not depend on what the model's probabilities are for, once that is told.
    of_balanced, of_p = decisions.plug_in(y, balanced, model_prior="balanced"), decisions.plug_in(y, p)
    assert np.mean(of_balanced.predict(balanced) != of_p.predict(p)) < 0.01


def test_the_temperature_calibrates():
    y, p = three_classes(5000)
    sharp = p**2 / (p**2).sum(1, keepdims=True)
    rule = decisions.temperature(y, sharp)
    assert rule.predict(sharp).tolist() == sharp.argmax(1).tolist()
    assert np.abs(rule.predict_proba(sharp) - p).mean() < np.abs(sharp - p).mean() / 3


def test_costs_move_the_decision_as_far_as_they_should():
    y, p = three_classes(5000)
    rule = decisions.by_costs(y, p, {2: 10.0})
    assert rule.temperature == 1.0
    expected = (p @ (np.array([1, 1, 10.0])[:, None] * (1 - np.eye(3)))).argmin(1)
    assert np.mean(rule.predict(p) != expected) < 0.01
    assert (rule.predict(p) == 2).sum() > 2 * (p.argmax(1) == 2).sum()


def test_labels_may_be_words_and_rows_may_be_few():
    y, p = three_classes(30)
    words = np.array(["common", "rare", "rarest"])
    rule = decisions.tau_e(words[y], p)
    assert set(rule.predict(p)) <= set(words)
    assert rule.predict(p).tolist() == words[decisions.tau_e(y, p).predict(p)].tolist()
    # In another order of columns.
    back = decisions.tau_e(words[y], p[:, ::-1], classes=words[::-1])
    assert back.predict(p[:, ::-1]).tolist() == rule.predict(p).tolist()


def test_a_class_without_rows_has_a_column_still():
    y, p = three_classes()
    few = y != 2
    rule = decisions.tau_e(y[few], p[few])
    assert rule.classes_.tolist() == [0, 1, 2]
    told = decisions.tau_e(y[few], p[few], class_prior=[0.8, 0.15, 0.05])
    assert (told.predict(p) == 2).sum() > (rule.predict(p) == 2).sum()


def test_columns_that_may_be_counted_from_1_must_be_told():
    y, p = three_classes()
    few = y != 0
    with pytest.raises(ValueError, match=r"3 columns and the labels are 1, 2: .* classes=range\(3\) or classes=range\(1, 4\)"):
        decisions.tau_e(y[few], p[few])
    assert decisions.tau_e(y[few], p[few], classes=range(3)).classes_.tolist() == [0, 1, 2]
    # Where all occur there is no doubt.
    assert decisions.tau_e(y + 1, p).classes_.tolist() == [1, 2, 3]


def test_what_is_given_may_be_of_any_kind():
    y, p = three_classes()
    expected = decisions.plug_in(y, p).predict(p).tolist()
    for same in (p.tolist(), np.asfortranarray(p), np.repeat(p, 2, axis=1)[:, ::2]):
        assert decisions.plug_in(y.tolist(), same).predict(same).tolist() == expected
    frozen = p.copy()
    frozen.flags.writeable = False
    assert decisions.plug_in(y, frozen).predict(frozen).tolist() == expected


def test_tensors_are_taken_as_they_are():
    torch = pytest.importorskip("torch")
    y, p = three_classes()
    z = torch.tensor(np.log(p), requires_grad=True)
    rule = decisions.tau_e(torch.tensor(y), z, from_logits=True)
    assert rule.predict(z).tolist() == decisions.tau_e(y, np.log(p), from_logits=True).predict(np.log(p)).tolist()
    half = torch.tensor(p, dtype=torch.bfloat16)
    assert len(decisions.tau_e(y, half).predict(half)) == len(y)


def test_a_rule_can_be_kept():
    y, p = three_classes()
    for make in (*RULES.values(), lambda y, p: decisions.by_costs(y, p, [1, 2, 3])):
        rule = make(y, p)
        assert pickle.loads(pickle.dumps(rule)).predict(p).tolist() == rule.predict(p).tolist()


def test_the_functions_load_no_framework():
    code = "import sys, imbalanced_art.decisions; print([name for name in ('sklearn', 'torch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


Y, P = three_classes(60)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: decisions.tau_e(Y, P * 2), "no probabilities.*from_logits=True"),
        (lambda: decisions.tau_e(Y, np.log(P)), "row 0 is .* no probabilities"),
        (lambda: decisions.tau_e(Y, np.where(P > 0.9, np.nan, P)), "finite"),
        (lambda: decisions.tau_e(Y, P[:, 0]), "column_stack"),
        (lambda: decisions.tau_e(Y, P[:, :1]), "at least 2 classes"),
        (lambda: decisions.tau_e(Y, P[:5]), "a row for each of 60 labels"),
        (lambda: decisions.tau_e(Y[:0], P[:0]), "no row"),
        (lambda: decisions.tau_e(Y + 5, np.eye(4)[Y]), "4 columns and there are 3 classes; say by classes"),
        (lambda: decisions.tau_e(Y.astype(str), np.eye(4)[Y]), "4 columns and there are 3 classes"),
        (lambda: decisions.tau_e(Y, P, classes=["a", "b", "c"]), "none of the classes"),
        (lambda: decisions.tau_e(Y, P, class_prior=[1, 1]), "class_prior has 2 shares"),
        (lambda: decisions.tau_e(Y, P, class_prior=[1, -1, 1]), "not negative"),
        (lambda: decisions.tau_e(Y, P, model_prior="equal"), "'balanced'"),
        (lambda: decisions.tau_e(Y, P).predict(P[:, :2]), "one for each of 3 classes"),
        (lambda: decisions.by_costs(Y, P, [1, 2]), "a cost for each of 3 classes"),
        (lambda: decisions.by_costs(Y, P, {"x": 2}), "none of the classes"),
        (lambda: decisions.by_costs(Y, P, [1, -2, 3]), "more than predicting rightly"),
        (lambda: decisions.by_costs(Y, P, [1, np.nan, 3]), "finite"),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
