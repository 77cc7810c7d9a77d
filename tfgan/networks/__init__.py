"""Network families: a Generator and a Discriminator each."""
