"""What runs teach about the speed of this machine."""

import pytest

from spikedash.jobs import speed
from spikedash.jobs.store import Store


def test_it_is_learnt_and_kept(tmp_path):
    assert speed.slowness(tmp_path) is None
    speed.learn(tmp_path, 10, 25)
    assert speed.slowness(tmp_path) == 2.5
    for _ in range(30):
        speed.learn(tmp_path, 10, 8)
    assert speed.slowness(tmp_path) == pytest.approx(0.8, rel=0.01)
    speed.learn(tmp_path, 10, 8000)
    assert speed.slowness(tmp_path) < 30


def test_what_takes_no_time_teaches_nothing(tmp_path):
    speed.learn(tmp_path, 0.001, 5)
    speed.learn(tmp_path, 5, 0)
    assert speed.slowness(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"slowness": "x"}', '{"slowness": NaN}', '{"slowness": null}'])
def test_a_damaged_file_is_no_speed(tmp_path, content):
    (tmp_path / "speed.json").write_text(content)
    assert Store(tmp_path).slowness() == 1.0
