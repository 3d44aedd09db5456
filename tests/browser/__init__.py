"""Tests of the page in a real browser against a running system."""
