"""Archives, shards, the sample store, fingerprints, preflight, and the split into training and validation."""
