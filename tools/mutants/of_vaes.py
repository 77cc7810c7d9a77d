"""The classic bugs of variational autoencoders."""

from tools.mutants.mutant import Mutant

LIKELIHOODS, VAE = "tfgan/likelihoods.py", "tfgan/models/vae.py"
OF_MATHS, OF_VAE = "tests/test_likelihoods.py", "tests/models/test_vae.py"
KL = (f"{OF_MATHS}::test_the_kl_is_the_integral_summed_over_latents_and_not_over_the_batch",)
ELBO = (f"{OF_VAE}::test_with_the_exact_posterior_the_elbo_is_log_p",)
OF_COMMAND = "tests/evaluation/test_evidence.py"
MEASURED = f"{OF_COMMAND}::test_a_run_is_measured_by_what_was_held_out_and_on_the_static_draw"

MUTANTS = (
    Mutant(
        "the KL is summed over the batch",
        LIKELIHOODS,
        "return 0.5 * _total(tf.square(mean) + tf.math.expm1(log_variance) - log_variance)",
        "return 0.5 * tf.reduce_sum(\n"
        "        tf.square(mean) + tf.math.expm1(log_variance) - log_variance\n    )",
        KL,
    ),
    Mutant(
        "the KL is a mean over the latents",
        LIKELIHOODS,
        "return 0.5 * _total(tf.square(mean) + tf.math.expm1(log_variance) - log_variance)",
        "return 0.5 * tf.reduce_mean(\n"
        "        tf.square(mean) + tf.math.expm1(log_variance) - log_variance, 1\n    )",
        KL,
    ),
    Mutant(
        "the logarithm of the variance has the other sign in the KL",
        LIKELIHOODS,
        "tf.math.expm1(log_variance) - log_variance)",
        "tf.math.expm1(log_variance) + log_variance)",
        KL,
    ),
    Mutant(
        "noise is scaled by the variance",
        VAE,
        "return self.mean + tf.exp(0.5 * self.log_variance) * noise",
        "return self.mean + tf.exp(self.log_variance) * noise",
        ELBO,
    ),
    Mutant(
        "the latents are the means, without noise",
        VAE,
        "decoded = self.decoder(posterior.latents(noise), mode)",
        "decoded = self.decoder(posterior.mean, mode)",
        ELBO,
    ),
    Mutant(
        "the KL is added to the ELBO",
        VAE,
        "loss = reconstruction + kl",
        "loss = reconstruction - kl",
        (f"{OF_VAE}::test_a_step_descends_the_mean_of_the_batch",),
    ),
    Mutant(
        "every step has the same noise",
        VAE,
        "self.training_seed, stream, step)",
        "self.training_seed, stream, 0)",
        (f"{OF_VAE}::test_noise_is_a_function_of_seed_and_step",),
    ),
    Mutant(
        "a sigmoid goes into a loss of logits",
        LIKELIHOODS,
        "labels=values, logits=logits))",
        "labels=values, logits=tf.sigmoid(logits)))",
        (f"{OF_MATHS}::test_bernoulli_is_the_logarithm_of_the_product_of_probabilities",),
    ),
    Mutant(
        "pixels in [-1, 1] are taken for probabilities",
        LIKELIHOODS,
        "return bernoulli_log_likelihood(decoded, 0.5 * (examples + 1.0))",
        "return bernoulli_log_likelihood(decoded, examples)",
        (f"{OF_MATHS}::test_the_probabilities_of_all_pictures_sum_to_one",),
    ),
    Mutant(
        "the constant of a density is left out",
        LIKELIHOODS,
        "tf.square(off) + log_stddev + 0.5 * LOG_2_PI)",
        "tf.square(off) + log_stddev)",
        (f"{OF_MATHS}::test_a_gaussian_is_a_density[1.0]",),
    ),
    Mutant(
        "the bound is a mean of logarithms",
        LIKELIHOODS,
        "return tf.reduce_logsumexp(log_weights) - tf.math.log(count)",
        "return tf.reduce_sum(log_weights) / count",
        (f"{OF_MATHS}::test_the_bound_is_the_logarithm_of_the_mean_weight",),
    ),
    Mutant(
        "a VAE explains what it was trained on in the place of what was held out",
        "tfgan/evaluation/evidence.py",
        "_fixed(reference.held_out or reference.source)",
        "_fixed(reference.source)",
        (f"{MEASURED}[static-static]",),
    ),
    Mutant(
        "a VAE explains a draw of black and white that no other run has",
        "tfgan/data/binarised.py",
        "return static(super().fixed())",
        "return self",
        (f"{MEASURED}[dynamic-static]",),
    ),
    Mutant(
        "an encoder adds up the places of its last map",
        "tfgan/networks/resnet.py",
        "if self.is_encoder:\n            features",
        "if False:\n            features",
        ("tests/networks/test_residual.py::test_a_resnet_encoder_tells_the_places_apart",),
    ),
)
