"""Rebuilds a warehouse, or checks whether it is whole. It uses all other parts of `warehouse`."""
