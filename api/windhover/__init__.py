"""Windhover's own HTTP API, mounted at `/v1`: accounts, devices, history, MQTT credentials, the live view."""
