"""Commands around the library: preparing data, comparing engines, measuring."""
