"""What several tests share: fakes, and strategies that make routines."""
