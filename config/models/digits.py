"""A small convolutional network for the dataset `digits`, an example of a network of one's own: docs/engine.md."""

import keras
import numpy as np

EMPTY = (0, 32, 39)  # pixels that are 0 in every image, and so no features
PLACES = [pixel for pixel in range(64) if pixel not in EMPTY]


class Image(keras.layers.Layer):
    """Puts the features back in their places in an image of 8 by 8 pixels."""

    def call(self, features):
        pixels = keras.ops.matmul(features, np.eye(64, dtype="float32")[PLACES])
        return keras.ops.reshape(pixels, (-1, 8, 8, 1))


def model(features, outputs, activation):
    """Return a Keras model that reads so many features and has so many outputs of this activation."""
    if features != len(PLACES):
        raise ValueError(f"this network is for the {len(PLACES)} pixels of the dataset digits, not {features} features")
    inputs = keras.Input((features,))
    hidden = keras.layers.Conv2D(8, 3, strides=2, activation="relu")(Image()(inputs))
    hidden = keras.layers.Flatten()(hidden)
    return keras.Model(inputs, keras.layers.Dense(outputs, activation=activation)(hidden))
