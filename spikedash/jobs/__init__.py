"""Runs that outlive a page: a store of runs, one supervisor per store, one worker process per run."""
