"""What if: the real floor on a virtual clock, with callers and agents who behave by chance."""
