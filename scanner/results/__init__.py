"""Results as files and pictures: CSV tables, JSON, annotated pages and the summary."""
