"""DJI Cloud API over MQTT: aircraft, docks and remote controllers."""
