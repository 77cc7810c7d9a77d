"""Variables by their places: names that stay, whoever made the variables."""

import pytest
import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.nn.state import trainable, variables_by_place


class Leaf(tf.Module):
    def __init__(self):
        self.w = tf.Variable(1.0)
        self.statistic = tf.Variable(0.0, trainable=False)


class Tree(tf.Module):
    def __init__(self):
        self.own = tf.Variable(2.0)
        self.layers = [Leaf(), Leaf()]
        self.named = {"first": Leaf(), "2": [tf.Variable(3.0)]}
        self.nothing, self.text = None, "x"


def test_a_name_is_the_place():
    assert list(variables_by_place(Tree(), "d")) == [
        *("d/own", "d/named_2_0"),
        *("d/layers_0/w", "d/layers_0/statistic", "d/layers_1/w", "d/layers_1/statistic"),
        *("d/named_first/w", "d/named_first/statistic"),
    ]
    assert list(variables_by_place(Leaf())) == ["w", "statistic"]


def test_all_variables_of_tensorflow_s_own_walk_are_there():
    tree = Tree()
    ours = {id(variable) for variable in variables_by_place(tree).values()}
    assert ours == {id(variable) for variable in tree.variables}


def test_a_variable_in_two_places_is_named_after_the_first():
    tree = Tree()
    tree.again = tree.layers[0]
    tree.once_more = tree.own
    assert list(variables_by_place(tree)) == list(variables_by_place(Tree()))


def test_a_circle_ends():
    tree = Tree()
    tree.layers[0].parent = tree
    assert list(variables_by_place(tree)) == list(variables_by_place(Tree()))


def test_a_clash_is_an_error():
    tree = Tree()
    tree.layers_0 = Leaf()
    with pytest.raises(InputError, match="two variables would be saved as 'd/layers_0/w'"):
        variables_by_place(tree, "d")


def test_what_is_trained():
    assert list(trainable(variables_by_place(Leaf()))) == ["w"]


def test_lists_and_dicts_are_owners_too():
    assert list(variables_by_place([Leaf()], "x")) == ["x/0/w", "x/0/statistic"]
    assert list(variables_by_place({"a": tf.Variable(1.0)}, "x")) == ["x/a"]
