"""Where numbers may stand: text lines and comb fields that are candidates, and the crops a reader is shown."""
