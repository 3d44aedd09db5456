"""One machine running all of Windhover: its home folder, its first account, its processes."""
