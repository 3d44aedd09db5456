"""Cayenne's device protocol over MQTT: text, JSON arrays, binary frames, commands' answers, attributes."""

from pipeline.normalize.cayenne.data import (
    read_analog_pin,
    read_array,
    read_digital_pin,
    read_frame,
    read_text,
    read_text_without_channel,
    read_uplink,
)
from pipeline.normalize.cayenne.notices import (
    ignore,
    read_attribute,
    read_command,
    read_processor_attribute,
    read_response,
)

__all__ = [
    "ignore",
    "read_analog_pin",
    "read_array",
    "read_attribute",
    "read_command",
    "read_digital_pin",
    "read_frame",
    "read_processor_attribute",
    "read_response",
    "read_text",
    "read_text_without_channel",
    "read_uplink",
]
