"""The HTTP side: one package per public API."""
