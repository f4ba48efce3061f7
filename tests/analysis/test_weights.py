"""Weights of small networks, counted by hand."""

import numpy as np
import pytest

from spikedash import analysis


def test_sign_changes_ignore_zeros():
    before = np.array([[1.0, -1.0, 0.5, 0.0]], np.float32)
    after = np.array([[-1.0, -2.0, 0.0, 3.0]], np.float32)
    assert analysis.count_sign_changes(before, after) == 1


def test_change_is_the_share_of_the_initial_norm():
    before, after = np.array([[[3.0], [4.0]]], np.float32), np.array([[[3.0], [5.0]]], np.float32)
    assert analysis.relative_change(before, after) == pytest.approx(1 / 5)
    assert analysis.relative_change(np.zeros_like(after), after) == pytest.approx(1)
    assert np.isnan(analysis.relative_change(np.zeros_like(after), np.zeros_like(after)))


def test_every_synapse_is_counted_once_and_nothing_else():
    """Five neurons in groups of two: the last group lacks a member, and its second input is padding (5)."""
    pre = np.array([[2, 4], [0, 4], [1, 5]], np.int32)
    before = np.array([[[1.0, 1], [-2, -2]], [[1, 1], [-2, -2]], [[1, 0], [0, 0]]], np.float32)
    after = before * 1.5
    after[1, 0, 0] = 0.0
    excitatory, inhibitory = analysis.weight_histograms(pre, before, after, 5, 4, typed=True)
    assert (excitatory.kind, inhibitory.kind) == ("E", "I")
    assert excitatory.before.sum() == excitatory.after.sum() == 5
    assert inhibitory.before.sum() == inhibitory.after.sum() == 4

    def centres(kind, counts):
        middle = (kind.edges[1:] + kind.edges[:-1]) / 2
        return np.repeat(middle, counts)

    width = excitatory.edges[1] - excitatory.edges[0]
    np.testing.assert_allclose(centres(excitatory, excitatory.before), 1.0, atol=width)
    np.testing.assert_allclose(centres(excitatory, excitatory.after), [0, 1.5, 1.5, 1.5, 1.5], atol=width)
    np.testing.assert_allclose(centres(inhibitory, inhibitory.after), -3.0, atol=width)
    (both,) = analysis.weight_histograms(pre, before, after, 5, 5, typed=False)
    assert both.kind == ""
    assert both.before.sum() == 9


def test_missing_self_connections_are_no_synapses():
    pre = np.arange(4, dtype=np.int32)[None]
    weights = np.where(np.eye(4, dtype=bool), 0, 1)[None].astype(np.float32)
    (only,) = analysis.weight_histograms(pre, weights, weights * 0, 4, 4, typed=False)
    assert only.before.sum() == 12


def test_a_distribution_counts_what_numpy_counts_and_keeps_the_ends(rng):
    values = rng.uniform(-1, 1, 500)
    got = analysis.distribution(np.append(values, np.nan), -1, 1, 20)
    np.testing.assert_array_equal(got.counts, np.histogram(values, 20, (-1, 1))[0])
    assert analysis.distribution(np.array([-9.0, 9.0]), -1, 1, 4).counts.tolist() == [1, 0, 0, 1]
