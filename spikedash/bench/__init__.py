"""References that the engine is measured against, and the measurement."""
