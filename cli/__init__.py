"""The command line, `windhover`: one module per command."""
