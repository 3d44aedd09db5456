"""From bytes to telemetry. Start here: which topic is read by which decoder.

A decoder is a function (what arrived, what is known) -> (what it means, what tells it from other messages); it raises
MessageError and nothing else on purpose. `normalizer.Normalizer` is the door; a new protocol is a module and lines in
this table. Of two patterns that fit a topic the upper one counts.
"""

from pipeline.normalize import cayenne, idi
from pipeline.normalize.dji import messages, osd, topology
from pipeline.normalize.outcome import Decoder

DECODERS: dict[str, Decoder] = {
    # DJI: what devices say
    "thing/product/{device}/osd": osd.read_osd,
    "thing/product/{device}/state": messages.read_state,
    "thing/product/{device}/events": messages.read_events,
    "thing/product/{device}/requests": messages.read_upward,
    "thing/product/{device}/services_reply": messages.read_upward,
    "thing/product/{device}/property/set_reply": messages.read_upward,
    "thing/product/{device}/drc/up": messages.read_direct_upward,
    "sys/product/{device}/status": topology.read_status,
    "thing/product/{device}/status": topology.read_status,  # a misprint of the manual that some follow
    # DJI: what clouds say
    "thing/product/{device}/services": messages.read_downward,
    "thing/product/{device}/property/set": messages.read_downward,
    "thing/product/{device}/drc/down": messages.read_direct_downward,
    "thing/product/{device}/events_reply": messages.read_downward,
    "thing/product/{device}/requests_reply": messages.read_downward,
    "sys/product/{device}/status_reply": messages.read_downward,
    # Cayenne, version 1
    "v1/{user}/things/{device}/data/json": cayenne.read_array,
    "v1/{user}/things/{device}/data.json": cayenne.read_array,
    "v1/{user}/things/{device}/data/defaults": cayenne.ignore,
    "v1/{user}/things/{device}/data/{channel}": cayenne.read_text,
    "v1/{user}/things/{device}/data": cayenne.read_text_without_channel,
    "v1/{user}/things/{device}/digital/{channel}": cayenne.read_digital_pin,
    "v1/{user}/things/{device}/analog/{channel}": cayenne.read_analog_pin,
    "v1/{user}/things/{device}/response": cayenne.read_response,
    "v1/{user}/things/{device}/sys/{channel}": cayenne.read_attribute,
    "v1/{user}/things/{device}/sys/cpu/{channel}": cayenne.read_processor_attribute,
    "v1/{user}/things/{device}/cmd/{channel}": cayenne.read_command,
    "v1/{user}/things/{device}/cmd.json": cayenne.read_command,
    "v1/{user}/things/{device}/conf/{channel}": cayenne.ignore,
    "v1/{user}/things/{device}/jobs.json": cayenne.ignore,
    # Cayenne, version 2
    "v2/things/{device}/data.json": cayenne.read_uplink,
    "v2/things/{device}/data.bin": cayenne.read_frame,
    "v2/things/{device}/data/{channel}": cayenne.read_text,
    # IDI
    "{device}/JOB/STATUS": idi.read_status,
    "{device}/DEVICE/STATUS": idi.read_status,
    "{device}/SHARE/STATUS": idi.read_status,
}
