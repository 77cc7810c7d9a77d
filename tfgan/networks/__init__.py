"""Network families: a Generator and a Discriminator each."""

from tfgan.networks import dcgan, mlp

NETWORKS = {"mlp": mlp, "dcgan": dcgan}
