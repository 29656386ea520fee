"""The parts of `bench/run`. Python's standard library only, so that it runs wherever PostgreSQL does."""
