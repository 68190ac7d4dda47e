"""A scene in the mirror: from a world where traffic keeps right to one where it keeps left.

Layouts, signs, traffic and people are drawn for traffic that keeps right. Their mirror image (north
and south changed) is a sound world for traffic that keeps left: what was on the right is on the
left, roundabouts turn the other way, and whoever turned right turns left. Plates are drawn from the
place and the heading of a sign, so that no letter is mirrored; arrows that say a side are turned
where the face is drawn (``sign.Look.handed``).
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np

from simulator.agents import AgentTable
from simulator.camera import Camera
from simulator.footpath import Footpath
from simulator.lane import Lane, Turn
from simulator.network import Crosswalk, Network
from simulator.scene import Scene
from simulator.sign import Sign
from simulator.signals import Signal
from simulator.signs import SIGNS
from simulator.support import Panel, Support
from simulator.surroundings import Block, Cone, Pole, Surroundings, Tree

T = TypeVar("T", Sign, Signal, Camera, Tree, Pole, Block, Cone, Panel)

OTHER_SIDE = {"right": "left", "left": "right"}
OTHER_TURN = {Turn.LEFT: Turn.RIGHT, Turn.RIGHT: Turn.LEFT}


def mirrored(scene: Scene) -> Scene:
    """The mirror image of a scene, whose traffic keeps to the other side; twice gives it back.

    Sun and wind stay as they are: they know no side of the road.
    """
    return dataclasses.replace(
        scene,
        network=mirrored_network(scene.network),
        agents=_agents(scene.agents),
        signs=tuple(_sign(s) for s in scene.signs),
        signals=tuple(_placed(s) for s in scene.signals),
        surroundings=_surroundings(scene.surroundings),
        camera=_placed(scene.camera),
        paths=tuple(
            Footpath(_points(p.line_m), p.crosswalks, p.spans_m) for p in scene.paths
        ),
        convention=dataclasses.replace(
            scene.convention, side=OTHER_SIDE[scene.convention.side]
        ),
    )  # fmt: skip


def mirrored_network(network: Network) -> Network:
    """The mirror image of a network: left and right neighbours, lines and turns are changed."""
    x0, y0, x1, y1 = network.bounds_m
    areas = ("junctions_m", "kerbs_m", "islands_m", "paint_m")
    return dataclasses.replace(
        network,
        lanes=tuple(_lane(lane) for lane in network.lanes),
        left_of=network.right_of,
        right_of=network.left_of,
        bounds_m=(x0, 0.0 - y1, x1, 0.0 - y0),
        crosswalks=tuple(_crosswalk(c) for c in network.crosswalks),
        **{name: tuple(_area(p) for p in getattr(network, name)) for name in areas},
    )


def _points(line_m: np.ndarray) -> np.ndarray:
    """Points f64[N, 2] mirrored; 0 stays 0 and becomes no -0, which JSON would keep."""
    return np.column_stack([line_m[:, 0], 0.0 - line_m[:, 1]])


def _area(polygon_m: np.ndarray) -> np.ndarray:
    """A polygon mirrored, its corners still in the same sense of rotation."""
    return _points(polygon_m)[::-1]


def _placed(thing: T) -> T:
    """Anything with a place ``x_m, y_m`` and, where it has one, a heading."""
    turned = {n: 0.0 - getattr(thing, n) for n in ("y_m", "heading_rad") if hasattr(thing, n)}
    return dataclasses.replace(thing, **turned)


def _sign(sign: Sign) -> Sign:
    """What forbids a turn forbids the other; what hangs askew does so to the other side."""
    kind = SIGNS[sign.type].mirror or sign.type
    return dataclasses.replace(_placed(sign), type=kind, tilt_rad=0.0 - sign.tilt_rad)


def _lane(lane: Lane) -> Lane:
    return dataclasses.replace(
        lane,
        centre_m=_points(lane.centre_m),
        left=lane.right,
        right=lane.left,
        turn=OTHER_TURN.get(lane.turn, lane.turn),
    )


def _crosswalk(crosswalk: Crosswalk) -> Crosswalk:
    (ax, ay), (bx, by) = crosswalk.a_m, crosswalk.b_m
    return dataclasses.replace(crosswalk, a_m=(ax, 0.0 - ay), b_m=(bx, 0.0 - by))


def _agents(agents: AgentTable) -> AgentTable:
    turned = {n: 0.0 - getattr(agents, n) for n in ("parked_y_m", "parked_heading_rad")}
    return dataclasses.replace(agents, **turned)


def _surroundings(around: Surroundings) -> Surroundings:
    return dataclasses.replace(
        around,
        buildings=tuple(
            dataclasses.replace(b, footprint_m=_area(b.footprint_m)) for b in around.buildings
        ),
        trees=tuple(_placed(t) for t in around.trees),
        poles=tuple(
            dataclasses.replace(_placed(p), lamp_y_m=0.0 - p.lamp_y_m) for p in around.poles
        ),
        blocks=tuple(_placed(b) for b in around.blocks),
        cones=tuple(_placed(c) for c in around.cones),
        supports=tuple(_support(s) for s in around.supports),
    )


def _support(support: Support) -> Support:
    return dataclasses.replace(
        support,
        y_m=0.0 - support.y_m,
        end_y_m=0.0 - support.end_y_m,
        panels=tuple(_placed(panel) for panel in support.panels),
    )
