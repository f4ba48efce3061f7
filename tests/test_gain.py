"""The measured f-I curve against theory without noise, and against its own use with noise."""

import numpy as np
from scipy.integrate import quad

from spikedash import gain
from spikedash.params import Network


def test_without_noise_the_curve_is_the_theta_neurons():
    curve = gain.measure(Network(noise=0), 60.0, key=0)
    expected = np.sqrt(np.maximum(curve.drive, 0)) / np.pi * 100
    np.testing.assert_allclose(curve.rate_hz, expected, atol=0.4)


def test_without_noise_rates_invert_exactly():
    rates = np.array([0.5, 5.0, 40.0])
    drive = gain.drive_for(rates, Network(noise=0), key=0)
    np.testing.assert_allclose(np.sqrt(drive) / np.pi * 100, rates)


def test_noise_lets_a_neuron_fire_below_threshold():
    drive = gain.drive_for(np.array([2.0, 5.0, 30.0]), Network(noise=6), key=1)
    assert drive[0] < drive[1] < 0 < drive[2]


def test_inverted_drives_give_the_rates_that_were_asked_for():
    network = Network(noise=6)
    rates = np.array([4.0, 12.0, 25.0])
    drive = gain.drive_for(rates, network, key=1)
    curve = gain.measure(network, 40.0, key=99)  # other noise
    np.testing.assert_allclose(np.interp(drive, curve.drive, curve.rate_hz), rates, rtol=0.06)


def white_noise_rate(drive, noise):
    """Hz of a QIF neuron at a drive in white noise (Brunel & Latham 2003), here of a normal number in every step of 0.1 τ."""
    s4 = (noise**2 * 0.1) ** 2
    passage, _ = quad(lambda z: np.exp(-drive * z**2 - s4 * z**6 / 48), -np.inf, np.inf)
    return 100 / (np.sqrt(np.pi) * passage)


def test_low_rates_are_inverted_as_well_as_high_ones():
    """All rates up to 4 Hz lie within a quarter of a drive unit at noise 1, so an even grid of drives would miss them."""
    rates = np.array([0.3, 0.5, 4.0, 12.0, 25.0])
    drives = np.mean([gain.drive_for(rates, Network(noise=1), key) for key in range(4)], axis=0)
    expected = [white_noise_rate(drive, 1.0) for drive in drives]
    # Noise that is held for a step is not quite white, and gives a few per cent less.
    np.testing.assert_allclose(expected, rates, rtol=0.08)
    np.testing.assert_allclose(expected[3:], rates[3:], rtol=0.03)
