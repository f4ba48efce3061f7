"""The picture of a recording, decoded by hand as the PNG and SVG standards say."""

from __future__ import annotations

import base64
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np

from spikedash.figures import recording as picture
from spikedash.records import Recording


def recorded(rate_hz, time_ms):
    rate_hz = np.asarray(rate_hz, float)
    return Recording(rate_hz, np.asarray(time_ms, float), tuple(f"u{k}" for k in range(rate_hz.shape[1])), ())


def opacity(svg):
    """The alpha channel (rows, columns) of the PNG inside an SVG."""
    root = ET.fromstring(svg)
    data = base64.b64decode(root.find("{http://www.w3.org/2000/svg}image").get("href").partition("base64,")[2])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        chunks[kind] = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + chunks[kind])
        at += 12 + length
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, list(chunks)[-1]) == (8, 4, b"IEND")
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 2 * width)
    assert not rows[:, 0].any()
    return rows[:, 2::2]


def test_neurons_are_sorted_by_peak_and_scaled_from_lowest_to_highest():
    time_ms = np.arange(0, 1001, 10.0)
    peaks = [800, 200, 500]
    rate_hz = np.stack([5 + (k + 1) * np.exp(-(((time_ms - peak) / 60) ** 2)) for k, peak in enumerate(peaks)], axis=1)
    rows = opacity(picture.draw(recorded(rate_hz, time_ms)))
    columns = rows.shape[1]
    np.testing.assert_allclose(rows.argmax(axis=1) * 1000 / (columns - 1), [200, 500, 800], atol=1000 / columns)
    assert rows.max(axis=1).tolist() == [255, 255, 255]
    assert rows.min(axis=1).tolist() == [0, 0, 0]


def test_silent_and_constant_neurons_are_blank():
    rows = opacity(picture.draw(recorded([[0, 7], [0, 7], [0, 7]], [0, 10, 20])))
    assert not rows.any()


def test_few_samples_are_joined_by_straight_lines():
    uneven = np.array([0.0, 10, 50, 100])
    out = picture.binned(np.column_stack([2 * uneven, np.full(4, 3.0)]), uneven, 5)
    np.testing.assert_allclose(out[:, 0], [0, 50, 100, 150, 200])
    np.testing.assert_allclose(out[:, 1], 3)


def test_many_samples_are_averaged():
    noise = np.random.default_rng(0).normal(20, 5, (10_000, 1))
    out = picture.binned(noise, np.arange(10_000.0), 100)
    assert out.shape == (100, 1)
    assert abs(out.std() - 5 / np.sqrt(100)) < 0.1  # the standard error of a mean of 100


def test_a_large_recording_gives_a_small_picture():
    rate_hz = np.random.default_rng(0).random((3000, 1000))
    svg = picture.draw(recorded(rate_hz, np.arange(3000.0)))
    rows = opacity(svg)
    assert rows.shape == (picture.ROWS, picture.COLUMNS)
    assert len(svg) < 80_000


def test_the_mean_runs_over_the_whole_width_and_stays_below_the_rows():
    svg = picture.draw(recorded([[1, 3], [2, 6], [0, 0]], [0, 10, 20])).decode()
    points = np.array(re.findall(r"([\d.]+),([\d.]+)", svg.rpartition('d="M')[2]), float)
    assert points[0, 0] == 0
    assert points[-1, 0] == picture.WIDTH
    assert points[:, 1].min() >= picture.HEAT + picture.GAP
    assert points[:, 1].max() <= picture.HEAT + picture.GAP + picture.MEAN
