"""Where real examples come from: each module makes a `tfgan.core.interfaces.Source`."""
