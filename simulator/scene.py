"""A scene: everything needed to replay and to draw it. Immutable; see ``scene_io`` for JSON."""

from __future__ import annotations

import dataclasses
import itertools

from simulator.agents import AgentTable
from simulator.camera import Camera, Sensor, lens_fault, view_fault
from simulator.conditions import Conditions
from simulator.convention import PLATES, USUAL, Convention
from simulator.course import Course
from simulator.footpath import Footpath
from simulator.network import Network
from simulator.settings import LATER
from simulator.sign import Sign
from simulator.signals import Signal, SignalPlan
from simulator.surroundings import Surroundings

SCENE_VERSION = 3


@dataclasses.dataclass(frozen=True, eq=False)
class Scene:
    """One scene before it moves.

    Attributes:
        seed, index: the names of its random streams.
        layout: name of the layout that built the network.
        routes: lane ids of each route, in order; an agent's ``route`` indexes this.
        conditions: the weather that the drivers drive in.
        course: how that weather goes on, where it changes; begins with ``conditions``.
        paths: ways on foot; the ``route`` of a pedestrian indexes this.
        plate_scale: factor by which symbolic plates and lamp housings are enlarged.
        plates: symbolic or upright; upright ones have their real size and stand on posts.
        warm_up_s: simulated time before the first frame. step_s: time step of the engine.
        convention: side of the road and signs; files that do not name it have the default one.
    """

    seed: int
    index: int
    layout: str
    network: Network
    routes: tuple[tuple[int, ...], ...]
    agents: AgentTable
    signs: tuple[Sign, ...]
    signals: tuple[Signal, ...]
    plan: SignalPlan
    surroundings: Surroundings
    conditions: Conditions
    camera: Camera
    sensor: Sensor
    paths: tuple[Footpath, ...] = ()
    plate_scale: float = 3.2
    warm_up_s: float = 30.0
    step_s: float = 0.1
    course: Course | None = dataclasses.field(default=None, metadata=LATER)
    version: int = SCENE_VERSION
    convention: Convention = dataclasses.field(default=USUAL, metadata=LATER)
    plates: str = dataclasses.field(default="symbolic", metadata=LATER)

    def __post_init__(self) -> None:
        if self.version != SCENE_VERSION:
            raise ValueError(f"scene version {self.version}, this program reads {SCENE_VERSION}")
        if self.plates not in PLATES:
            raise ValueError(f"plates must be one of {', '.join(PLATES)}, got {self.plates!r}")
        lanes = len(self.network.lanes)
        for route in self.routes:
            if not route or any(not 0 <= i < lanes for i in route):
                raise ValueError("a route is empty or names a lane that is not there")
            for a, b in itertools.pairwise(route):
                if b not in self.network.successors[a]:
                    raise ValueError(f"a route goes from lane {a} to {b}, which does not follow it")
        if not 0.01 <= self.step_s <= 0.2 or not 0 <= self.warm_up_s <= 600:
            raise ValueError("step_s must be 0.01 to 0.2 s and warm_up_s 0 to 600 s")
        if fault := lens_fault(self.camera) or view_fault(self.camera):
            raise ValueError(fault)
        self._check_people()

    @property
    def weather(self) -> Conditions | Course:
        """The weather that the drivers drive in, and how it goes on."""
        return self.course or self.conditions

    def _check_people(self) -> None:
        for rows, ways in ((~self.agents.on_foot, self.routes), (self.agents.on_foot, self.paths)):
            if rows.any() and int(self.agents.route[rows].max()) >= len(ways):
                raise ValueError("an agent has a route or a path that is not there")
        if (self.agents.route[self.agents.on_foot] < 0).any():
            raise ValueError("somebody on foot has no path")
        crosswalks = len(self.network.crosswalks)
        if any(not 0 <= c < crosswalks for p in self.paths for c in p.crosswalks.tolist()):
            raise ValueError("a footpath names a crosswalk that is not there")
