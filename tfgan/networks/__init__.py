"""Network families: a Generator and a Discriminator each, and how many threads they want."""

from tfgan.networks import dcgan, maxout, mlp, r3gan, resnet

NETWORKS = {"mlp": mlp, "maxout": maxout, "dcgan": dcgan, "resnet": resnet, "r3gan": r3gan}
"""A family's constructors declare their options: keyword parameters named as fields of Config."""
