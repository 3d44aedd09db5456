"""`windhover doctor`: what is wrong with this set-up and what to do about it."""

import typer

from system.diagnosis import diagnose
from system.home import home_folder


def doctor() -> None:
    """Check this machine, the servers, the data and the roles; say what to do. Exit code 1 with a problem."""
    problems = 0
    for finding in diagnose(home_folder()):
        problems += finding.remedy is not None
        print(f"{'problem' if finding.remedy else 'fine':<8} {finding.subject}: {finding.state}")
        if finding.remedy:
            print(f"{'':<8} -> {finding.remedy}")
    print("nothing is wrong" if not problems else f"{problems} problem{'s' * (problems > 1)}")
    raise typer.Exit(1 if problems else 0)
