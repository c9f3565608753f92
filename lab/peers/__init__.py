"""Kutip beside what one would use instead, in one run: `make -C lab peers`."""
