"""Which kind of answer a question asks for: `python -m lab.kinds`."""
