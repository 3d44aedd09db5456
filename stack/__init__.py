"""Starts the real Kafka, TimescaleDB and Mosquitto without Docker, on Debian or Ubuntu as root.

Programs lie in a machine-wide cache (`stack.cache`), data in a home folder that the caller names, so that several
stacks run at once on different ports. `stack.native.Stack` is the way in; `stack.preflight.problems` what to ask first.
"""
