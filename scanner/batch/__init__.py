"""Batches of many files: scheduling, worker processes, saved progress, result files and watched folders."""
