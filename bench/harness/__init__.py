"""The parts of every run: processes, questions, faults, measurements and the judge."""
