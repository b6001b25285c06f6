"""The samplers in PyTorch: loaders, states, ranks."""

import inspect
import json
import os
import warnings

import numpy as np
import pytest

import imbalanced_art as ia

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.heavy

import torch.distributed as dist  # noqa: E402
import torch.multiprocessing as mp  # noqa: E402
from torch.utils.data import DataLoader, Dataset, DistributedSampler  # noqa: E402

from imbalanced_art.torch import (  # noqa: E402
    ArtSampler,
    BreakEvenSampler,
    PowerSampler,
    StaticBlendSampler,
)

LABELS = np.repeat([0, 1, 2], [80, 15, 6])
MATRIX = np.array([[70, 6, 4], [5, 9, 1], [3, 0, 3]])


class Rows(Dataset):
    """Gives each row's own number."""

    def __len__(self):
        return len(LABELS)

    def __getitem__(self, row):
        return row


def art(**settings):
    return ArtSampler(LABELS, seed=5, boost_frequency=1, **settings)


def test_it_is_a_distributed_sampler_with_the_rows_of_the_library():
    sampler, library = art(), ia.ArtSampler(LABELS, seed=5, boost_frequency=1)
    assert isinstance(sampler, DistributedSampler)
    for epoch in range(3):
        sampler.set_epoch(epoch)
        rows = list(sampler)
        assert all(type(row) is int for row in rows) and len(sampler) == len(rows)
        assert rows == library.draw(epoch + 1).tolist()
        sampler.observe(confusion=MATRIX)
        library.observe(epoch + 1, confusion=MATRIX)
    assert sampler.sampler.digest() == library.digest()


@pytest.mark.parametrize("kind", [ArtSampler, BreakEvenSampler, PowerSampler, StaticBlendSampler])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
def test_ranks_together_are_the_epoch(kind, n):
    whole = list(kind(LABELS, seed=5))

    def parts(**settings):
        return [list(kind(LABELS, seed=5, num_replicas=n, rank=rank, **settings)) for rank in range(n)]

    uneven = parts(even=False)
    assert [row for step in zip(*[[*p, None] for p in uneven]) for row in step if row is not None] == whole
    padded = [row for step in zip(*parts(), strict=True) for row in step]
    assert padded == whole + whole[: len(padded) - len(whole)] and len(padded) - len(whole) < n
    cut = [row for step in zip(*parts(drop_last=True), strict=True) for row in step]
    assert cut == whole[: len(cut)] and len(whole) - len(cut) < n


def test_without_set_epoch_a_finished_iteration_is_followed_by_the_next_epoch():
    by_hand, alone = art(), art()
    for epoch in range(3):
        by_hand.set_epoch(epoch)
        assert list(by_hand) == list(alone)
        by_hand.observe(confusion=MATRIX)
        alone.observe(confusion=MATRIX)
    # A loop that stops early and looks at validation goes on with the next epoch as well.
    iterator = iter(alone)
    next(iterator)
    alone.observe(confusion=MATRIX)
    by_hand.set_epoch(3)
    list(by_hand)
    by_hand.observe(confusion=MATRIX)
    assert list(by_hand) == list(alone)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (1, 3), (2, 3), (3, 2), (4, 1)])
@pytest.mark.parametrize("stop", [0, 1, 10, 24])
def test_a_state_in_the_middle_goes_on_with_another_number_of_ranks(before, after, stop):
    whole = list(art())
    old = [art(num_replicas=before, rank=rank) for rank in range(before)]
    iterators = [iter(sampler) for sampler in old]
    seen = [next(iterator) for _ in range(stop) for iterator in iterators]
    states = [json.loads(json.dumps(sampler.state_dict())) for sampler in old]
    assert all(state == states[0] for state in states)
    rest = []
    for rank in range(after):
        sampler = art(num_replicas=after, rank=rank, even=False)
        sampler.load_state_dict(states[0])
        # What a loop that resumes does.
        sampler.set_epoch(states[0]["epoch"])
        assert len(sampler) == len(part := list(sampler))
        rest.append(part)
    rest = [row for step in zip(*[[*p, None] for p in rest]) for row in step if row is not None]
    assert seen + rest == whole


def test_a_state_at_the_end_goes_on_with_the_next_epoch():
    sampler, other = art(), art()
    list(sampler)
    sampler.observe(confusion=MATRIX)
    other.load_state_dict(sampler.state_dict())
    assert list(other) == list(sampler) and other.epoch == 1


@pytest.mark.parametrize("n_workers", [0, 2])
def test_a_loader_with_workers_gives_the_rows_in_order(n_workers):
    sampler, library = art(), ia.ArtSampler(LABELS, seed=5, boost_frequency=1)
    loader = DataLoader(Rows(), batch_size=8, sampler=sampler, num_workers=n_workers, persistent_workers=n_workers > 0)
    for epoch in range(3):
        sampler.set_epoch(epoch)
        rows = torch.cat(list(loader)).tolist()
        assert rows == library.draw(epoch + 1).tolist()
        sampler.observe(confusion=MATRIX)
        library.observe(epoch + 1, confusion=MATRIX)


def test_with_workers_the_rows_done_are_told():
    sampler, other = art(), art()
    loader = DataLoader(Rows(), batch_size=8, sampler=sampler, num_workers=2)
    batches = iter(loader)
    seen = [next(batches) for _ in range(3)]
    assert sampler.state_dict()["consumed"] > 24
    other.load_state_dict(sampler.state_dict(rows_done=24))
    assert torch.cat(seen).tolist() + list(other) == list(art())


def stateful_loader(n_workers):
    """A sampler and a loader of it that saves how far it came."""
    stateful = pytest.importorskip("torchdata.stateful_dataloader")
    sampler = art()
    return sampler, stateful.StatefulDataLoader(Rows(), batch_size=8, sampler=sampler, num_workers=n_workers)


@pytest.mark.parametrize("n_workers", [0, 2])
@pytest.mark.parametrize("stop", [0, 3, 12, 13])
def test_a_stateful_loader_resumes(n_workers, stop):
    sampler, loader = stateful_loader(n_workers)
    expected = [batch.tolist() for _ in range(2) for batch in loader]
    sampler, loader = stateful_loader(n_workers)
    batches = iter(loader)
    seen = [next(batches).tolist() for _ in range(stop)]
    state = loader.state_dict()
    sampler, loader = stateful_loader(n_workers)
    loader.load_state_dict(state)
    rest = [batch.tolist() for batch in loader]
    if stop < 13:
        assert seen + rest == expected[:13]
        assert [batch.tolist() for batch in loader] == expected[13:]
    else:
        assert rest == expected[13:] or [batch.tolist() for batch in loader] == expected[13:]


def test_a_state_from_between_the_last_batch_and_observe_goes_on_with_observe():
    straight = art()
    for epoch in range(3):
        straight.set_epoch(epoch)
        expected = list(straight)
        straight.observe(confusion=MATRIX)
    sampler, other, unasked = art(), art(), art()
    sampler.set_epoch(0)
    list(sampler)
    sampler.observe(confusion=MATRIX)
    sampler.set_epoch(1)
    list(sampler)
    state = sampler.state_dict()
    other.load_state_dict(state)
    for epoch in (1, 2):
        other.set_epoch(epoch)
        # Asking again changes nothing, nor does a state that is saved and taken up here.
        other.set_epoch(epoch)
        if epoch == 1:
            assert other.state_dict() == state and len(other) == 0
        rows = list(other)
        assert rows == ([] if epoch == 1 else expected)
        assert other.observe(confusion=MATRIX).epoch == epoch
    assert other.state_dict() == straight.state_dict()
    # The next epoch is the next one.
    unasked.load_state_dict(state)
    unasked.set_epoch(2)
    assert len(list(unasked)) == len(LABELS) and unasked.epoch == 2


@pytest.mark.parametrize("n_workers", [0, 2])
@pytest.mark.parametrize("is_ended", [False, True])
def test_a_stateful_loader_goes_on_with_observe(n_workers, is_ended):
    sampler, loader = stateful_loader(n_workers)
    sampler.set_epoch(0)
    batches = iter(loader)
    for _ in range(13):
        next(batches)
    if is_ended:
        assert next(batches, None) is None
    state = loader.state_dict()
    sampler, loader = stateful_loader(n_workers)
    loader.load_state_dict(state)
    sampler.set_epoch(0)
    assert list(loader) == [] and sampler.observe(confusion=MATRIX).epoch == 0
    sampler.set_epoch(1)
    assert sum(map(len, loader)) == len(LABELS) and sampler.observe(confusion=MATRIX).epoch == 1


def test_an_epoch_is_observed_once_also_after_a_state():
    sampler, other = art(), art()
    list(sampler)
    sampler.observe(confusion=MATRIX)
    other.load_state_dict(sampler.state_dict())
    other.set_epoch(0)
    for again in (sampler, other):
        with pytest.raises(ia.ArtError, match="epoch 0 was observed already: call observe once"):
            again.observe(confusion=MATRIX)
    other.set_epoch(3)
    list(other)
    assert other.observe(confusion=MATRIX).epoch == 3
    other.set_epoch(2)
    with pytest.raises(ia.ArtError, match="epoch 2 cannot be observed after epoch 3"):
        other.observe(confusion=MATRIX)


def test_observing_before_a_row_was_drawn_is_warned_of():
    with pytest.warns(UserWarning, match="no row of epoch 0 was drawn yet"):
        art().observe(confusion=MATRIX)
    sampler, other = art(), art()
    next(iter(sampler))
    other.load_state_dict(sampler.state_dict())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sampler.observe(confusion=MATRIX)
        # A state from the middle, and nothing after it.
        other.observe(confusion=MATRIX)


def test_settings_are_shown_and_held_to():
    shown, inside = inspect.signature(ArtSampler).parameters, inspect.signature(ia.ArtSampler).parameters
    assert {*inside, "num_replicas", "rank", "drop_last", "even"} == set(shown)
    assert all(shown[name] == inside[name] for name in inside) and "boost_frequency : int" in ArtSampler.__doc__
    for name, text in [("boost_freq", "'boost_frequency'"), ("blend", "'blend_constant'"), ("x", "; it has seed")]:
        with pytest.raises(TypeError, match=f"no setting '{name}'.*{text}"):
            ArtSampler(LABELS, **{name: 1})
    with pytest.raises(TypeError, match="no setting 'boost_frequency'; did you mean 'refresh_every'|it has"):
        BreakEvenSampler(LABELS, boost_frequency=1)


def test_batches_that_were_not_joined_are_told_of():
    sampler = art()
    list(sampler)
    for parts in ([torch.tensor([0, 1]), torch.tensor([2])], [torch.tensor([0, 1]), torch.tensor([2, 2])]):
        with pytest.raises(ValueError, match="join them first"):
            sampler.observe(parts, parts)


def test_tensors_are_taken_as_labels_and_predictions():
    labels = torch.from_numpy(LABELS)
    assert list(ArtSampler(labels, seed=5, boost_frequency=1)) == list(art())
    sampler = art()
    list(sampler)
    with pytest.raises(ValueError, match="argmax"):
        sampler.observe(labels, torch.zeros(len(labels), 3))
    assert sampler.observe(labels, torch.zeros(len(labels), dtype=torch.int64)) is not None


def test_f1_may_be_tensors():
    expected, *others = art(), art(), art(), art()
    f1 = torch.tensor([0.75, 0.5, 0.25], dtype=torch.bfloat16, requires_grad=True)
    list(expected)
    refresh = expected.observe(f1=[0.75, 0.5, 0.25])
    for sampler, given in zip(others, (f1, list(f1), dict(enumerate(f1))), strict=True):
        list(sampler)
        assert (sampler.observe(f1=given).distribution == refresh.distribution).all()


def test_states_of_other_samplers_are_refused():
    for state in [{}, ia.ArtSampler(LABELS).state_dict(), BreakEvenSampler(LABELS).state_dict()]:
        with pytest.raises(ia.StateError):
            art().load_state_dict(state)


# --- Processes ---------------------------------------------------------------


def _start(rank, n, port, work, arguments, results):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=n)
    try:
        results[rank] = work(rank, *arguments)
    finally:
        dist.destroy_process_group()


def _free_port():
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def processes(n, work, *arguments):
    """What ``work`` returns in each of ``n`` gloo processes."""
    with mp.Manager() as manager:
        results = manager.dict()
        mp.spawn(_start, (n, _free_port(), work, arguments, results), nprocs=n)
        return [results[rank] for rank in range(n)]


def _train(rank, n_epochs):
    sampler, rows = art(even=False), []
    for epoch in range(n_epochs):
        sampler.set_epoch(epoch)
        rows.append(list(sampler))
        # Each validation row is on one rank.
        truth = LABELS[rank :: sampler.num_replicas]
        predicted = np.where(np.arange(len(LABELS)) % (epoch + 2) == 0, 0, LABELS)
        sampler.observe(truth, predicted[rank :: sampler.num_replicas])
    return rows, sampler.state_dict(), sampler.distribution.tolist()


@pytest.mark.parametrize("n", [2, 3])
def test_processes_together_are_one_process(n):
    alone, state, distribution = _train(0, 20)
    results = processes(n, _train, 20)
    for rows, other, shares in results:
        assert other["sampler"] == state["sampler"] and shares == distribution
    for epoch in range(20):
        parts = [[*rows[epoch], None] for rows, _, _ in results]
        assert [row for step in zip(*parts) for row in step if row is not None] == alone[epoch]


def _disagree(rank, what):
    sampler = art(memory=0.1 * rank if what == "settings" else 0)
    if what == "order" and rank:
        sampler = ArtSampler(LABELS[::-1].copy(), seed=5, boost_frequency=1)
    if what == "epoch":
        sampler.set_epoch(rank)
    given = {"confusion": MATRIX}
    if what == "classes" and rank:
        sampler = ArtSampler(LABELS, seed=5, classes=range(7))
        given = {"confusion": np.eye(7)}
    if what == "label":
        given = {"y_true": [0, 1], "y_pred": [0, 1 + 2 * rank]}
    if what == "form" and rank:
        given = {"f1": [0.9, 0.5, 0.1]}
    try:
        sampler.observe(**given)
    except (RuntimeError, ValueError) as error:
        return str(error)
    return "no error"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("settings", "state differs"),
        ("order", "in another order"),
        ("epoch", "epochs, 0 to 1"),
        ("classes", "labels differ between ranks: rank 0 has 3 classes and rank 1 has 7"),
        ("form", "rank 0 has counts to add and rank 1 has not"),
    ],
)
def test_ranks_that_disagree_all_raise(what, text):
    assert all(text in error for error in processes(2, _disagree, what))


def test_a_label_that_one_rank_refuses_is_told_on_all():
    other, own = processes(2, _disagree, "label")
    assert "y_pred: row 1 is 3, which is none of the classes" in own and "rank 1 was given feedback that it refuses" in other


def _validate_on_one(rank):
    sampler = art(even=False)
    for _ in range(2):
        list(sampler)
        counts = torch.zeros(3, 3, dtype=torch.int64)
        if rank == 0:
            counts += torch.from_numpy(MATRIX)
        dist.broadcast(counts, src=0)
        sampler.observe(confusion=counts, reduce=False)
    return sampler.state_dict()


def test_one_process_may_validate_for_all():
    alone = art()
    for _ in range(2):
        list(alone)
        alone.observe(confusion=MATRIX)
    assert [state["sampler"] for state in processes(2, _validate_on_one)] == [alone.state_dict()["sampler"]] * 2


def _first_part(rank, stop):
    sampler = art()
    iterator = iter(sampler)
    return [next(iterator) for _ in range(stop)], sampler.state_dict()


def _second_part(rank, state):
    sampler = art(even=False)
    sampler.load_state_dict(state)
    return list(sampler)


def test_two_processes_stop_and_three_go_on():
    first = processes(2, _first_part, 20)
    second = processes(3, _second_part, first[0][1])
    rows = [row for step in zip(*[rows for rows, _ in first]) for row in step]
    rows += [r for step in zip(*[[*p, None] for p in second]) for r in step if r is not None]
    assert rows == list(art())
