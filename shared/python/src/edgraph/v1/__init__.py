"""The messages of the API, made by generate.py. What they mean is told in proto/edgraph/v1."""
