"""The table of quantities and the conversions between units."""

import pytest

from pipeline.quantities import CONVERSIONS, QUANTITIES, canonical


@pytest.mark.parametrize(
    ("code", "unit", "value", "expected", "expected_unit"),
    [
        ("temp", "f", 68, 20, "c"),
        ("temp", "k", 0, -273.15, "c"),
        ("press", "at", 1, 98066.5, "pa"),
        ("press", "torr", 760, 101325, "pa"),
        ("press", "bar", 1, 1e5, "pa"),
        ("soil_w_ten", "kpa", 2, 2000, "pa"),
        ("voltage", "mv", 3310, 3.31, "v"),
        ("current", "ma", 5, 0.005, "a"),
        ("energy", "kwh", 1, 3.6e6, "j"),
        ("ion_rad", "ev", 1, 1.602177e-19, "j"),
        ("prox", "cm", 250, 2.5, "m"),
        ("alt", "ft", 1000, 304.8, "m"),
        ("speed", "kmh", 54, 15, "mps"),
        ("speed", "mph", 10, 4.4704, "mps"),
        ("accel", "g", 1, 9.80665, "ms2"),
        ("lin_acc_x", "mps2", 3, 3, "ms2"),
        ("rot", "rpms", 1, 6.283185, "radianps"),
        ("gyro", "dps", 180, 3.141594, "radianps"),
        ("weight", "lbs", 2, 0.90718474, "kg"),
        ("liquid", "gal", 1, 0.003785412, "m3"),
        ("oil", "bbl", 1, 0.1589873, "m3"),
        ("ultra", "khz", 40, 40_000, "hz"),
        ("time", "hour", 2, 7200, "sec"),
        ("bytes", "bit", 16, 2, "byte"),
        ("storage", "gb", 1, 1e9, "byte"),
        ("h20", "cfs", 1, 0.0283168, "m3ps"),
        ("rel_hum", "r", 0.25, 25, "p"),
        ("rad", "bq", 4, 4, "bq"),
        ("ori_azim", "deg", 90, 90, "deg"),
    ],
)
def test_a_value_is_converted_into_the_canonical_unit(code, unit, value, expected, expected_unit):
    plan = canonical(code, unit)
    assert plan.value(value) == pytest.approx(expected, rel=1e-5)
    assert (plan.unit, plan.flag) == (expected_unit, None)


@pytest.mark.parametrize("unit", CONVERSIONS)
def test_a_canonical_unit_converts_no_further(unit):
    target = CONVERSIONS[unit].unit
    assert target not in CONVERSIONS


@pytest.mark.parametrize("code", QUANTITIES)
def test_every_unit_of_a_type_is_known_and_the_first_is_the_default(code):
    for unit in QUANTITIES[code].units:
        assert canonical(code, unit).flag is None
    assert canonical(code, None) == canonical(code, QUANTITIES[code].units[0])


def test_a_type_or_unit_nobody_knows_is_kept_and_flagged():
    assert (canonical("my_probe", "widgets").unit, canonical("my_probe", "widgets").flag) == ("widgets", "unknown-type")
    assert (canonical("temp", "lux").unit, canonical("temp", "lux").flag) == ("lux", "unknown-unit")
