import numpy as np
from shapely import Polygon
from shapely.ops import unary_union

from simulator.network import Control
from simulator.signs import SIGNS


def test_the_stop_sign_is_a_red_octagon_of_three_quarters_of_a_metre_with_a_white_border():
    outline, face = SIGNS["stop"].north_america.patches[:2]
    assert len(outline.polygon_m) == 8
    assert np.allclose(np.ptp(outline.polygon_m, axis=0), 0.762)
    assert face.srgb[0] > 2 * face.srgb[1]
    assert min(outline.srgb) > 200
    assert Polygon(face.polygon_m).within(Polygon(outline.polygon_m))


def test_its_legend_is_four_letters_a_third_of_the_height_inside_the_red():
    sign = SIGNS["stop"]
    letters = unary_union([Polygon(p.polygon_m) for p in sign.north_america.patches[2:]])
    assert len(letters.geoms) == 4
    x0, y0, x1, y1 = letters.bounds
    assert abs((y1 - y0) / 0.762 - 1 / 3) < 0.02
    assert abs(x0 + x1) < 0.01
    assert abs(y0 + y1) < 0.01
    assert letters.within(Polygon(sign.north_america.patches[1].polygon_m))


def test_no_two_signs_want_to_stand_at_the_same_control():
    controls = [sign.control for sign in SIGNS.values() if sign.control]
    assert len(set(controls)) == len(controls)


def test_every_sign_names_a_control_and_has_polygons_with_area_in_either_look():
    for sign in SIGNS.values():
        assert sign.control in ("", *Control.__members__)
        for look in filter(None, (sign.north_america, sign.vienna)):
            assert all(Polygon(p.polygon_m).area > 1e-5 for p in look.patches)
