"""Operations on pixels: from a page image to ink, its stroke width, character height and connected components."""
