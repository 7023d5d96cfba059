"""Many pages: scheduling, worker processes, the state that survives interruptions, and watching folders."""
