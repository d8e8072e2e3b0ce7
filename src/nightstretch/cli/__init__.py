"""The command line: parse, compose, report."""
