"""The Faust side: the app, the chunk transport (`agents.chunks`), one module per agent. Only here is Faust imported."""
