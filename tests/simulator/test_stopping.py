"""Being asked to stop: once, whoever asks and how often."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

import pytest

from simulator import stopping
from simulator.stopping import exit_code, stoppable

pytestmark = pytest.mark.usefixtures("signals_put_back")


@pytest.fixture
def signals_put_back():
    before = {s: signal.getsignal(s) for s in stopping.ASKING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_either_signal_interrupts_and_is_known_by_its_exit_code(number, code):
    with pytest.raises(KeyboardInterrupt) as stop, stoppable():
        os.kill(os.getpid(), number)
    assert exit_code(stop.value) == code
    assert exit_code(KeyboardInterrupt()) == 130


def test_asking_again_does_not_tear_the_tidying_up_and_not_the_exit():
    tidied = []

    def work():
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            tidied.append(True)

    with pytest.raises(KeyboardInterrupt), stoppable():
        work()
    os.kill(os.getpid(), signal.SIGINT)
    assert tidied == [True]


def test_asking_again_helps_where_somebody_has_swallowed_it(monkeypatch):
    monkeypatch.setattr(stopping, "TIDYING_S", 0.0)

    def work():
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), stoppable():
        work()


def test_an_interruption_that_python_drops_comes_again():
    class Gone:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0)

    def work():
        Gone()
        time.sleep(10)

    hook = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), stoppable():
        work()
    assert sys.unraisablehook is hook


def test_without_an_interruption_signals_act_as_they_did_before():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="a bug"), stoppable():
        raise ValueError("a bug")
    assert signal.getsignal(signal.SIGINT) is before


def test_what_is_ignored_from_outside_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with stoppable():
        os.kill(os.getpid(), signal.SIGINT)
