"""Measurements as commands: each prints figures and ratios, and with `--json` one last line of JSON."""
