"""Handwritten digits, 8x8, from the copy that scikit-learn carries.

Importing this module registers `digits` with TFDS.
"""

import numpy as np
import tensorflow_datasets as tfds


class Builder(tfds.core.GeneratorBasedBuilder):
    """1,797 images, uint8 [8, 8, 1]; the 16 + 1 grey levels 0 .. 16 are spread over 0 .. 255.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository, 1998 (its test set), CC BY 4.0.
    """

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description="1,797 handwritten digits of 8x8 pixels, as scikit-learn carries them.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1)),
                    "label": tfds.features.ClassLabel(num_classes=10),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            citation="Alpaydin, E. and Kaynak, C. (1998). Optical Recognition of Handwritten "
            "Digits. UCI Machine Learning Repository. https://doi.org/10.24432/C50P49",
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        from sklearn import datasets  # takes a second, and is needed once

        digits = datasets.load_digits()
        images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
        for i, (image, label) in enumerate(zip(images, digits.target, strict=True)):
            yield i, {"image": image, "label": int(label)}
