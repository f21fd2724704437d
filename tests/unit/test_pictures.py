"""Pictures have the right size, and their colours say what the numbers say."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

pictures = pytest.importorskip("pictures", exc_type=ImportError, reason="pictures are drawn with matplotlib")


def ball(shift: float = 0.0):
    """A sphere of quads and triangles: sizes, corners, positions."""
    rows, columns = 9, 16
    polar = np.linspace(0.0, np.pi, rows + 2)[1:-1, None]
    turn = np.arange(columns) * 2.0 * np.pi / columns
    grid = np.stack(
        [np.sin(polar) * np.sin(turn), np.cos(polar) + 0.0 * turn, np.sin(polar) * np.cos(turn)], axis=2
    ).reshape(-1, 3)
    positions = np.concatenate([grid, [[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]]])
    positions[:, 0] += shift
    faces = []
    for i in range(rows - 1):
        for j in range(columns):
            k = (j + 1) % columns
            faces.append([i * columns + j, (i + 1) * columns + j, (i + 1) * columns + k, i * columns + k])
    top, bottom, last = rows * columns, rows * columns + 1, (rows - 1) * columns
    for j in range(columns):
        k = (j + 1) % columns
        faces += [[top, j, k], [bottom, last + k, last + j]]
    return np.array([len(face) for face in faces]), np.concatenate(faces), positions


def bumped(positions, height):
    """The ball with a bump towards the viewer."""
    return positions + height * np.exp(-8.0 * np.sum((positions - [0.0, 0.0, 1.0]) ** 2, axis=1))[:, None] * [0, 0, 1]


def mesh_with(linear_error, predicted_error, shift=0.0):
    sizes, corners, truth = ball(shift)
    bump = bumped(ball()[2], 1.0) - ball()[2]
    return pictures.PosedMesh(sizes, corners, truth + linear_error * bump, truth + predicted_error * bump, truth)


def pixels(path: Path):
    from matplotlib.image import imread

    return imread(path)[:, :, :3]


def columns(picture):
    """The three columns of the rows, without headings and colour bar."""
    height, width = picture.shape[:2]
    body = picture[130 : height - 100]
    return [body[:, k * width // 3 : (k + 1) * width // 3] for k in range(3)]


def redness(picture):
    """How much redder than blue the reddest pixel is."""
    return float((picture[..., 0] - picture[..., 2]).max())


@pytest.fixture
def comparison(tmp_path):
    def draw(*meshes, view=None, **options):
        path = tmp_path / "Vergleich Übersicht.png"
        pictures.draw_comparison([pictures.Pose("pose 7", meshes, view)], path, **options)
        return pixels(path)

    return draw


def test_a_comparison_is_a_png_1600_pixels_wide(tmp_path):
    path = tmp_path / "compare.png"
    pictures.draw_comparison([pictures.Pose("a", (mesh_with(0.3, 0.1),))] * 2, path, title="Größe")
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    assert width == 1600
    assert 700 < height < 1600


def test_the_worst_place_is_red_and_the_right_places_are_grey(comparison):
    linear, predicted, _ = columns(comparison(mesh_with(0.4, 0.0)))
    assert redness(linear) > 0.45
    assert redness(predicted) < 0.1


def test_one_colour_scale_serves_both_columns(comparison):
    linear, predicted, _ = columns(comparison(mesh_with(0.4, 0.2)))
    assert 0.15 < redness(predicted) < redness(linear)
    less, more, _ = columns(comparison(mesh_with(0.1, 0.4)))
    assert redness(less) < redness(more)


def test_the_truth_is_plain_whatever_the_errors_are(comparison):
    *_, first = columns(comparison(mesh_with(0.4, 0.2)))
    *_, second = columns(comparison(mesh_with(0.4, 0.0)))
    assert np.array_equal(first, second)
    assert 0.1 < redness(first) < 0.35


def test_several_meshes_are_drawn_together_in_their_own_plain_colours(comparison):
    *_, truth = columns(comparison(mesh_with(0.1, 0.0, -1.5), mesh_with(0.1, 0.0, 1.5), view=pictures.View(0.0, 0.0)))
    half = truth.shape[1] // 2
    left, right = truth[:, :half], truth[:, half:]
    assert (left[..., 0] - left[..., 2]).max() > 0.1
    assert (right[..., 2] - right[..., 0]).max() > 0.1


def test_distances_are_lengths_in_scene_units():
    mesh = pictures.PosedMesh(
        np.array([3]),
        np.array([0, 1, 2]),
        linear=np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 2.0]], dtype=np.float32),
        predicted=np.zeros((3, 3), dtype=np.float32),
        truth=np.zeros((3, 3), dtype=np.float32),
    )
    linear, predicted = pictures.distances(mesh)
    np.testing.assert_allclose(linear, [5.0, 0.0, 2.0])
    np.testing.assert_allclose(predicted, 0.0)


def test_a_perfect_prediction_of_an_unmoved_mesh_can_be_drawn(comparison):
    linear, predicted, _ = columns(comparison(mesh_with(0.0, 0.0)))
    assert redness(linear) < 0.1
    assert redness(predicted) < 0.1


def test_the_colour_scale_darkens_all_the_way_up():
    colours = np.asarray(pictures.ERROR_COLOURS(np.linspace(0.0, 1.0, 101)))[:, :3]
    brightness = colours @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) < 0.0).all()


def test_nothing_to_draw_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one pose"):
        pictures.draw_comparison([], tmp_path / "none.png")
    with pytest.raises(ValueError, match="at least one mesh"):
        pictures.draw_comparison([pictures.Pose("empty", ())], tmp_path / "none.png")
    with pytest.raises(ValueError, match="at least one curve"):
        pictures.draw_learning_curves({}, tmp_path / "none.png")
    assert not list(tmp_path.iterdir())


def curve(best=None, anchors=None):
    epochs = np.arange(1, 41)
    training = 0.2 * np.exp(-epochs / 8.0) + 0.002
    factor = 1.0 if anchors is None else np.geomspace(0.5, 2.0, anchors)[:, None]
    return pictures.Curve(epochs, training * factor, (training + 0.01) * factor, best)


def counted(picture, colour):
    """How many pixels have this colour."""
    return int((np.abs(picture - np.array(colour)) < 0.02).all(axis=2).sum())


BLUE, GREEN = (0x1F / 255, 0x5F / 255, 0xBF / 255), (0x2E / 255, 0x8B / 255, 0x57 / 255)


def test_validation_is_blue_and_training_green_and_dashed(tmp_path):
    path = tmp_path / "curves.png"
    pictures.draw_learning_curves({"differential": curve()}, path)
    picture = pixels(path)
    assert picture.shape[1] == 1600
    blue, green = counted(picture, BLUE), counted(picture, GREEN)
    assert green > 400
    assert blue > 1.2 * green


def test_the_best_epoch_is_marked_at_its_place(tmp_path):
    plain, early, late = (tmp_path / name for name in ("plain.png", "early.png", "late.png"))
    pictures.draw_learning_curves({"differential": curve()}, plain)
    pictures.draw_learning_curves({"differential": curve(best=10)}, early)
    pictures.draw_learning_curves({"differential": curve(best=30)}, late)
    marks = []
    for path in (early, late):
        changed = (pixels(path) != pixels(plain)).any(axis=2)
        marks.append(int(np.argmax(changed.sum(axis=0))))
    # 20 of 39 epochs apart, on axes whose curves take five sixths of the width.
    assert marks[1] - marks[0] == pytest.approx(1600 * 5 / 6 * 20 / 39, rel=0.1)


def test_many_anchors_become_a_band_around_their_median(tmp_path):
    one, many = tmp_path / "one.png", tmp_path / "many.png"
    pictures.draw_learning_curves({"subspaces": curve()}, one)
    pictures.draw_learning_curves({"subspaces": curve(anchors=20, best=12)}, many)
    white = [counted(pixels(path), (1.0, 1.0, 1.0)) for path in (one, many)]
    assert white[1] < 0.9 * white[0]


def test_losses_of_nothing_or_zero_leave_gaps_instead_of_failing(tmp_path):
    losses = np.array([0.2, np.nan, 0.1, 0.0])
    pictures.draw_learning_curves(
        {"differential": pictures.Curve(np.arange(1, 5), losses, losses, 3)}, tmp_path / "gaps.png"
    )
    assert (tmp_path / "gaps.png").stat().st_size > 5000
