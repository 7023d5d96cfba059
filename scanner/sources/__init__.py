"""Where pages come from: files found, checked against limits, and decoded into page images."""
