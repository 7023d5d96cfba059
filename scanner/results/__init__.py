"""Results as files and pictures: CSV, JSON, annotated pages, and the summary."""
