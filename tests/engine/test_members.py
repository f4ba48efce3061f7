"""Drives and weight changes of neighbours, against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikedash.engine.members import member_drives, move_members


@given(st.integers(1, 40), st.integers(1, 300), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_any_number_of_members_and_inputs(k, members, before, after):
    """A slice out of a wider W: the columns beside it stay untouched."""
    rng = np.random.default_rng(k * 1000 + members)
    whole = rng.standard_normal((k, before + members + after)).astype(np.float32)
    W = whole[:, before : before + members]
    x, step = rng.standard_normal(k + 3).astype(np.float32), rng.standard_normal(members).astype(np.float32)
    drive = np.full(members + 1, 7, np.float32)
    member_drives(W, x, drive[:members])
    np.testing.assert_allclose(drive[:members], x[:k].astype(float) @ W, atol=2e-5)
    assert drive[members] == 7
    expected = whole.astype(float)
    expected[:, before : before + members] += np.outer(x[:k], step)
    move_members(W, x, step)
    np.testing.assert_allclose(whole, expected, atol=1e-5)
    np.testing.assert_array_equal(whole[:, :before], expected[:, :before].astype(np.float32))


@pytest.mark.parametrize("members", [16, 128, 144])
def test_one_input(members):
    W, drive = np.ones((1, members), np.float32), np.zeros(members, np.float32)
    member_drives(W, np.array([2.0], np.float32), drive)
    assert (drive == 2).all()
