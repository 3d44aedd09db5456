"""Decisions and adapters: everything between the wire and the store that is neither Faust nor HTTP."""
