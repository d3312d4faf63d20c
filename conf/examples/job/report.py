# SPDX-License-Identifier: LGPL-2.1-or-later
"""A job: does its work and ends, with another status than 0 when it could not."""

import datetime
import os
import pathlib


def main():
    directory = pathlib.Path(os.environ["STATE_DIRECTORY"])
    name = directory / f"{datetime.date.today()}.txt"
    part = name.with_suffix(".part")
    part.write_text("Nothing to report.\n")
    part.replace(name)  # a run that is interrupted leaves no half of a report
    print("wrote", name)


if __name__ == "__main__":
    main()
