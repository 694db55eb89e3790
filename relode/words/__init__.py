"""The vocabulary: what a region, an indicator, a plan, a result is. No arithmetic, no files of others, no screens."""
