"""The vocabulary of quantities: one table of types, one table of units, one canonical unit per kind of value.

Types and units are those of the Cayenne data model, which every decoder uses for its readings. A value keeps the type
it came with; its unit becomes the canonical one: degree Celsius `c`, percent `p`, pascal `pa`, volt `v`, ampere `a`,
watt `w`, joule `j`, metre `m`, metre per second `mps`, metre per second squared `ms2`, radian per second `radianps`
(angles stay in degrees, `deg`), kilogram `kg`, cubic metre `m3`, cubic metre per second `m3ps`, hertz `hz`, second
`sec`, `byte`. A unit without a row in CONVERSIONS is its own canonical unit. A unit alone never names a quantity:
`null` stands for fifteen.
"""

from functools import lru_cache

import msgspec


class Quantity(msgspec.Struct, frozen=True):
    """One type.

    `units`: those it may come in, the default first. `low`, `high`: physical bounds in the canonical unit. `parts`:
    what the values of a vector are called.
    """

    name: str
    units: tuple[str, ...]
    low: float = float("-inf")
    high: float = float("inf")
    numeric: bool = True
    parts: tuple[str, ...] = ()


class Conversion(msgspec.Struct, frozen=True):
    """Canonical value = (value + add) * multiply / divide, in `unit`."""

    unit: str
    multiply: float = 1.0
    divide: float = 1.0
    add: float = 0.0


class Canonical(msgspec.Struct, frozen=True):
    """How one pair of type and unit is read. `flag`: what to say of every such value, None when both are known."""

    unit: str | None
    multiply: float
    divide: float
    add: float
    low: float
    high: float
    flag: str | None

    def value(self, number: float) -> float:
        """The number in the canonical unit."""
        return (number + self.add) * self.multiply / self.divide


XYZ = ("x", "y", "z")
_Q = Quantity

#: Code of the type: quantity. Actuators first, then sensors, then the codes met beyond the published table.
QUANTITIES: dict[str, Quantity] = {
    "analog_actuator": _Q("Analog Actuator", ("null",)),
    "digital_actuator": _Q("Digital Actuator", ("null", "d")),
    "hvac_state": _Q("HVAC.Change State", ("null",)),
    "hvac_temp": _Q("HVAC.Change Temperature", ("c", "f"), low=-273.15),
    "hvac_off_on": _Q("HVAC.Off/On", ("null",)),
    "lt_switch_act": _Q("Light Switch", ("null", "d")),
    "lt_color": _Q("Lighting.Color", ("null",), numeric=False),
    "lt_lum": _Q("Lighting.Luminosity", ("p", "lux", "v", "r")),
    "motor": _Q("Motor", ("null", "deg")),
    "relay": _Q("Relay", ("null",)),
    "switch": _Q("Switch", ("null", "d")),
    "valve": _Q("Valve", ("null", "d")),
    "digital_sensor": _Q("Digital Sensor", ("d",)),
    "analog_sensor": _Q("Analog Sensor", ("null",)),
    "abs_hum": _Q("Absolute Humidity", ("gm3",), low=0),
    "absrb_rad": _Q("Absorbed Radiation", ("rad", "gy"), low=0),
    "gx": _Q("Acceleration.gx axis", ("ms2",)),
    "gy": _Q("Acceleration.gy axis", ("ms2",)),
    "gz": _Q("Acceleration.gz axis", ("ms2",)),
    "alt": _Q("Altitude", ("m", "ft")),
    "amount": _Q("Amount of substance", ("mol",), low=0),
    "area": _Q("Area", ("m2",), low=0),
    "bp": _Q("Barometric pressure", ("hpa", "pa"), low=0),
    "batt": _Q("Battery", ("p", "r", "v"), low=0),
    "bio": _Q("Biometric", ("null",), numeric=False),
    "blood": _Q("Blood Count", ("cmm", "p"), low=0),
    "bytes": _Q("Bytes", ("byte", "bit", "kb", "mb", "gb", "tb"), low=0),
    "cap": _Q("Capacitance", ("farad",), low=0),
    "co2": _Q("Carbon Dioxide", ("ppm", "wmoco2"), low=0),
    "charge": _Q("Charge", ("q",)),
    "chol": _Q("Cholesterol", ("mgdl", "mmol"), low=0),
    "color": _Q("Color", ("null",), numeric=False, parts=("r", "g", "b")),
    "conduct": _Q("Conductance", ("s",), low=0),
    "counter": _Q("Counter", ("null",)),
    "cpu": _Q("CPU", ("p",), low=0),
    "current": _Q("Current", ("a", "ma")),
    "current_density": _Q("Current density", ("am2",)),
    "density": _Q("Density", ("kgm3",), low=0),
    "eff_rad": _Q("Effective Radiation", ("roent", "sv", "svph"), low=0),
    "energy": _Q("Energy", ("kwh",)),
    "ext_wleak": _Q("External Waterleak", ("null",)),
    "force": _Q("Force", ("null", "force")),
    "freq": _Q("Frequency", ("hz",), low=0),
    "gas": _Q("Gas", ("pa", "m3", "kgm3"), low=0),
    "glucose": _Q("Glucose", ("mgdl", "mmol"), low=0),
    "gps": _Q("GPS", ("gps", "utm", "m"), parts=("latitude", "longitude", "altitude")),
    "grav_x": _Q("Gravity.x axis", ("ms2", "nkg")),
    "grav_y": _Q("Gravity.y axis", ("ms2", "nkg")),
    "grav_z": _Q("Gravity.z axis", ("ms2", "nkg")),
    "gyro_x": _Q("Gyroscope.rate of rotation around x axis", ("rot", "mps2")),
    "gyro_y": _Q("Gyroscope.rate of rotation around y axis", ("rot", "mps2")),
    "gyro_z": _Q("Gyroscope.rate of rotation around z axis", ("rot", "mps2")),
    "hvac_hum": _Q("HVAC.Humidity", ("p",), low=0, high=100),
    "image": _Q("Image", ("null",), numeric=False),
    "imped": _Q("Impedance", ("ohm",)),
    "induct": _Q("Inductance", ("h",), low=0),
    "ink_blk": _Q("Ink Levels.Black", ("p",), low=0, high=100),
    "ink_cya": _Q("Ink Levels.Cyan", ("p",), low=0, high=100),
    "ink_mag": _Q("Ink Levels.Magenta", ("p",), low=0, high=100),
    "ink_yel": _Q("Ink Levels.Yellow", ("p",), low=0, high=100),
    "intrusion": _Q("Intrusion", ("d",)),
    "ion_rad": _Q("Ionizing Radiation", ("ev", "erg", "j"), low=0),
    "len": _Q("Length", ("m", "d", "null"), low=0),
    "lighting_sense": _Q("Lighting", ("lux", "p", "v", "r"), low=0),
    "lin_acc_x": _Q("Linear Acceleration.x axis", ("mps2",)),
    "lin_acc_y": _Q("Linear Acceleration.y axis", ("mps2",)),
    "lin_acc_z": _Q("Linear Acceleration.z axis", ("mps2",)),
    "liquid": _Q("Liquid", ("l", "gal", "oz", "cc"), low=0),
    "loc_lat": _Q("Location.Latitude", ("lat",)),
    "loc_lon": _Q("Location.Longitude", ("long",)),
    "lum": _Q("Luminosity", ("lux", "v", "p", "r"), low=0),
    "mag_str": _Q("Magnetic field strength H", ("ampm",)),
    "mag_x": _Q("Magnetic field.x axis", ("tesla",)),
    "mag_y": _Q("Magnetic field.y axis", ("tesla",)),
    "mag_z": _Q("Magnetic field.z axis", ("tesla",)),
    "mag_flux": _Q("Magnetic flux density B", ("nma",)),
    "mass": _Q("Mass", ("kg",), low=0),
    "mem": _Q("Memory", ("mb", "kb", "p"), low=0),
    "motion": _Q("Motion", ("d",)),
    "oil": _Q("Oil", ("gal", "bbl", "l"), low=0),
    "ori_azim": _Q("Orientation.Azimuth", ("deg",)),
    "ori_pitch": _Q("Orientation.Pitch", ("deg",)),
    "ori_roll": _Q("Orientation.Roll", ("deg",)),
    "acid": _Q("pH-Acidity", ("acid",), low=-2, high=16),
    "pow": _Q("Power", ("w", "kw")),
    "no2": _Q("Pollution.Nitrogen", ("no2",), low=0),
    "o3": _Q("Pollution.Ozone", ("o3",), low=0),
    "press": _Q("Pressure", ("pa", "hpa", "bar", "at", "atm", "torr", "psi"), low=0),
    "prox": _Q("Proximity", ("cm", "m", "d"), low=0),
    "rad": _Q("Radioactivity", ("ci", "bq"), low=0),
    "expo_rad": _Q("Radiation Exposure", ("roent", "ckg"), low=0),
    "rain_level": _Q("Rain Level", ("mm", "cm"), low=0),
    "rel_hum": _Q("Relative Humidity", ("p", "r"), low=0, high=100),
    "res": _Q("Resistance", ("ohm",)),
    "rot": _Q("Rotation", ("rpms", "rpm", "radianps")),
    "rot_scal": _Q("Rotation Vector.scalar", ("null",)),
    "rot_x": _Q("Rotation Vector.x axis", ("null",)),
    "rot_y": _Q("Rotation Vector.y axis", ("null",)),
    "rot_z": _Q("Rotation Vector.z axis", ("null",)),
    "seis": _Q("Seismometer", ("v", "micps", "cmhz")),
    "snr": _Q("Signal Noise Ratio", ("db",)),
    "sig_str": _Q("Signal Strength", ("dbm",)),
    "smoke": _Q("Smoke", ("kev", "p", "pz"), low=0),
    "soil_moist": _Q("Soil Moisture", ("p",), low=0, high=100),
    "soil_ph": _Q("Soil pH", ("null",), low=-2, high=16),
    "soil_w_ten": _Q("Soil Water Tension", ("kpa", "pa")),
    "solid_vol": _Q("Solid Volume", ("m3",), low=0),
    "sound": _Q("Sound", ("dbm",)),
    "spec_hum": _Q("Specific Humidity", ("gkg",), low=0),
    "speed": _Q("Speed", ("mph", "kmh")),
    "steps": _Q("Steps", ("null",), low=0),
    "storage": _Q("Storage", ("mb", "byte", "kb", "gb", "tb"), low=0),
    "stress": _Q("Stress", ("hpa", "pa", "psi")),
    "tl": _Q("Tank Level", ("null",)),
    "temp": _Q("Temperature", ("c", "f", "k"), low=-273.15),
    "time": _Q("Time", ("sec", "msec", "min", "hour", "day", "month", "year")),
    "torq": _Q("Torque", ("newtm", "j")),
    "turb": _Q("Turbidity", ("ftu", "ntu"), low=0),
    "ultra": _Q("Ultrasonic", ("khz",), low=0),
    "velo": _Q("Velocity", ("mps",)),
    "visco": _Q("Viscosity", ("mpas",), low=0),
    "voltage": _Q("Voltage", ("v", "mv")),
    "vol": _Q("Volume", ("m3",), low=0),
    "h20": _Q("Water", ("gpm", "cfs")),
    "wave": _Q("Wavelength", ("m",), low=0),
    "weight": _Q("Weight", ("lbs", "kg"), low=0),
    "rssi": _Q("Received signal strength indicator", ("dbm",)),
    "wind_speed": _Q("Wind Speed", ("kmh", "mps"), low=0),
    "analog": _Q("Analog", ("null",)),
    "digital": _Q("Digital", ("d", "null")),
    "accel": _Q("Acceleration", ("g", "gx", "gy", "gz", "ms2"), parts=XYZ),
    "gyro": _Q("Gyroscope", ("rpm", "dps"), parts=XYZ),
    "bw": _Q("Bandwidth", ("kbps", "mbps", "gbps"), low=0),
    "co": _Q("Carbon Monoxide", ("ppm",), low=0),
    "cpuload": _Q("CPU load", ("p",), low=0),
    "low_battery": _Q("Low Battery", ("d",)),
    "memory": _Q("Memory in use", ("b", "kb", "mb", "gb"), low=0),
    "parking": _Q("Parking", ("d",)),
    "particulate_matter": _Q("Particulate Matter", ("mgpcm",), low=0),
    "trap": _Q("Trap", ("d",)),
    "waterleak": _Q("Water Leak", ("d",)),
    "file": _Q("File", ("image",), numeric=False),
}

#: Bounds that belong to a type in one unit only: a percentage of charge, a cell pack small enough for a thing.
BOUNDS: dict[tuple[str, str], tuple[float, float]] = {
    ("batt", "p"): (0, 100),
    ("batt", "r"): (0, 100),
    ("batt", "v"): (0, 60),
}

_C = Conversion

CONVERSIONS: dict[str, Conversion] = {
    "f": _C("c", divide=1.8, add=-32),
    "k": _C("c", add=-273.15),
    "r": _C("p", multiply=100),
    "hpa": _C("pa", multiply=100),
    "kpa": _C("pa", multiply=1000),
    "bar": _C("pa", multiply=1e5),
    "atm": _C("pa", multiply=101325),
    "at": _C("pa", multiply=98066.5),
    "torr": _C("pa", multiply=133.322),
    "psi": _C("pa", multiply=6894.757),
    "mv": _C("v", divide=1000),
    "ma": _C("a", divide=1000),
    "kw": _C("w", multiply=1000),
    "kwh": _C("j", multiply=3.6e6),
    "erg": _C("j", divide=1e7),
    "ev": _C("j", multiply=1.602177e-19),
    "cm": _C("m", divide=100),
    "mm": _C("m", divide=1000),
    "ft": _C("m", multiply=0.3048),
    "kmh": _C("mps", divide=3.6),
    "mph": _C("mps", multiply=0.44704),
    "mps2": _C("ms2"),
    "g": _C("ms2", multiply=9.80665),
    "gx": _C("ms2", multiply=9.80665),
    "gy": _C("ms2", multiply=9.80665),
    "gz": _C("ms2", multiply=9.80665),
    "rpm": _C("radianps", multiply=0.104720),
    "rpms": _C("radianps", multiply=6.283185),
    "dps": _C("radianps", multiply=0.0174533),
    "lbs": _C("kg", multiply=0.45359237),
    "l": _C("m3", divide=1000),
    "gal": _C("m3", multiply=0.003785412),
    "oz": _C("m3", multiply=2.95735e-5),
    "cc": _C("m3", divide=1e6),
    "bbl": _C("m3", multiply=0.1589873),
    "gpm": _C("m3ps", multiply=6.30902e-5),
    "cfs": _C("m3ps", multiply=0.0283168),
    "khz": _C("hz", multiply=1000),
    "msec": _C("sec", divide=1000),
    "min": _C("sec", multiply=60),
    "hour": _C("sec", multiply=3600),
    "day": _C("sec", multiply=86400),
    "bit": _C("byte", divide=8),
    "b": _C("byte"),
    "kb": _C("byte", multiply=1e3),
    "mb": _C("byte", multiply=1e6),
    "gb": _C("byte", multiply=1e9),
    "tb": _C("byte", multiply=1e12),
}

_UNBOUNDED = (float("-inf"), float("inf"))


@lru_cache(maxsize=4096)
def canonical(code: str | None, unit: str | None) -> Canonical:
    """How values of a type in a unit are read.

    A unit of None is the type's default; `null` and an empty unit mean "no unit". An unknown type, or a unit that the
    type does not list, leaves the value as it came and says so: `unknown-type`, `unknown-unit`.
    """
    if code is None:
        return Canonical(unit, 1.0, 1.0, 0.0, *_UNBOUNDED, None)
    quantity = QUANTITIES.get(code)
    if quantity is None:
        return Canonical(unit, 1.0, 1.0, 0.0, *_UNBOUNDED, "unknown-type")
    unit = quantity.units[0] if unit is None else unit
    if unit in {"null", ""}:
        return Canonical(None, 1.0, 1.0, 0.0, *_UNBOUNDED, None)
    if unit not in quantity.units:
        return Canonical(unit, 1.0, 1.0, 0.0, *_UNBOUNDED, "unknown-unit")
    conversion = CONVERSIONS.get(unit, Conversion(unit))
    low, high = BOUNDS.get((code, unit), (quantity.low, quantity.high))
    return Canonical(conversion.unit, conversion.multiply, conversion.divide, conversion.add, low, high, None)
