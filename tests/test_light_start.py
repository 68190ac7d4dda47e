"""Help and lists load and compile nothing that they do not need."""

import subprocess
import sys

import pytest

import fairweather as command
from tests.conftest import PROJECT

HEAVY = """
import sys
from fairweather import main
code = main(sys.argv[1:])
print('LOADED', *[m for m in ('torch', 'pygame', 'cv2', 'numba', 'hydra') if m in sys.modules])
sys.exit(code)
"""


def loaded(*words):
    done = subprocess.run(
        [sys.executable, "-c", HEAVY, *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["generate", "--help"], ["train", "-h"]]
)
def test_help_loads_nothing_heavy(words):
    assert loaded(*words) == []


@pytest.mark.parametrize("what", list(command.FAMILIES))
def test_a_list_loads_neither_networks_nor_a_window(what):
    assert not {"torch", "pygame"} & set(loaded("describe", what))


COMPILED = """
import sys
from fairweather import main
main(sys.argv[1:])
import numba.core.dispatcher as d
kernels = [v for n, m in list(sys.modules.items())
           if n.split('.')[0] in ('simulator', 'scenarios', 'render')
           for v in vars(m).values() if isinstance(v, d.Dispatcher)]
print('KERNELS', len(kernels), sum(len(k.signatures) for k in kernels))
"""


def test_a_list_of_the_weather_compiles_no_kernel():
    done = subprocess.run(
        [sys.executable, "-c", COMPILED, "describe", "weather"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    kernels, compiled = map(int, done.stdout.splitlines()[-1].split()[1:])
    assert kernels > 0
    assert compiled == 0
