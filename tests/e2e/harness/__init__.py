"""The real programs in network namespaces, real packets between them, nothing left behind."""
