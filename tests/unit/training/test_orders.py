"""The order of rows: a fair permutation that belongs to seed and epoch alone."""

from itertools import islice

import numpy as np
import pytest
from scipy.stats import chisquare

from lrstudy.data.draws import orders


@pytest.mark.parametrize("rows", [1, 2, 7, 960, 4096, 4097, 5000])
def test_every_order_is_a_permutation(rows):
    for order in islice(orders(range(5), np.arange(rows)), 3):
        assert order.dtype == np.int32
        assert (np.sort(order, axis=1) == np.arange(rows)).all()


@pytest.mark.parametrize("rows", [960, 5000])
def test_a_seeds_orders_do_not_depend_on_its_neighbours(rows):
    together = list(islice(orders(range(20), np.arange(rows)), 3))
    alone = list(islice(orders([7], np.arange(rows)), 3))
    assert all((few[0] == many[7]).all() for few, many in zip(alone, together, strict=True))


def test_epochs_and_seeds_differ():
    first, second = islice(orders(range(2), np.arange(960)), 2)
    assert (first != second).any()
    assert (first[0] != first[1]).any()


def test_every_order_of_four_rows_is_as_likely():
    found = np.concatenate(list(islice(orders(range(500), np.arange(4)), 24)))
    counts = np.unique(found @ [64, 16, 4, 1], return_counts=True)[1]
    assert len(counts) == 24
    assert chisquare(counts).pvalue > 0.001


def test_the_order_of_places_does_not_depend_on_which_rows_stand_there():
    """Seeds with rows of their own; of 3,000 in 4,096 rows, some of the numbers are equal but for the row."""
    rows = np.sort([np.random.default_rng(seed).permutation(4096)[:3000] for seed in range(8)], axis=1)
    first, second = (next(orders([5] * 8, rows[part])) for part in (slice(None), slice(None, None, -1)))
    places = [np.searchsorted(rows[seed], first[seed]) for seed in range(8)]
    assert (np.sort(first, axis=1) == rows).all()
    assert (np.array(places) == places[0]).all()
    assert (first == second[::-1]).all()


def test_orders_are_what_they_were():
    assert next(orders([7], np.arange(960)))[0, :6].tolist() == [778, 403, 612, 670, 69, 304]
