"""Network families: a Generator and a Discriminator each, and how many threads they want."""

from tfgan.networks import dcgan, mlp

NETWORKS = {"mlp": mlp, "dcgan": dcgan}
"""A family's constructors declare their options: keyword parameters named as fields of Config."""
