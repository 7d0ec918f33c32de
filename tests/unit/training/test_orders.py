"""The order of rows: a fair permutation that belongs to seed and epoch alone."""

from itertools import islice

import numpy as np
import pytest
from scipy.stats import chisquare

from lrstudy.training.orders import orders


@pytest.mark.parametrize("rows", [1, 2, 7, 960, 4096, 4097, 5000])
def test_every_order_is_a_permutation(rows):
    for order in islice(orders(np.arange(5), rows), 3):
        assert order.dtype == np.int32
        assert (np.sort(order, axis=0) == np.arange(rows)[:, None]).all()


@pytest.mark.parametrize("rows", [960, 5000])
def test_a_seeds_orders_do_not_depend_on_its_neighbours(rows):
    together = list(islice(orders(np.arange(20), rows), 3))
    alone = list(islice(orders(np.array([7]), rows), 3))
    assert all((few[:, 0] == many[:, 7]).all() for few, many in zip(alone, together, strict=True))


def test_epochs_and_seeds_differ():
    first, second = islice(orders(np.arange(2), 960), 2)
    assert (first != second).any()
    assert (first[:, 0] != first[:, 1]).any()


def test_every_order_of_four_rows_is_as_likely():
    found = np.concatenate([order.T for order in islice(orders(np.arange(500), 4), 24)])
    counts = np.unique(found @ [64, 16, 4, 1], return_counts=True)[1]
    assert len(counts) == 24
    assert chisquare(counts).pvalue > 0.001
