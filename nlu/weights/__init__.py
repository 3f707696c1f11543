"""Converters from packages that carry weights to ordinary ``from_pretrained`` folders."""
