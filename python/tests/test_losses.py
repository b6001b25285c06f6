"""Losses beside the values that the Rust ones are held to."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.heavy

from imbalanced_art import losses  # noqa: E402

GOLDEN = Path(__file__).parents[2] / "crates/art-losses/tests/golden/losses.json"
if not GOLDEN.exists():
    pytest.skip("the golden values are those of the workspace", allow_module_level=True)
GOLDEN = json.loads(GOLDEN.read_text())
COUNTS = GOLDEN["inputs"]["class_counts"]


def loss_named(name):
    drw = {"class_counts": COUNTS, "weight": losses.effective_number(COUNTS)}
    inverse, effective = losses.inverse_frequency(COUNTS), losses.effective_number(COUNTS)
    alike = {
        "focal_extreme_gamma_2": lambda: losses.FocalLoss(2),
        "weighted_ce_inverse_frequency_weighted_mean": lambda: losses.CostSensitiveLoss(
            inverse, reduction="weighted_mean"
        ),
        "weighted_ce_inverse_frequency_mean": lambda: losses.CostSensitiveLoss(inverse),
        "weighted_ce_effective_number_beta_0.9999_weighted_mean": lambda: losses.CostSensitiveLoss(
            effective, reduction="weighted_mean"
        ),
        "weighted_ce_effective_number_beta_0.9999_mean": lambda: losses.CostSensitiveLoss(effective),
        "ldam_logits": lambda: losses.LDAMLoss(COUNTS),
        "ldam_cosines": lambda: losses.LDAMLoss(COUNTS),
        "ldam_cosines_s1": lambda: losses.LDAMLoss(COUNTS, scale=1),
        "ldam_drw_cosines": lambda: losses.LDAMLoss(**drw),
        "ldam_drw_logits": lambda: losses.LDAMLoss(**drw),
        "balanced_softmax": lambda: losses.BalancedSoftmaxLoss(COUNTS),
    }
    if name in alike:
        return alike[name]()
    number = name.removesuffix("_alpha").rpartition("_")[2]
    if name.startswith("focal_gamma_"):
        alpha = [0.1, 0.2, 0.3, 0.4] if name.endswith("_alpha") else None
        return losses.FocalLoss(float(number), alpha=alpha)
    if name.startswith("ohem_keep_"):
        return losses.OHEMLoss(float(number))
    if name.startswith("logit_adjusted_tau_"):
        return losses.BalancedSoftmaxLoss(COUNTS, tau=float(number))
    return None


ENTRIES = {entry["name"]: entry for entry in GOLDEN["losses"] if loss_named(entry["name"])}


@pytest.mark.parametrize("name", ENTRIES)
def test_values_and_gradients_are_those_of_the_library(name):
    entry = ENTRIES[name]
    given = entry["params"].get("input", "cosines" if "cosines" in name else "logits")
    logits = torch.tensor(GOLDEN["inputs"][given], dtype=torch.float64, requires_grad=True)
    value = loss_named(name)(logits, torch.tensor(GOLDEN["inputs"]["labels"]))
    value.backward()
    assert value.item() == pytest.approx(entry["value"], rel=1e-9, abs=1e-9)
    expected = torch.tensor(entry["grad_logits"], dtype=torch.float64)
    assert torch.allclose(logits.grad, expected, rtol=1e-7, atol=1e-9)


def test_special_cases_are_one_another():
    torch.manual_seed(0)
    logits, targets = torch.randn(32, 4), torch.randint(4, (32,))
    plain = torch.nn.functional.cross_entropy(logits, targets)
    for loss in [
        losses.FocalLoss(0),
        losses.OHEMLoss(1),
        losses.CostSensitiveLoss([1, 1, 1, 1]),
        losses.BalancedSoftmaxLoss(COUNTS, tau=0),
        losses.BalancedSoftmaxLoss([0, 1, 2, 3], tau=0),
        losses.VectorScalingLoss(COUNTS, gamma=0, tau=0),
        losses.LDAMLoss(COUNTS, max_margin=0, scale=1),
    ]:
        assert loss(logits, targets).item() == pytest.approx(plain.item(), rel=1e-5)
        # A module that moves to half precision goes with it.
        assert loss.to(torch.bfloat16)(logits.bfloat16(), targets).dtype == torch.bfloat16
    assert losses.VectorScalingLoss(COUNTS, gamma=0)(logits, targets).item() == pytest.approx(
        losses.BalancedSoftmaxLoss(COUNTS)(logits, targets).item(), rel=1e-5
    )
    absent = losses.BalancedSoftmaxLoss([5, 0, 5, 5])(logits, targets)
    assert torch.isfinite(absent)


def test_what_makes_no_sense_is_refused():
    for call, text in [
        (lambda: losses.FocalLoss(-1), "gamma is -1"),
        (lambda: losses.FocalLoss(alpha=[0, 1]), "alpha"),
        (lambda: losses.OHEMLoss(0), "share"),
        (lambda: losses.BalancedSoftmaxLoss([1]), "one number a class"),
        (lambda: losses.LDAMLoss([0, 0]), "class_counts"),
        (lambda: losses.effective_number([1, 2], 1.0), "beta"),
        (lambda: losses.CostSensitiveLoss([1, 2], reduction="sum"), "reduction"),
        (lambda: losses.effective_number([0.05, 0.15, 0.8]), "these are shares; give rows of each class"),
        (lambda: losses.LDAMLoss([1, 2, 3], weight=[1, 2]), "weight has 2 numbers"),
    ]:
        with pytest.raises(ValueError, match=text):
            call()


MADE_FOR_THREE = [
    losses.CostSensitiveLoss([1, 2, 3]),
    losses.CostSensitiveLoss([1, 2, 3], reduction="weighted_mean"),
    losses.FocalLoss(alpha=[1, 2, 3]),
    losses.LDAMLoss([9, 5, 2]),
    losses.BalancedSoftmaxLoss([9, 5, 2]),
    losses.VectorScalingLoss([9, 5, 2]),
]
ALL = [*MADE_FOR_THREE, losses.FocalLoss(), losses.OHEMLoss()]


@pytest.mark.parametrize("loss", MADE_FOR_THREE, ids=repr)
@pytest.mark.parametrize(("n_columns", "text"), [(1, "1 column"), (2, "2 columns"), (4, "4 columns")])
def test_logits_of_other_classes_are_refused(loss, n_columns, text):
    with pytest.raises(ValueError, match=f"logits have {text}, expected one for each of 3 classes"):
        loss(torch.zeros(2, n_columns), torch.tensor([0, 0]))


@pytest.mark.parametrize("loss", ALL, ids=repr)
def test_targets_that_are_no_classes_are_refused(loss):
    logits = torch.zeros(2, 3)
    for targets, text in [
        ([0, 3], "row 1 is 3, expected 0 to 2"),
        ([-100, 0], "row 0 is -100"),
        ([0.0, 1.0], "whole numbers"),
        ([[0], [1]], "shape"),
        ([0], "shape"),
    ]:
        with pytest.raises(ValueError, match=text):
            loss(logits, torch.tensor(targets))
    with pytest.raises(ValueError, match="expected \\(batch, n_classes\\)"):
        loss(torch.zeros(2, 3, 4), torch.zeros(2, 4, dtype=torch.int64))
    assert torch.isfinite(loss(logits, torch.tensor([0, 2], dtype=torch.int32)))


def test_counts_stay_exact_where_a_module_moves():
    logits, targets = torch.randn(16, 2), torch.tensor([0, 1] * 8)
    for make in (losses.BalancedSoftmaxLoss, losses.VectorScalingLoss, losses.LDAMLoss):
        expected = make([70_000, 3])(logits, targets).item()
        moved = torch.nn.Sequential(make([70_000, 3])).half()
        assert moved[0](logits, targets).item() == expected
        assert moved[0](logits.half(), targets).item() == pytest.approx(expected, rel=1e-2)
        # Some devices have no double precision.
        moved.to("meta")
        assert moved[0](logits, targets).item() == expected and not moved.state_dict()


def test_settings_are_shown():
    assert repr(losses.VectorScalingLoss([9, 5, 2])) == "VectorScalingLoss(counts=[9, 5, 2], gamma=0.3, tau=1.0)"
    assert repr(losses.FocalLoss()) == "FocalLoss(gamma=2.0)"
    assert "scale=30.0" in repr(losses.LDAMLoss(range(1, 31))) and "…" in repr(losses.LDAMLoss(range(1, 31)))
