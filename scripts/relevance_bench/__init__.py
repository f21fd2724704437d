"""What `bench_relevance.py` is made of."""
