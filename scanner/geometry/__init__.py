"""Where the sheet lies in the picture: perspective, skew and quarter turns, and the map back to the original page."""
