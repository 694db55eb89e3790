"""Arrays in, arrays out: formulas by the names they have in the literature. No vocabulary, no files, no frames."""
